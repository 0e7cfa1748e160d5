/** Policy as a process of its own. */
import { main } from '@toolfleet/platform/nest';
import { policyRole } from './policy.role.js';

await main([policyRole]);
