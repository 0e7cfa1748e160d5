export { executorSettings } from './executor.config.js';
export { executorRole } from './executor.role.js';
