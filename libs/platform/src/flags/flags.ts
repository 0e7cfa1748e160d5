/**
 * What flags say of a session, asked through OpenFeature, so that any provider may answer. Whatever a provider does, an answer is
 * there in time: one that fails, is late or says something else than true or false is `unknown`, which is counted, and told in
 * the log once until it answers again.
 */
import type { Client, EvaluationDetails, Provider } from '@openfeature/server-sdk';
import { NOOP_PROVIDER, OpenFeature } from '@openfeature/server-sdk';
import type { FlagContext, FlagSpec, FlagVerdict } from '@toolfleet/kernel';
import { chainOf, defaultOf, limits } from '@toolfleet/kernel';
import type { Logger } from '../telemetry/log.js';
import type { Counter, Metrics } from '../telemetry/metrics.js';
import { endsWithin, waitFor } from '../waits.js';

export interface FlagsOptions {
  readonly provider: Provider;
  readonly metrics: Pick<Metrics, 'meter'>;
  readonly log: Logger;
  /** For all flags that are asked together. */
  readonly withinMs?: number;
}

/** OpenFeature is one for its process; each of these has a provider of its own under a name of its own. */
let domains = 0;
/** A provider that has not come up by then goes on trying; until then all is unknown. */
const readyWithinMs = 5_000;

const silent = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

export class Flags {
  readonly #domain = `toolfleet-${(domains += 1)}`;
  readonly #client: Client;
  readonly #counted: Counter;
  /** Flags whose failure is in the log. */
  readonly #told = new Set<string>();

  constructor(private readonly options: FlagsOptions) {
    this.#client = OpenFeature.getClient(this.#domain).setLogger(silent);
    this.#counted = options.metrics.meter.createCounter('toolfleet_flag_evaluations', {
      description: 'Answers of flags about sessions, by variant and reason.',
    });
  }

  async start(): Promise<void> {
    const { provider, log } = this.options;
    const ready = OpenFeature.setProviderAndWait(this.#domain, provider);
    const told = ready.catch((error: unknown) => log.error({ causes: chainOf(error) }, 'flags cannot be asked'));
    if (!(await endsWithin(told, readyWithinMs))) log.error({ readyWithinMs }, 'flags cannot be asked yet');
  }

  async stop(): Promise<void> {
    await OpenFeature.setProviderAndWait(this.#domain, NOOP_PROVIDER);
  }

  /** Of each flag; never rejects. */
  async verdictsOf(flags: readonly FlagSpec[], context: FlagContext): Promise<(flag: FlagSpec) => FlagVerdict> {
    const verdicts = new Map<FlagSpec, FlagVerdict>();
    const known = Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined));
    let isOver = false;
    const ask = async (flag: FlagSpec): Promise<void> => {
      const details = await this.#client.getBooleanDetails(flag.name, defaultOf(flag), known);
      // What comes too late has been counted as that.
      if (!isOver) verdicts.set(flag, this.#verdictOf(flag, details));
    };
    const withinMs = this.options.withinMs ?? limits.flagsAskedMs;
    await waitFor(Promise.allSettled(flags.map(ask)), { withinMs }).catch(() => undefined);
    isOver = true;
    for (const flag of flags) if (!verdicts.has(flag)) this.#unknown(flag, 'TIMEOUT', 'It does not answer in time.');
    return (flag) => verdicts.get(flag) ?? 'unknown';
  }

  #verdictOf(flag: FlagSpec, details: EvaluationDetails<boolean>): FlagVerdict {
    const { value, variant = '', reason = 'UNKNOWN', errorCode, errorMessage = '' } = details;
    if (errorCode !== undefined) return this.#unknown(flag, errorCode, errorMessage);
    if (typeof value !== 'boolean') return this.#unknown(flag, 'TYPE_MISMATCH', 'It says neither true nor false.');
    this.#told.delete(flag.name);
    this.#count(flag, Object.hasOwn(flag.variants, variant) ? variant : 'other', reason);
    return value;
  }

  #unknown(flag: FlagSpec, code: string, message: string): 'unknown' {
    this.#count(flag, flag.defaultVariant, code);
    if (this.#told.has(flag.name)) return 'unknown';
    this.#told.add(flag.name);
    this.options.log.error({ flag: flag.name, code, message }, 'a flag has no answer: its default counts');
    return 'unknown';
  }

  /** Flags and variants are of the catalogue; reasons are few, whatever a provider says. */
  #count({ name: flag }: FlagSpec, variant: string, reason: string): void {
    this.#counted.add(1, { flag, variant, reason: reasons.has(reason) ? reason : 'OTHER' });
  }
}

const reasons: ReadonlySet<string> = new Set([
  ...['STATIC', 'DEFAULT', 'TARGETING_MATCH', 'SPLIT', 'CACHED', 'STALE', 'DISABLED', 'UNKNOWN', 'TIMEOUT'],
  ...['PROVIDER_NOT_READY', 'PROVIDER_FATAL', 'FLAG_NOT_FOUND', 'PARSE_ERROR', 'TYPE_MISMATCH'],
  ...['TARGETING_KEY_MISSING', 'INVALID_CONTEXT', 'GENERAL'],
]);
