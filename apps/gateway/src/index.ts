/** What a process that runs the gateway needs of it. */
export { gatewayRole } from './gateway.role.js';
