/** The replay model as a program: `--port N --conversations FILE... --latency-ms N`; ends on SIGINT or SIGTERM. */
import { parseArgs } from 'node:util';
import { chainOf } from '@toolfleet/kernel';
import { startReplayModel } from './replay-model.js';

const usage = 'usage: main.js --conversations FILE [FILE...] [--port N] [--host ADDRESS] [--latency-ms N]';

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      conversations: { type: 'string', multiple: true, default: [] },
      'latency-ms': { type: 'string', default: '0' },
    },
  });
  const [port, latencyMs] = [Number(values.port), Number(values['latency-ms'])];
  const conversationFiles = [...values.conversations, ...positionals];
  if (conversationFiles.length === 0 || !Number.isInteger(port) || !(latencyMs >= 0)) throw new Error(usage);
  const model = await startReplayModel({ conversationFiles, port, latencyMs, host: values.host });
  process.stdout.write(`replay model on ${model.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void model.close());
} catch (error) {
  process.stderr.write(`${chainOf(error).join('\n')}\n`);
  process.exitCode = 1;
}
