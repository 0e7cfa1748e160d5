/**
 * What a document lets one conclude about class, effect and risk. All of it is a guess for a reviewer to confirm, except
 * for what the document says in our own annotations.
 */
import type { Effect } from '../toolcall/observation.js';
import type { Guess } from '../imports/imported.js';
import type { JsonObject } from './document.js';

const effects: readonly unknown[] = ['read', 'write'] satisfies Effect[];
const tiers: readonly unknown[] = ['low', 'medium', 'high'] satisfies Guess['riskTier'][];

/** `x-toolfleet-effect` and `x-toolfleet-risk` go before the method; `x-openai-isConsequential` raises the risk. */
export function guessOf(method: string, operation: JsonObject): Guess {
  const from = [method];
  const said = (name: string, known: readonly unknown[]) => {
    if (!known.includes(operation[name])) return undefined;
    from.push(name);
    return operation[name];
  };
  const effect = (said('x-toolfleet-effect', effects) ?? (method === 'GET' ? 'read' : 'write')) as Effect;
  const tier = said('x-toolfleet-risk', tiers) as Guess['riskTier'] | undefined;
  const consequential = said('x-openai-isConsequential', [true]) === true;
  const riskTier = tier ?? (consequential || method === 'DELETE' ? 'high' : effect === 'read' ? 'low' : 'medium');
  return { toolClass: effect, effect, riskTier, guessedFrom: from.join(', ') };
}
