/** What a tool declares about its effects: it must be about effects, and its reads must exist and be askable. */
import type { DeclaredRead, ToolSpec } from '@toolfleet/kernel';
import { compileCondition, faultOf, upstreamNameOf } from '@toolfleet/kernel';
import { unknownPlaceholders } from '@toolfleet/kernel/effects';
import { checkSelect } from '@toolfleet/kernel/shaping';
import type { PlacedManifest, Problem, Report } from './read-manifests.js';

export function checkEffects(spec: ToolSpec, tools: ReadonlyMap<string, ToolSpec>, report: Report): void {
  const { reconcile, versionCheck, conflictScope, conflictKey, effect } = spec;
  for (const field of ['reconcile', 'versionCheck', 'conflictScope'] as const) {
    if (spec[field] !== undefined && effect !== 'write') report(['spec', field], 'is for writes');
  }
  if (conflictScope !== undefined && conflictKey === undefined)
    report(['spec', 'conflictScope'], 'needs a conflictKey');
  if (conflictScope === 'upstream' && upstreamNameOf(spec) === undefined) {
    report(['spec', 'conflictScope'], 'needs a tool with a destination');
  }
  if (reconcile) {
    checkRead(spec, reconcile, ['spec', 'reconcile'], tools, report);
    for (const field of ['done', 'failed'] as const)
      checkCondition(reconcile[field], ['spec', 'reconcile', field], report);
  }
  if (versionCheck) checkVersion(spec, tools, report);
}

/** Two writes of one resource that hold it under different names would not wait for each other. */
export function checkScopes(tools: readonly PlacedManifest<'Tool'>[]): Problem[] {
  const seen = new Map<string, ToolSpec>();
  return tools.flatMap(({ manifest: { spec }, problem }) => {
    const { conflictKey, conflictScope = 'tenant' } = spec;
    if (conflictKey === undefined) return [];
    const resource = `${upstreamNameOf(spec) ?? ''}/${conflictKey}`;
    const other = seen.get(resource) ?? spec;
    seen.set(resource, other);
    if ((other.conflictScope ?? 'tenant') === conflictScope) return [];
    return [problem(['spec', 'conflictScope'], `is another than that of ${other.name}, which has the same key`)];
  });
}

function checkVersion(spec: ToolSpec, tools: ReadonlyMap<string, ToolSpec>, report: Report): void {
  const { argument, when, current, read } = spec.versionCheck!;
  const at = ['spec', 'versionCheck'];
  if (!(argument in propertiesOf(spec))) report([...at, 'argument'], `there is no parameter ${argument}`);
  for (const [field, text] of Object.entries({ when, current })) {
    if (text !== undefined) attempt(() => checkSelect(text), [...at, field], report);
  }
  if (read && current === undefined) report([...at, 'current'], 'is required beside read');
  if (read) checkRead(spec, read, [...at, 'read'], tools, report);
  if ((spec.driver === 'mcp' || spec.driver === 'builtin') && when === undefined) {
    report([...at, 'when'], `is required: tools of the driver ${spec.driver} have no other way to say it`);
  }
}

function checkRead(
  spec: ToolSpec,
  read: DeclaredRead,
  at: readonly PropertyKey[],
  tools: ReadonlyMap<string, ToolSpec>,
  report: Report,
): void {
  for (const name of unknownPlaceholders(read, Object.keys(propertiesOf(spec)))) {
    report([...at, 'arguments'], `there is no parameter {${name}}`);
  }
  const tool = tools.get(read.tool);
  if (!tool) return report([...at, 'tool'], `there is no Tool ${JSON.stringify(read.tool)}`);
  if (tool.effect !== 'read') report([...at, 'tool'], 'is a write: only a read may be asked');
  // Executors of the write's class reach its own destination, with its credential; of others nobody knows that.
  if (upstreamNameOf(tool) !== upstreamNameOf(spec))
    report([...at, 'tool'], 'is of another destination than the write');
  const { required = [], additionalProperties } = tool.parameters as {
    required?: readonly string[];
    additionalProperties?: unknown;
  };
  for (const name of required) {
    if (!Object.hasOwn(read.arguments, name))
      report([...at, 'arguments'], `the parameter ${name} of ${tool.name} is required`);
  }
  for (const name of Object.keys(read.arguments)) {
    const isKnown = name in propertiesOf(tool) || additionalProperties !== false;
    if (!isKnown) report([...at, 'arguments', name], `${tool.name} has no such parameter`);
  }
}

function checkCondition(condition: string | undefined, at: readonly PropertyKey[], report: Report): void {
  if (condition !== undefined) attempt(() => void compileCondition(condition), at, report, 'is not valid CEL: ');
}

function attempt(work: () => void, at: readonly PropertyKey[], report: Report, prefix = ''): void {
  try {
    work();
  } catch (error) {
    report(at, prefix + faultOf(error).message);
  }
}

const propertiesOf = ({ parameters }: ToolSpec) => (parameters['properties'] ?? {}) as Record<string, unknown>;
