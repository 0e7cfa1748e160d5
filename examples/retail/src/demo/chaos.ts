/** Kills a random process of the fleet again and again until it is told to stop: the fleet must not mind. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FleetProcesses } from './fleet.js';

export interface Chaos {
  /** How often a process was killed so far. */
  readonly kills: number;
  stop(): Promise<void>;
}

export interface ChaosOptions {
  readonly fleet: FleetProcesses;
  readonly everyMs: number;
  readonly onKill: (name: string) => void;
}

export function startChaos({ fleet, everyMs, onKill }: ChaosOptions): Chaos {
  const ended = new AbortController();
  let kills = 0;
  const running = killUntil(ended.signal);
  // A kill that fails is told by `stop`; until then it must not end this process.
  running.catch(() => undefined);

  async function killUntil(signal: AbortSignal): Promise<void> {
    while (await waited(everyMs, signal)) {
      const names = fleet.processes();
      const name = names[Math.floor(Math.random() * names.length)];
      if (name === undefined) continue;
      kills += 1;
      onKill(name);
      // One after another is the point: the next victim is chosen when this one is dead.
      // oxlint-disable-next-line no-await-in-loop
      await fleet.kill(name);
    }
  }

  return {
    get kills() {
      return kills;
    },
    stop: async () => {
      ended.abort();
      await running;
    },
  };
}

/** False when the wait was cut short. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
