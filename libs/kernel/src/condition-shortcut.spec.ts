/**
 * Every answer that is given without CEL is held against what CEL says to the same text. Where an answer is left to CEL is
 * asserted too: otherwise everything could be.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { parse } from '@bufbuild/cel';
import * as fc from 'fast-check';
import { CompiledCondition, ConditionInput, type HistoryReader } from './condition.js';
import { shortcutOf, unsure } from './condition-shortcut.js';

type Values = Readonly<Record<string, unknown>>;

const compiled = new Map<string, CompiledCondition>();

function conditionOf(text: string): CompiledCondition {
  const known = compiled.get(text) ?? new CompiledCondition(text);
  compiled.set(text, known);
  return known;
}

const isShort = (text: string): boolean => shortcutOf(parse(text).expr!) !== undefined;

/** In a form that no shortcut knows: an error stays one, and so does what is neither true nor false. */
function byCel(text: string, values: Values, history?: HistoryReader): boolean | undefined {
  const whole = `(${text}) ? true : false`;
  return conditionOf(whole).holds(new ConditionInput(values, history));
}

/** The answer without CEL, after it was held against CEL's. */
function answerOf(text: string, values: Values, history?: HistoryReader): boolean | undefined | typeof unsure {
  const shortcut = shortcutOf(parse(text).expr!);
  assert.ok(shortcut, `${text} has no shortcut`);
  const input = new ConditionInput(values, history);
  const answer = shortcut(input);
  const said = byCel(text, values, history);
  const about = `${text} of ${inspect(values, { depth: 5 })}`;
  if (answer !== unsure) assert.equal(answer, said, about);
  assert.equal(conditionOf(text).holds(input), said, about);
  return answer;
}

const historyOf = (count: number, sinceMs?: number): HistoryReader => ({
  count: (tool, outcome) => (tool === 'refund_order' ? count + (outcome === 'ok' ? 1 : 0) : 0),
  countClass: () => count,
  countEffect: () => count + 2,
  msSinceOk: () => sinceMs,
  userSaid: () => false,
  userAsked: () => false,
});

const signs = ['==', '!=', '<', '<=', '>', '>='];
const missing = Symbol('missing');
const texts = ['', 'a', 'b', 'ab', 'A', 'é', 'e\u0301', '😀', '\uffff', '\ud83d', '\n', '1', 'true'];
const numbers = [0, -0, 1, -1, 1.5, 2 ** 53 - 1, 2 ** 53, 2 ** 63, -1e308, 5e-324, Infinity, NaN];
const others = [null, {}, { a: 'a' }, [], ['a'], ['b', 'ab', ''], [1, 'a', 2.5], [null, 'a'], [['a']], [{}], [true]];
const everything = [...texts, ...numbers, true, false, ...others, missing];

const argsOf = (a: unknown, b: unknown): Values => ({
  args: { ...(a !== missing && { a }), ...(b !== missing && { b }) },
});
const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

describe('a condition that needs no CEL', () => {
  it('compares two values of one scalar type, and leaves any other pair to CEL', () => {
    for (const sign of signs) {
      for (const a of everything) {
        for (const b of everything) {
          const answer = answerOf(`args.a ${sign} args.b`, argsOf(a, b));
          const sure = a === missing || b === missing || (isScalar(a) && typeof a === typeof b);
          assert.equal(answer !== unsure, sure, inspect([sign, a, b]));
        }
      }
    }
  });

  it('compares with literals, whole numbers with fractions too', () => {
    const literals = ['0', '-0.0', '1', '-1', '1.5', '1e0', '9007199254740991', '-9007199254740991', '1e308', '1e400'];
    for (const sign of signs) {
      for (const literal of literals) {
        for (const a of numbers) assert.notEqual(answerOf(`args.a ${sign} ${literal}`, argsOf(a, missing)), unsure);
        for (const other of literals) assert.notEqual(answerOf(`${literal} ${sign} ${other}`, {}), unsure);
      }
      for (const a of texts) {
        for (const literal of [`'é'`, `"\\U0001F600"`, `''`, `r'\\n'`, `'\\n'`])
          assert.notEqual(answerOf(`${literal} ${sign} args.a`, argsOf(a, missing)), unsure);
      }
      for (const a of [true, false]) assert.notEqual(answerOf(`args.a ${sign} true`, argsOf(a, missing)), unsure);
    }
  });

  it('is neither true nor false where its value is neither', () => {
    for (const text of ['1', `'a'`, '1.5', `['a']`, 'args', 'args.a', 'user', `session.count('a')`])
      assert.equal(answerOf(text, { args: { a: null }, user: 'u' }, historyOf(1)), undefined);
    assert.equal(answerOf('args.a', { args: { a: true } }), true);
  });

  it('reads each variable of a call, and has no answer where one is absent', () => {
    const names = ['tenant', 'user', 'tool', 'tool_class', 'effect', 'risk'];
    for (const name of names) {
      assert.equal(answerOf(`${name} == 'x'`, { [name]: 'x' }), true);
      assert.equal(answerOf(`${name} == 'x'`, {}), undefined);
      assert.equal(answerOf(`.${name} == 'x'`, { [name]: undefined }), undefined);
    }
    assert.equal(answerOf(`'x' in roles && labels.l == 'x'`, { roles: ['x'], labels: { l: 'x' } }), true);
  });
});

describe('a member', () => {
  const paths = ['args.a', 'args.a.b', 'args.a.b.c', 'labels.a', 'args.length', 'args.a.length'];
  const inherited = [
    'args.__proto__',
    'args.constructor',
    'args.toString',
    'args.a.hasOwnProperty',
    'args.a.__proto__',
  ];
  const objects: readonly unknown[] = [
    ...[{}, { a: 'v' }, { a: null }, { a: undefined }, { a: 5 }, { a: true }, { a: ['v'] }, { a: {} }],
    ...[{ a: { b: 'v' } }, { a: { b: null } }, { a: { b: { c: 'v' } } }, { a: { b: [] } }, { a: { length: 'v' } }],
    ...[['v'], [], 'v', null, 5, undefined, Object.assign(Object.create(null) as object, { a: 'v' })],
    JSON.parse(
      '{"__proto__": "v", "constructor": "v", "toString": "v", "a": {"__proto__": "v", "hasOwnProperty": "v"}}',
    ),
  ];
  const valueAt = (root: unknown, path: string): unknown =>
    path.split('.').reduce<unknown>((value, name, at) => {
      if (at === 0) return value;
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
      return new Map<string, unknown>(Object.entries(value)).get(name);
    }, root);

  it('is one that the object has itself, and otherwise an error', () => {
    for (const path of [...paths, ...inherited]) {
      for (const object of objects) {
        const answer = answerOf(`${path} == 'v'`, { args: object, labels: object });
        const value = valueAt(object, path);
        const expected = typeof value === 'string' || value === undefined ? value && value === 'v' : unsure;
        assert.equal(answer, expected, inspect([path, object]));
      }
    }
  });

  it('is present when the object has it and it is not null', () => {
    for (const path of [...paths, ...inherited]) {
      for (const object of objects) {
        const answer = answerOf(`has(${path})`, { args: object, labels: object });
        const holder = valueAt(object, path.slice(0, path.lastIndexOf('.')));
        assert.equal(answer === unsure, holder === undefined, inspect([path, object]));
        if (holder !== undefined) assert.equal(answer, (valueAt(object, path) ?? undefined) !== undefined);
      }
    }
  });

  it('may have a name that the values of a call inherit', () => {
    assert.equal(isShort(`constructor == 'x'`) || isShort(`__proto__.x == 'x'`) || isShort('toString'), false);
  });
});

describe('what is joined by not, and, or', () => {
  const booleans = ['true', 'false', 'args.yes', 'args.no', 'args.gone', 'args.text.gone', '!args.no', '!args.gone'];
  const strange = ['args.text', 'args.none', 'args.list', '1', '!args.text'];
  const values = { args: { yes: true, no: false, text: 'true', none: null, list: [true] } };
  const forms = [
    (a: string, b: string) => `${a} && ${b}`,
    (a: string, b: string) => `${a} || ${b}`,
    (a: string, b: string) => `!(${a} && ${b}) || ${b}`,
    (a: string, b: string) => `(${a} || ${b}) && !(${b}) && ${a}`,
    (a: string, b: string) => `${a} == ${b}`,
  ];

  it('absorbs an error on either side, as CEL does', () => {
    for (const form of forms) {
      for (const a of booleans) for (const b of booleans) assert.notEqual(answerOf(form(a, b), values), unsure);
    }
    assert.equal(answerOf('args.gone || true', values), true);
    assert.equal(answerOf('true || args.gone', values), true);
    assert.equal(answerOf('args.gone && false', values), false);
    assert.equal(answerOf('args.gone || false', values), undefined);
    assert.equal(answerOf('args.gone && true', values), undefined);
  });

  it('is left to CEL where one is neither true nor false, unless it is decided before', () => {
    for (const form of forms) {
      for (const a of [...booleans, ...strange]) for (const b of strange) answerOf(form(a, b), values);
    }
    for (const text of strange) {
      assert.equal(answerOf(`${text} && false`, values), unsure);
      assert.equal(answerOf(`args.gone || ${text}`, values), unsure);
      assert.equal(answerOf(`true || ${text}`, values), true);
    }
  });
});

describe('membership', () => {
  it('is decided for a text in a list of texts and numbers', () => {
    for (const a of everything) {
      for (const list of [`[]`, `['a']`, `['b', 'ab', '']`, `['é', '\\U0001F600', '\\n']`]) {
        const answer = answerOf(`args.a in ${list}`, argsOf(a, missing));
        assert.equal(answer !== unsure, a === missing || typeof a === 'string', inspect([a, list]));
      }
      for (const b of everything) {
        const answer = answerOf(`args.a in args.b`, argsOf(a, b));
        const plain = Array.isArray(b) && b.every((element) => ['string', 'number'].includes(typeof element));
        if (a === missing || b === missing) assert.equal(answer, undefined);
        else if (typeof a === 'string' && plain) assert.equal(answer, b.includes(a));
        else assert.equal(answer, unsure, inspect([a, b]));
      }
    }
  });

  it('is decided by an element that stands before a strange one', () => {
    assert.equal(answerOf(`'a' in args.b`, argsOf(missing, ['a', null])), true);
    assert.equal(answerOf(`'b' in args.b`, argsOf(missing, ['a', null])), unsure);
  });
});

describe('a question to a text', () => {
  it('is answered for two texts, and left to CEL for anything else', () => {
    for (const method of ['startsWith', 'endsWith', 'contains']) {
      for (const a of everything) {
        for (const b of everything) {
          const answer = answerOf(`args.a.${method}(args.b)`, argsOf(a, b));
          const sure = a === missing || b === missing || (typeof a === 'string' && typeof b === 'string');
          assert.equal(answer === unsure, !sure && !(typeof a !== 'string' && b === missing), inspect([method, a, b]));
        }
      }
    }
  });

  it('finds what the patterns of CEL find', () => {
    const patterns = ['^o[0-9a-z]{3}$', '(?i)É', '', '.', '^.$', '\\\\d+', '[^a]', '(?s)^.$', '\\\\p{L}', 'a|b'];
    for (const pattern of patterns) {
      for (const a of [...everything, 'o1a2', 'xo1a2', 'o1a2\n', '٣']) {
        const answer = answerOf(`args.a.matches('${pattern}')`, argsOf(a, missing));
        assert.equal(answer !== unsure, a === missing || typeof a === 'string', inspect([pattern, a]));
      }
    }
  });
});

describe('a question to the history', () => {
  const questions = [
    "count('refund_order')",
    "count('refund_order', 'ok')",
    "count_class('x')",
    "count_effect('write')",
  ];
  const comparisons = signs.flatMap((sign) => questions.map((question) => `session.${question} ${sign} 3`));
  const within = "session.within('refund_order', duration('1m0.5s'))";

  it('says what CEL says, for every comparison of every count', () => {
    for (const text of comparisons) {
      for (let count = 0; count <= 5; count += 1) {
        for (const form of [text, `!(${text})`, `args.gone || ${text}`, `${text} && user == 'u'`])
          assert.notEqual(answerOf(form, { args: {}, user: 'u' }, historyOf(count)), unsure);
      }
    }
    assert.equal(answerOf("3 < session.count('refund_order')", {}, historyOf(4)), true);
    assert.equal(answerOf("session.count('refund_order') < args.n", { args: { n: 4.5 } }, historyOf(4)), true);
  });

  it('says what CEL says about what succeeded within a time, to the millisecond', () => {
    const times = [undefined, 0, 60_499, 60_500, 60_501];
    const answers = times.map((ms) => answerOf(within, {}, historyOf(0, ms)));
    assert.deepEqual(answers, [false, true, true, true, false]);
  });

  it('cannot be answered without a history, or by one that fails', () => {
    const gone = () => assert.fail('gone');
    const failing = { ...historyOf(0), count: gone, countClass: gone, countEffect: gone, msSinceOk: gone };
    for (const text of [...comparisons, within]) {
      assert.equal(answerOf(text, {}), undefined);
      assert.equal(answerOf(`${text} || true`, {}), true);
      assert.equal(answerOf(text, {}, failing), unsure);
      assert.equal(conditionOf(text).holds(new ConditionInput({}, failing)), undefined);
      answerOf(`${text} || true`, {}, failing);
    }
  });

  it('is left to CEL when a count is no whole number', () => {
    for (const count of [1.5, NaN, Infinity, 2 ** 60])
      assert.equal(answerOf(comparisons[0]!, {}, historyOf(count)), unsure);
  });
});

describe('what is left to CEL', () => {
  it('is every form that is not known, wherever it stands', () => {
    const forms = [
      ...["session.within('a', duration(has(args.a) ? '1s' : '2s'))", "session.within(tool, duration('1s'))"],
      ...['session.count(tool) > 3', "session.count(args.a + 'b') > 3", "session.ms_since_ok('a') > 3"],
      ...[
        "session.user_said('a')",
        "session.within('a', duration(args.time))",
        "session.within('a', duration('soon'))",
      ],
      ...["size('a') > 3", 'args.a.size() > 3', 'args.a + 1 > 3', '-args.a < 3', "args['a'] == 1", 'args.a[0] == 1'],
      ...['args.a == 9007199254740992', '9223372036854775807 > args.a', '1u == 1', "b'a' == b'a'", 'args.a == null'],
      ...[
        'args.a.all(one, one > 1)',
        '[1].exists(args, args.a == 1)',
        'args.a ? true : false',
        'other == 1',
        'int == int',
      ],
      ...['args.a.matches(args.b)', "args.a.matches('(')", "args.a.matches('(?=a)')", "matches(args.a, 'a')"],
      ...["startsWith(args.a, 'a')", "args.a.startsWith('a', 'b')", 'args.a.startsWith()', "args.a.matches('a', 'b')"],
      ...["args.a in ['a', 1]", 'args.a in [args.b]', "args.a in {'a': 1}", "'a'.b == 1", "{'a': 1}.a == 1"],
      ...['args.a.toString(args.b)', 'constructor(args.a, args.b)', 'args.a.constructor(args.b)', 'valueOf(args.a)'],
    ];
    for (const form of forms) {
      for (const text of [form, `!(${form})`, `true || ${form}`, `${form} && user == 'u'`, `(${form}) == true`])
        assert.equal(isShort(text), false, text);
    }
  });

  it('are the values of a call in the form of CEL, made once and only when it is asked', () => {
    let reads = 0;
    const args = {
      n: 1,
      get trap() {
        return (reads += 1);
      },
    };
    const input = new ConditionInput({ args, roles: ['a'] });
    for (const each of [input.aside, input]) assert.equal(conditionOf("args.n == 1 && 'a' in roles").holds(each), true);
    assert.equal(reads, 0);
    for (const each of [input.aside, input]) assert.equal(conditionOf('args.n + 1.0 == 2.0').holds(each), true);
    assert.equal(reads, 1);
  });
});

describe('any composition of known forms', () => {
  const leaf = fc.oneof(
    fc.constantFrom(
      'true',
      'false',
      'args.a',
      'args.b.c',
      'user',
      'args',
      'roles',
      '1',
      '-1.5',
      `'a'`,
      'has(args.b.c)',
    ),
    fc.constantFrom(`args.a in roles`, `args.a.matches('^a+$')`, `session.count('refund_order') > 1`, 'has(args.a)'),
  );
  const { text } = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.tuple(tie('text'), fc.constantFrom('&&', '||', '==', '!=', '<', 'in'), tie('text')).map(([a, sign, b]) => {
        return `(${a}) ${sign} (${b})`;
      }),
      tie('text').map((inner) => `!(${inner})`),
      fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a}).startsWith(${b})`),
    ),
  }));
  const json = fc.oneof(fc.constantFrom('a', 'aa', '', true, false, 1, -1.5, null), fc.jsonValue());

  it('says what CEL says', () => {
    const values = fc.record({
      args: fc.record({ a: json, b: fc.oneof(json, fc.record({ c: json })) }, { requiredKeys: [] }),
    });
    const numRuns = 2_000;
    let answered = 0;
    fc.assert(
      fc.property(text, values, fc.array(json), fc.option(fc.nat(3)), (condition, { args }, roles, count) => {
        const history = count === null ? undefined : historyOf(count);
        if (answerOf(condition, { args, roles, user: 'a' }, history) !== unsure) answered += 1;
      }),
      { numRuns },
    );
    assert.ok(answered > numRuns / 4, `${answered} answered without CEL`);
  });
});
