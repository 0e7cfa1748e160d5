/**
 * Runs any set of roles in one process: `--roles gateway,policy,router,orchestrator,executor:read`. Hops between roles stay
 * the same topics with the same guarantees; only the number of processes differs.
 */
import { parseArgs } from 'node:util';
import { main } from '@toolfleet/platform/nest';
import { rolesOf } from './roles.js';

const { values } = parseArgs({ options: { roles: { type: 'string' } } });
await main(rolesOf(values.roles ?? 'all'));
