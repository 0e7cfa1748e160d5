/** Flags, from their manifests to the catalogue. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlagSpec } from '@toolfleet/kernel';
import { limits } from '@toolfleet/kernel';
import type { LoadOptions } from './load-catalogue.js';
import { loadCatalogue, textOfProblem } from './load-catalogue.js';

const options: LoadOptions = {
  toolClasses: ['read'],
  variable: () => undefined,
  variablesAllowed: [],
  ofOperators: () => true,
};
const head = 'apiVersion: toolfleet.dev/v1\nkind';
const tool = `---\n${head}: Tool\nmetadata: { name: refund, owner: shop }
spec: { description: Refund., class: read, effect: read, driver: builtin, builtin: echo, needsFlag: true }\n`;
const tenant = `---\n${head}: Tenant\nmetadata: { name: acme }\nspec: {}\n`;
const flag = (spec: string, name = 'refunds') => `---\n${head}: Flag\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`;

function problemsOf(text: string): string[] {
  const result = loadCatalogue([{ path: 'shop.yaml', text }], options);
  return result.ok ? [] : result.problems.map(textOfProblem);
}

test('a flag without more says off to everybody, and its rules say on', () => {
  const result = loadCatalogue(
    [{ path: 'a.yaml', text: tool + tenant + flag('tools: [refund], rules: [{ percent: 5 }]') }],
    options,
  );
  const spec = result.ok && result.catalogue.manifests.find(({ kind }) => kind === 'Flag')?.spec;
  const expected: FlagSpec = {
    ...{ name: 'refunds', tools: ['refund'], variants: { on: true, off: false }, defaultVariant: 'off' },
    ...{ stickyBy: 'session', rules: [{ tenants: ['*'], agents: ['*'], percent: 5, variant: 'on' }] },
  };
  assert.deepEqual(spec, expected);
});

test('a flag that names what is not there, a share that is none, or a variant that it has not, is refused', () => {
  const wrong: [string, RegExp][] = [
    ['tools: [refnud]', /spec\.tools\[?\.?0\]?: there is no Tool "refnud"/],
    ['tools: []', /spec\.tools/],
    ['tools: [refund], rules: [{ tenants: [amce] }]', /spec\.rules.*tenants.*: there is no Tenant "amce"/],
    ['tools: [refund], rules: [{ agents: [desk] }]', /spec\.rules.*agents.*: there is no Agent "desk"/],
    ['tools: [refund], rules: [{ percent: 101 }]', /spec\.rules.*percent/],
    ['tools: [refund], rules: [{ percent: -1 }]', /spec\.rules.*percent/],
    ['tools: [refund], rules: [{ variant: maybe }]', /spec\.rules.*variant: maybe is none of on, off/],
    ['tools: [refund], defaultVariant: maybe', /spec\.defaultVariant: maybe is none of on, off/],
    ['tools: [refund], variants: { on: 1 }', /spec\.variants/],
    ['tools: [refund], variants: { a: true }', /spec\.defaultVariant: off is none of a/],
    ['tools: [refund], stickyBy: moon', /spec\.stickyBy/],
  ];
  for (const [spec, reason] of wrong) assert.match(problemsOf(tool + tenant + flag(spec))[0] ?? '', reason, spec);
  assert.deepEqual(problemsOf(tool + tenant + flag("tools: ['ref*'], rules: [{ tenants: ['beta-*', acme] }]")), []);
});

test('only the hand of a tool keeps it back, and operators', () => {
  const files = [
    { path: 'a/tool.yaml', text: tool },
    { path: 'b/flag.yaml', text: flag("tools: ['ref*']") },
  ];
  const of = (ofOperators: boolean) => {
    const handOf = (file: string) => file.split('/')[0]!;
    const result = loadCatalogue(files, { ...options, handOf, ofOperators: () => ofOperators });
    return result.ok ? [] : result.problems.map(textOfProblem);
  };
  assert.match(of(false)[0] ?? '', /Flag\/refunds spec\.tools.*: refund is another set’s to keep back/);
  assert.deepEqual(of(true), []);
});

test('a fleet has a bounded number of flags', () => {
  const many = Array.from({ length: limits.flagsMax + 1 }, (_, at) => flag('tools: [refund]', `f${at}`)).join('');
  assert.match(problemsOf(tool + many)[0] ?? '', /at most 200 flags/);
});
