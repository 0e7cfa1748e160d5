/** Runs a short-lived program to its end, bounded in time; its output is only kept to explain a failure. */
import { broken, expired } from '@toolfleet/kernel';
import { ChildProcess, type ChildOptions } from './child-process.js';

export interface RunOptions extends ChildOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Resolves with the lines printed when the program ends with code 0; otherwise a fault carries its last lines. */
export async function runTool(options: RunOptions): Promise<readonly string[]> {
  options.signal?.throwIfAborted();
  const child = await ChildProcess.start(options);
  let late = false;
  const end = (): void => child.signal('SIGKILL');
  const timer = setTimeout(() => {
    late = true;
    end();
  }, options.deadlineMs);
  options.signal?.addEventListener('abort', end, { once: true });
  const { code, signal } = await child.exited;
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', end);
  options.signal?.throwIfAborted();
  if (code === 0) return child.tail;
  const lines = child.tail.join('\n');
  if (late) throw expired('TOOL_TIMED_OUT', `${options.name} took longer than ${options.deadlineMs} ms:\n${lines}`);
  throw broken('TOOL_FAILED', `${options.name} ended with ${signal ?? `exit code ${code}`}:\n${lines}`);
}
