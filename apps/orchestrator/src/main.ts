import { main } from '@toolfleet/platform/nest';
import { orchestratorRole } from './orchestrator.role.js';

await main([orchestratorRole]);
