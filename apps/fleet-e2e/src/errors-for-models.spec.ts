/**
 * Every reason that a tool call can end with, read from the sources that a model hears of, has its advice; and what a model
 * reads holds nothing of the inside. `docs/errors-for-models.md` is made from the same table: TOOLFLEET_WRITE_DOCS=1 writes it.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Advice, FaultKind } from '@toolfleet/kernel';
import {
  Fault,
  advices,
  degraded,
  detailsFor,
  faultKinds,
  faultOf,
  harmless,
  outcomeOf,
  outcomes,
  refused,
  retryOf,
  textForModel,
} from '@toolfleet/kernel';

const root = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Where the faults are made that end a call. */
const sources = [
  'libs/kernel/src/{catalog/tool-standing,policy/judge,session/decide,policy/quota/*,toolcall/*,shaping/*}.ts',
  'libs/platform/src/{http,mcp,breaker,quota}/*.ts',
  'libs/platform/src/postgres/{foreign-*,artifact-store,effect-ledger}.ts',
  'libs/platform/src/grpc/{foreign-grpc,grpc-status,reflect-descriptors}.ts',
  'apps/executor/src/{*,drivers/*}.ts',
  'apps/policy/src/approvals/*.ts',
];
/** Told to whoever decides on an approval, never to a model. */
const ofApprovers = new Set(['APPROVAL_UNKNOWN', 'APPROVER_IS_REQUESTER', 'APPROVER_UNNAMED']);

const made =
  /\b(?:invalid|denied|missing|conflict|overloaded|unreachable|expired|broken|refuse|flaw|unsent|end)\(\s*'([A-Z][A-Z0-9_]+)'/g;

function reasonsMade(): string[] {
  const files = sources
    .flatMap((pattern) => globSync(pattern, { cwd: root('') }))
    .filter((path) => !/\.(?:spec|fixture|bench|contract)\.ts$/.test(path));
  assert.ok(files.length > 60, `only ${files.length} sources were found`);
  const found = files.flatMap((path) =>
    [...readFileSync(root(path), 'utf8').matchAll(made)].map(([, reason]) => reason!),
  );
  return [...new Set(found)].filter((reason) => !ofApprovers.has(reason)).toSorted();
}

const known = new Map(
  Object.entries<Advice>(advices).flatMap(([name, advice]) => advice.reasons.map((reason) => [reason, name] as const)),
);

interface Told {
  readonly error: string;
  readonly kind: FaultKind;
  readonly reason: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly hint: string;
  readonly alternatives?: readonly string[];
}
const read = (fault: Fault, outcome?: (typeof outcomes)[number]): Told =>
  JSON.parse(textForModel(refused('s:1:0', fault, outcome))) as Told;

const planted = {
  host: 'db-7.prod.internal:5432',
  url: 'https://ann:hunter2@10.0.0.7:8443/v1?token=abcdef123456',
  bearer: 'Bearer abcdefghijklmnop',
  key: 'sk-live_abcdefghijklmnop',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
  password: 'password=hunter2',
  frame: 'at Object.run (/srv/toolfleet/run-call.js:12:34)',
  python: 'File "/srv/app.py", line 12, in run',
};
const leak = /hunter2|prod\.internal|10\.0\.0\.7|abcdef|eyJ|run-call\.js|app\.py|5432/;

describe('an error that a model reads', () => {
  it('has an advice of its own class for every reason that can end a call', () => {
    const without = reasonsMade().filter((reason) => !known.has(reason));
    assert.deepEqual(without, [], 'give each of these a class in libs/kernel/src/toolcall/advice.ts');
  });

  it('has one class only', () => {
    const all = Object.values<Advice>(advices).flatMap(({ reasons }) => reasons);
    assert.equal(all.length, new Set(all).size);
  });

  for (const [reason, name] of known) {
    it(`says what to do: ${reason} (${name})`, () => {
      for (const kind of faultKinds) {
        const told = read(new Fault(kind, reason, 'It did not work.', { cause: new Error(planted.frame) }));
        assert.deepEqual([told.kind, told.reason, told.retryable], [kind, reason, retryOf[kind] !== 'never']);
        assert.equal(told.hint, advices[name as keyof typeof advices].hint);
        assert.ok(told.error.length > 0);
      }
    });
  }

  it('says when to come back wherever a part of the fleet or an upstream is away', () => {
    for (const kind of ['overloaded', 'unreachable'] as const) {
      const told = read(degraded('upstream', new Fault(kind, 'UPSTREAM_SATURATED', 'Full.')));
      assert.ok(told.retryable && told.retryAfterMs! > 0 && told.hint);
    }
  });

  it('never advises a second try of what may have happened', () => {
    const told = read(
      new Fault('unreachable', 'UPSTREAM_CONNECTION_LOST', 'Lost.', { retryAfterMs: 5 }),
      'indeterminate',
    );
    assert.deepEqual([told.retryable, told.retryAfterMs], [false, undefined]);
    assert.match(told.hint, /check with a read before/);
  });

  it('keeps the hint and the alternatives that its fault knows', () => {
    const told = read(new Fault('missing', 'UNKNOWN_TOOL', 'No.', { hint: 'Call look.', alternatives: ['look'] }));
    assert.deepEqual([told.hint, told.alternatives], ['Call look.', ['look']]);
  });

  it('holds no stack, host or secret of its cause, of a stranger, of its details or of its message', () => {
    for (const text of Object.values(planted)) {
      for (const kind of faultKinds) {
        const cause = new Error(text, { cause: new Error(text) });
        const details = { problems: 'id is missing', host: text, sent: text, code: text, upstream: text, status: text };
        const fault = new Fault(kind, 'UPSTREAM_FAILED', `It failed: ${text}`, { cause, details });
        for (const outcome of outcomes.filter((one) => one !== 'ok')) {
          const shown = textForModel(refused('s:1:0', fault, outcome));
          assert.doesNotMatch(shown, leak, `${kind} ${outcome} ${text}`);
        }
      }
      assert.doesNotMatch(textForModel(refused('s:1:0', faultOf(new TypeError(text)))), leak);
    }
  });

  it('is told as it is when it holds none', () => {
    const texts = [
      'The quota of 60 calls in 60 s is used up.',
      'The arguments of get_order do not fit its parameters.',
      'A delivered order cannot be cancelled at 10:30.',
      'At most 32 calls are run per turn.',
    ];
    for (const text of texts) assert.equal(harmless(text), text);
    assert.deepEqual(detailsFor({ problems: '/url must match "^https://x"', code: 'ENOTFOUND', sent: 'no' }), {
      problems: '/url must match "^https://x"',
    });
  });

  it('is cleaned in linear time', () => {
    for (const piece of ['a.', 'at (', '1.', 'a-', 'eyJ.', 'x://', 'token=', 'File "']) {
      const started = performance.now();
      harmless(piece.repeat(50_000));
      assert.ok(performance.now() - started < 2_000, piece);
    }
  });
});

describe('docs/errors-for-models.md', () => {
  it('shows the table that is in force', () => {
    const path = root('docs/errors-for-models.md');
    const text = page();
    if (process.env['TOOLFLEET_WRITE_DOCS']) writeFileSync(path, text);
    assert.equal(
      readFileSync(path, 'utf8'),
      text,
      'write it anew: TOOLFLEET_WRITE_DOCS=1 npm test -- errors-for-models',
    );
  });
});

function page(): string {
  const classes = Object.entries<Advice>(advices).map(
    ([name, { means, hint, reasons }]) =>
      `### ${name}\n\n${means}\n\n- Hint: ${hint}\n- Reasons: ${reasons.map((reason) => `\`${reason}\``).join(', ')}\n`,
  );
  const kinds = faultKinds.map((kind) => `- \`${kind}\`: retry ${retryOf[kind]}, outcome \`${outcomeOf[kind]}\``);
  return `# What a model reads when a call did not succeed

<!-- Made from libs/kernel/src/toolcall/advice.ts by apps/fleet-e2e/src/errors-for-models.spec.ts. Do not edit. -->

One JSON object with the same keys every time:

\`\`\`json
{
  "error": "The arguments of get_order do not fit its parameters.",
  "kind": "invalid",
  "outcome": "failed",
  "reason": "ARGUMENTS_INVALID",
  "retryable": false,
  "hint": "Correct the arguments and call again: order_id is missing.",
  "details": { "problems": "order_id is missing" }
}
\`\`\`

\`retryAfterMs\` and \`alternatives\` stand there when they are known, \`result\` when the tool itself said something. A hint that
comes with the fault goes before the one of its class. Of \`details\` only those are told that mean something to a model. The words
of causes, stack traces, addresses and secrets are never told; what looks like one is \`${'[removed]'}\`. The words of a tool in
\`result\` are the tool's own. A write whose end nobody knows is \`indeterminate\`, never retryable.

## Kinds

${kinds.join('\n')}

## Classes

${classes.join('\n')}`;
}
