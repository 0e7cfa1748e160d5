/** What a process that runs policy needs of it. */
export { policyRole } from './policy.role.js';
