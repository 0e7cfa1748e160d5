import { environmentVariable } from '@toolfleet/platform/config';
import { main } from '@toolfleet/platform/nest';
import { executorRole } from './executor.role.js';

const classes = (environmentVariable('TOOL_CLASS') ?? 'read')
  .split(',')
  .map((name) => name.trim())
  .filter((name) => name !== '');
await main([executorRole(classes)]);
