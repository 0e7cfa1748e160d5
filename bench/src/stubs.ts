/** The stub model and tools as a child process, so that what they cost is told apart from the fleet and from the load. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { unreachable } from '@toolfleet/kernel';

export interface StubAddresses {
  /** With `/v1`, as an OpenAI-compatible endpoint is named. */
  readonly modelUrl: string;
  readonly toolsUrl: string;
}

export interface RunningStubs extends StubAddresses {
  readonly pid: number;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('stubs-main.js', import.meta.url));
/** It starts in 0.1 s; a machine that starts a fleet beside it may take longer. */
const startDeadlineMs = 10_000;

export async function startStubs(signal: AbortSignal): Promise<RunningStubs> {
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  const timeout = AbortSignal.timeout(startDeadlineMs);
  try {
    const [message] = await once(child, 'message', { signal: AbortSignal.any([signal, timeout]) });
    const { modelUrl, toolsUrl } = message as StubAddresses;
    return { modelUrl, toolsUrl, pid: child.pid ?? 0, stop };
  } catch (cause) {
    await stop();
    if (signal.aborted) throw signal.reason;
    throw unreachable('STUBS_NOT_STARTED', 'The stub model and tools did not start.', { cause });
  }
}
