/**
 * Who and what the simulated sessions are about: tenants, a catalogue with every kind of tool, rules that allow, deny and
 * send to review, and a model that proposes anything at all.
 */
import type { Manifest, ToolSpec } from '../catalog/manifest.js';
import { Catalogue } from '../catalog/manifest.js';
import { findToolsName } from '../toolcall/fleet-tools.js';
import { bundleOf, CompiledPolicy } from '../policy/rules.js';
import type { JudgeContext } from '../policy/judge.js';
import type { ModelAnswer, ProposedCall } from '../session/message.js';
import { ReceiptKey } from '../toolcall/receipt-key.js';
import { ArgumentValidators } from '../toolcall/schema.js';
import type { Random } from './random.js';

export const tenants = ['acme', 'globex', 'initech'] as const;
export const offeredTools = ['look', 'list', 'charge', 'update', 'wipe', 'secret'] as const;
export const receiptKey = new ReceiptKey('k1', Buffer.alloc(32, 7));

const parameters = {
  type: 'object',
  properties: { id: { type: 'integer', minimum: 0 } },
  required: ['id'],
  additionalProperties: false,
};

function tool(name: string, effect: 'read' | 'write', idempotent: boolean): Manifest {
  const spec: ToolSpec = {
    name,
    version: '1',
    owner: 'shop',
    description: name,
    parameters,
    toolClass: effect,
    effect,
    riskTier: 'low',
    conflictKey: effect === 'write' ? 'item:{id}' : undefined,
    idempotent,
    timeoutMs: 2_000,
    observation: { bytesMax: 1_000 },
    driver: 'builtin',
    builtin: name,
  };
  return { kind: 'Tool', spec };
}

const catalogue = new Catalogue();
for (const manifest of [
  tool('look', 'read', true),
  tool('list', 'read', true),
  tool('hidden', 'read', true),
  tool('charge', 'write', false),
  tool('update', 'write', true),
  tool('wipe', 'write', false),
  tool('secret', 'read', true),
]) {
  catalogue.put(manifest);
}

const rule = { tenants: [], roles: [], when: '', reason: '', approversNeeded: 1 };
const policy = new CompiledPolicy(
  bundleOf(
    [
      { ...rule, name: 'all', effect: 'allow', tools: ['*'] },
      { ...rule, name: 'no-secrets', effect: 'deny', tools: ['secret'] },
      { ...rule, name: 'ask-before-wiping', effect: 'review', tools: ['wipe'] },
    ],
    0,
  ),
);

export const judgeContext: Omit<JudgeContext, 'nowMs'> = { catalogue, policy, validators: new ArgumentValidators() };

export const isIdempotent = (name: string): boolean => catalogue.get('Tool', name)?.idempotent ?? false;

/** Its tool can be asked whether a lost call happened. */
export const isReconcilable = (name: string): boolean => name === 'charge';

/** Two answers to the same question differ: a model that is asked again after a crash has changed its mind. */
export function modelAnswer(random: Random): ModelAnswer {
  const count = random.chance(0.35) ? 0 : random.between(1, 5);
  const toolCalls = Array.from({ length: count }, (_, index) => proposal(random, index));
  return {
    text: `thought ${random.between(0, 999)}`,
    toolCalls,
    finishReason: count ? 'tool_calls' : 'stop',
    usage: { inputTokens: random.between(1, 100), outputTokens: random.between(1, 20) },
  };
}

const names = [...offeredTools, 'look', 'look', 'list', 'charge', 'charge', 'update', 'lokk', 'hidden', findToolsName];

function proposal(random: Random, index: number): ProposedCall {
  const name = random.pick(names);
  const id = random.between(0, 99);
  const good = name === findToolsName ? '{"query":"more"}' : `{"id":${id}}`;
  const broken = random.pick(['{"id":', '{"id":-1}', '[]', '{"id":1,"why":2}']);
  return { id: `p${index}`, name, arguments: random.chance(0.08) ? broken : good };
}
