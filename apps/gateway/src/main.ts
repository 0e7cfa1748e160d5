/** The gateway as a process of its own. */
import { main } from '@toolfleet/platform/nest';
import { gatewayRole } from './gateway.role.js';

await main([gatewayRole]);
