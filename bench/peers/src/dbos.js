/**
 * DBOS Transact in one process on Postgres: a session is a workflow, each model call and each tool call a step, the steps
 * of a turn begun in order and awaited together. Log level `error`, the rest is as by default.
 */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { runSession } from './agent.js';
import { serveSessions } from './serve.js';

DBOS.setConfig({
  name: 'toolfleet-bench',
  applicationVersion: '1',
  systemDatabaseUrl: process.env['PEER_DATABASE_URL'] ?? '',
  logLevel: 'error',
});
const session = DBOS.registerWorkflow(
  /** @param {string} input */
  (input) => runSession(input, { step: (name, work) => DBOS.runStep(work, { name }) }),
  { name: 'session' },
);
await DBOS.launch();
await serveSessions(async ({ sessionId, input }) => {
  const handle = await DBOS.startWorkflow(session, { workflowID: sessionId })(input);
  return handle.getResult();
});
