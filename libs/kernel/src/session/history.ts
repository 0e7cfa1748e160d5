/**
 * What a session remembers of its calls for rules and storms: counts of all of them, by tool, and the newest as they were.
 * `evolve` keeps it, so it comes back with the events; it grows with the tools a session was shown, never with its calls.
 */
import type { HistoryReader } from '../condition.js';
import { globMatches } from '../catalog/manifest.js';
import { limits } from '../limits.js';
import { fleetToolNames } from '../toolcall/fleet-tools.js';
import type { Effect, Observation, Outcome } from '../toolcall/observation.js';
import { outcomes } from '../toolcall/observation.js';
import type { Message } from './message.js';
import type { CallState, JudgedCall } from './session.js';
import { UserWords } from './user-words.js';

/** Of one tool, in one class and effect. */
export interface ToolTally {
  /** Empty: of all tools that the session was not shown, together. */
  readonly tool: string;
  readonly toolClass: string;
  readonly effect: Effect;
  readonly proposed: number;
  /** Let through, and not known to have come to nothing: done, perhaps done, or still on the way. */
  readonly taken: number;
  readonly ended: Readonly<Partial<Record<Outcome, number>>>;
  readonly lastOkAtMs?: number | undefined;
}

/** One call with its end, whose texts the conversation holds anyway. */
export interface RecentCall {
  readonly tool: string;
  readonly arguments: string;
  readonly effect: Effect;
  readonly outcome: Outcome;
  /** Why it was not `ok`. */
  readonly reason?: string | undefined;
  /** What the model was told. */
  readonly text: string;
}

export interface SessionHistory {
  readonly tallies: readonly ToolTally[];
  /** The newest, in the model's order. */
  readonly recent: readonly RecentCall[];
}

export const noHistory: SessionHistory = { tallies: [], recent: [] };

/** Of a session: models invent names without end, and only those it was shown are counted one by one. */
type ShownTools = readonly string[];

const nameOf = ({ tool }: JudgedCall, shown: ShownTools): string =>
  shown.includes(tool) || fleetToolNames.includes(tool) ? tool : '';

/** What was done, or what nobody can rule out. */
const mayHaveHappened: ReadonlySet<Outcome> = new Set(['ok', 'indeterminate']);

/** A call as it was proposed and judged. */
export function withProposed(history: SessionHistory, call: JudgedCall, shown: ShownTools): SessionHistory {
  const taken = call.disposition === 'refuse' ? 0 : 1;
  return withTally(history, call, shown, (tally) => ({
    ...tally,
    proposed: tally.proposed + 1,
    taken: tally.taken + taken,
  }));
}

/** How a call ended; `presumed`: nobody said so, and it may still turn out to have been done. */
export function withEnd(
  history: SessionHistory,
  call: JudgedCall,
  { outcome }: Pick<Observation, 'outcome'>,
  atMs: number,
  presumed: boolean,
  shown: ShownTools,
): SessionHistory {
  const wasTaken = call.disposition !== 'refuse';
  const givenBack = wasTaken && !presumed && !mayHaveHappened.has(outcome) ? 1 : 0;
  return withTally(history, call, shown, (tally) => ({
    ...tally,
    taken: tally.taken - givenBack,
    ended: { ...tally.ended, [outcome]: (tally.ended[outcome] ?? 0) + 1 },
    ...(outcome === 'ok' && { lastOkAtMs: atMs }),
  }));
}

/** The true end of a call whose end was presumed. */
export function withLateEnd(
  history: SessionHistory,
  call: JudgedCall,
  was: Outcome,
  { outcome }: Pick<Observation, 'outcome'>,
  atMs: number,
  shown: ShownTools,
): SessionHistory {
  return withTally(history, call, shown, (tally) => {
    const ended = { ...tally.ended, [was]: Math.max(0, (tally.ended[was] ?? 0) - 1) };
    return {
      ...tally,
      taken: tally.taken - (mayHaveHappened.has(outcome) ? 0 : 1),
      ended: { ...ended, [outcome]: (ended[outcome] ?? 0) + 1 },
      ...(outcome === 'ok' && { lastOkAtMs: atMs }),
    };
  });
}

/** The calls of a turn whose ends are all known, beside what the model is told of them. */
export function withTurn(
  history: SessionHistory,
  calls: readonly CallState[],
  texts: readonly string[],
): SessionHistory {
  const ended = calls.map(({ call, observation }, index): RecentCall => {
    const reason = observation?.refusal?.reason;
    return {
      ...{ tool: call.tool, arguments: call.arguments, effect: call.effect },
      outcome: observation?.outcome ?? 'indeterminate',
      ...(reason !== undefined && { reason }),
      text: texts[index] ?? '',
    };
  });
  return { ...history, recent: [...history.recent, ...ended].slice(-limits.recentCallsKept) };
}

function withTally(
  history: SessionHistory,
  call: JudgedCall,
  shown: ShownTools,
  change: (tally: ToolTally) => ToolTally,
): SessionHistory {
  const tool = nameOf(call, shown);
  const { toolClass, effect } = call;
  const isIts = (tally: ToolTally) =>
    tally.tool === tool && (tool === '' || (tally.toolClass === toolClass && tally.effect === effect));
  const tallies = [...history.tallies];
  const known = tallies.findIndex(isIts);
  if (known >= 0) tallies[known] = change(tallies[known]!);
  else tallies.push(change({ tool, toolClass, effect, proposed: 0, taken: 0, ended: {} }));
  return { tallies, recent: history.recent };
}

/** A misspelt outcome would count nothing, and a rule that limits by it would never deny. */
const countable: ReadonlySet<string> = new Set([...outcomes, 'open', 'any']);

/** The history as rules ask it, at one moment. */
export class HistoryAt implements HistoryReader {
  #words: UserWords | undefined;

  /** `messages`: the conversation, of which rules ask what the user said. */
  constructor(
    private readonly history: SessionHistory,
    private readonly now: number,
    private readonly messages: readonly Message[],
  ) {}

  userSaid(text: string): boolean {
    return (this.#words ??= new UserWords(this.messages)).said(text);
  }

  userAsked(pattern: string): boolean {
    return (this.#words ??= new UserWords(this.messages)).asked(pattern);
  }

  count(tool: string, outcome?: string): number {
    return this.#sum(({ tool: name }) => globMatches(tool, name), outcome);
  }

  countClass(toolClass: string): number {
    return this.#sum((tally) => tally.toolClass === toolClass);
  }

  countEffect(effect: string): number {
    return this.#sum((tally) => tally.effect === effect);
  }

  msSinceOk(tool: string): number | undefined {
    const times = this.history.tallies.flatMap(({ tool: name, lastOkAtMs }) =>
      lastOkAtMs !== undefined && globMatches(tool, name) ? [lastOkAtMs] : [],
    );
    return times.length === 0 ? undefined : Math.max(0, this.now - Math.max(...times));
  }

  #sum(isMeant: (tally: ToolTally) => boolean, outcome?: string): number {
    if (outcome !== undefined && !countable.has(outcome)) throw new TypeError(`There is no outcome ${outcome}.`);
    return this.history.tallies.reduce((sum, tally) => sum + (isMeant(tally) ? countIn(tally, outcome) : 0), 0);
  }
}

function countIn({ proposed, taken, ended }: ToolTally, outcome: string | undefined): number {
  if (outcome === undefined) return taken;
  if (outcome === 'any') return proposed;
  if (outcome === 'open') return proposed - Object.values(ended).reduce((sum, count) => sum + count, 0);
  return ended[outcome as Outcome] ?? 0;
}
