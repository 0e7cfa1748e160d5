/**
 * The stub model and tools as a child process, so that what they cost is told apart from the fleet and from the load. How
 * they behave is switched over the channel between the two processes.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { unreachable } from '@toolfleet/kernel';
import { prompt, type StubBehaviour, type StubHang } from './stub-behaviour.js';

export interface StubAddresses {
  /** With `/v1`, as an OpenAI-compatible endpoint is named. */
  readonly modelUrl: string;
  readonly toolsUrl: string;
}

export interface StubOrder {
  readonly id: number;
  readonly target: string;
  readonly behaviour: StubBehaviour;
}

export type StubWord =
  | { readonly type: 'ready'; readonly addresses: StubAddresses }
  | { readonly type: 'behaves'; readonly id: number }
  | { readonly type: 'hang'; readonly hang: StubHang };

export interface RunningStubs extends StubAddresses {
  readonly pid: number;
  /** Resolves when requests that arrive from now on meet the behaviour. */
  behave(target: string, behaviour: StubBehaviour): Promise<void>;
  /** Every target answers at once again. */
  calm(): Promise<void>;
  /** Returns what ends the listening. */
  onHang(listener: (hang: StubHang) => void): () => void;
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
    const [word] = (await once(child, 'message', { signal: AbortSignal.any([signal, timeout]) })) as [StubWord];
    if (word.type !== 'ready') throw unreachable('STUBS_NOT_STARTED', 'The stubs spoke before they were ready.');
    return { ...word.addresses, pid: child.pid ?? 0, ...channelTo(child), stop };
  } catch (cause) {
    await stop();
    if (signal.aborted) throw signal.reason;
    throw unreachable('STUBS_NOT_STARTED', 'The stub model and tools did not start.', { cause });
  }
}

function channelTo(child: ChildProcess): Pick<RunningStubs, 'behave' | 'calm' | 'onHang'> {
  const listeners = new Set<(hang: StubHang) => void>();
  const orders = new Map<number, PromiseWithResolvers<void>>();
  let lastId = 0;
  child.on('message', (word: StubWord) => {
    if (word.type === 'hang') for (const listener of listeners) listener(word.hang);
    if (word.type !== 'behaves') return;
    orders.get(word.id)?.resolve();
    orders.delete(word.id);
  });
  child.once('exit', () => {
    for (const order of orders.values()) order.reject(unreachable('STUBS_ENDED', 'The stubs have ended.'));
  });
  const told = new Set<string>();
  const behave = (target: string, behaviour: StubBehaviour): Promise<void> => {
    const order = Promise.withResolvers<void>();
    const id = (lastId += 1);
    orders.set(id, order);
    told.add(target);
    child.send({ id, target, behaviour } satisfies StubOrder);
    return order.promise;
  };
  return {
    behave,
    calm: async () => {
      await Promise.all(Array.from(told, (target) => behave(target, prompt)));
    },
    onHang: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
