/**
 * Flags of the live catalogue as an OpenFeature provider. It keeps nothing: each answer is of the catalogue as it is, so a change
 * counts as soon as the topic has brought it, and listeners are told of it. Flags say true or false; whoever asks for anything else
 * is told TYPE_MISMATCH.
 */
import type { EvaluationContext, JsonValue, Provider, ResolutionDetails } from '@openfeature/server-sdk';
import { ErrorCode, OpenFeatureEventEmitter, ProviderEvents, TypeMismatchError } from '@openfeature/server-sdk';
import type { FlagContext, FlagErrorCode } from '@toolfleet/kernel';
import { evaluateFlag } from '@toolfleet/kernel';
import type { LiveCatalogue } from '../bus/live-catalogue.js';

const codes = {
  FLAG_NOT_FOUND: ErrorCode.FLAG_NOT_FOUND,
  TARGETING_KEY_MISSING: ErrorCode.TARGETING_KEY_MISSING,
  INVALID_CONTEXT: ErrorCode.INVALID_CONTEXT,
} as const satisfies Record<FlagErrorCode, ErrorCode>;

const keyPrefix = 'Flag/';

export class CatalogueFlagProvider implements Provider {
  readonly metadata = { name: 'toolfleet-catalogue' } as const;
  readonly runsOn = 'server';
  readonly events = new OpenFeatureEventEmitter();
  #stopListening: (() => void) | undefined;

  constructor(private readonly live: Pick<LiveCatalogue, 'catalogue' | 'onRecord'>) {}

  async initialize(): Promise<void> {
    this.#stopListening = this.live.onRecord((key) => {
      if (!key.startsWith(keyPrefix)) return;
      this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [key.slice(keyPrefix.length)] });
    });
  }

  async onClose(): Promise<void> {
    this.#stopListening?.();
  }

  async resolveBooleanEvaluation(
    name: string,
    defaultValue: boolean,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    const answer = evaluateFlag(this.live.catalogue.get('Flag', name), contextOf(context));
    if (answer.error !== undefined) {
      return { value: defaultValue, reason: 'ERROR', errorCode: codes[answer.error], errorMessage: answer.message };
    }
    const { value, variant, reason } = answer;
    return { value, variant, reason };
  }

  resolveStringEvaluation(name: string): Promise<ResolutionDetails<string>> {
    return mismatch(name);
  }

  resolveNumberEvaluation(name: string): Promise<ResolutionDetails<number>> {
    return mismatch(name);
  }

  resolveObjectEvaluation<T extends JsonValue>(name: string): Promise<ResolutionDetails<T>> {
    return mismatch(name);
  }
}

const mismatch = (name: string): Promise<never> =>
  Promise.reject(new TypeMismatchError(`The flag ${name.slice(0, 64)} says true or false.`));

/** A context may hold anything under any name. */
function contextOf(context: EvaluationContext): FlagContext {
  const text = (name: string) => (typeof context[name] === 'string' ? context[name] : undefined);
  return { targetingKey: text('targetingKey'), tenant: text('tenant'), agent: text('agent'), user: text('user') };
}
