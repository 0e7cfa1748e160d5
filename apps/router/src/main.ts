/** The router as a process of its own. */
import { main } from '@toolfleet/platform/nest';
import { routerRole } from './router.role.js';

await main([routerRole]);
