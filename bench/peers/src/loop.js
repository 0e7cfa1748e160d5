/** The floor: the plain loop, nothing durable. What it costs is the model, the tools and HTTP. */
import { runSession } from './agent.js';
import { serveSessions } from './serve.js';

await serveSessions(({ input }) => runSession(input, { step: (_name, work) => work() }));
