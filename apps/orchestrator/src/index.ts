export { orchestratorSettings } from './orchestrator.config.js';
export { orchestratorRole } from './orchestrator.role.js';
