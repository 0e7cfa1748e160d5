import { environmentVariable } from '@toolfleet/platform/config';
import { main } from '@toolfleet/platform/nest';
import { executorRole } from './executor.role.js';

const classes = environmentVariable('TOOL_CLASS')?.split(',') ?? ['read'];
await main([executorRole(classes)]);
