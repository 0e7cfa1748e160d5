/**
 * Flags: tools that some tenants' sessions are given and others are not, or a share of them. The answer follows from the manifest
 * and the key that a flag is sticky by: the same key is always answered alike, by every router, and whoever a growing share has
 * stays in it. What a flag cannot answer is told with a code, and never guessed.
 */
import type { AgentSpec, Catalogue, ToolSpec } from '../catalog/manifest.js';
import { matchesAny } from '../catalog/manifest.js';
import { currentTools } from '../catalog/tool-versions.js';
import type { Fault } from '../fault.js';
import { denied } from '../fault.js';
import { placeOf } from '../rollout/rollout.js';

/** Whose share a percentage is: a flag answers alike whatever has the same key. */
export const flagSubjects = ['session', 'user', 'tenant'] as const;

export type FlagSubject = (typeof flagSubjects)[number];

export interface FlagSpec {
  readonly name: string;
  /** Names or globs: each is given to the sessions that the flag says true of, unless another flag says false. */
  readonly tools: readonly string[];
  /** What each variant says: true gives the tools, false keeps them back. */
  readonly variants: Readonly<Record<string, boolean>>;
  /** Where no rule fits, and where nobody can be asked. */
  readonly defaultVariant: string;
  readonly stickyBy: FlagSubject;
  /** The first that fits decides. */
  readonly rules: readonly FlagRule[];
}

export interface FlagRule {
  /** Names or globs. */
  readonly tenants: readonly string[];
  /** Names or globs. */
  readonly agents: readonly string[];
  /** Of what the flag is sticky by; the others go on to the next rule. */
  readonly percent: number;
  readonly variant: string;
}

/** What is known of whom a flag is evaluated for; the targeting key is the session. */
export interface FlagContext {
  readonly targetingKey?: string | undefined;
  readonly tenant?: string | undefined;
  readonly agent?: string | undefined;
  readonly user?: string | undefined;
}

/** The words of OpenFeature, so that its clients are told what they know. */
export type FlagReason = 'STATIC' | 'TARGETING_MATCH' | 'SPLIT' | 'DEFAULT';
export type FlagErrorCode = 'FLAG_NOT_FOUND' | 'TARGETING_KEY_MISSING' | 'INVALID_CONTEXT';

export type FlagAnswer =
  | { readonly variant: string; readonly value: boolean; readonly reason: FlagReason; readonly error?: undefined }
  | { readonly error: FlagErrorCode; readonly message: string };

export function evaluateFlag(flag: FlagSpec | undefined, context: FlagContext): FlagAnswer {
  if (!flag) return { error: 'FLAG_NOT_FOUND', message: 'The catalogue has no such flag.' };
  const { name, rules } = flag;
  const { tenant, agent = '' } = context;
  if (rules.length === 0) return answerOf(flag, flag.defaultVariant, 'STATIC');
  if (tenant === undefined) return { error: 'INVALID_CONTEXT', message: 'No tenant is named.' };
  let isSplit = false;
  for (const { tenants, agents, percent, variant } of rules) {
    if (!matchesAny(tenants, tenant) || !matchesAny(agents, agent)) continue;
    if (percent >= 100) return answerOf(flag, variant, isSplit ? 'SPLIT' : 'TARGETING_MATCH');
    const key = keyOf(flag, context);
    if (!key) return { error: 'TARGETING_KEY_MISSING', message: 'A share needs a key to be sticky by.' };
    isSplit = true;
    if (placeOf(name, key) < percent) return answerOf(flag, variant, 'SPLIT');
  }
  return answerOf(flag, flag.defaultVariant, isSplit ? 'SPLIT' : 'DEFAULT');
}

const answerOf = ({ variants }: FlagSpec, variant: string, reason: FlagReason): FlagAnswer => ({
  ...{ variant, reason },
  value: variants[variant] ?? false,
});

/** A session of nobody is a user of its own. */
function keyOf({ stickyBy }: FlagSpec, { targetingKey, tenant, user }: FlagContext): string | undefined {
  if (stickyBy === 'tenant') return tenant;
  return stickyBy === 'user' && user ? `${tenant}/${user}` : targetingKey;
}

/** The value where nobody can be asked. */
export const defaultOf = ({ variants, defaultVariant }: FlagSpec): boolean => variants[defaultVariant] ?? false;

/** The tools of an agent that depend on flags. */
export interface GatedTools {
  /** Each with those tools that are kept back when it says false. */
  readonly flags: readonly { readonly flag: FlagSpec; readonly tools: readonly ToolSpec[] }[];
  /** Which need a flag that nobody has written. */
  readonly withoutFlag: readonly string[];
}

export function gatedTools(catalogue: Catalogue, agent: Pick<AgentSpec, 'tools'>): GatedTools {
  const flags = catalogue.all('Flag').toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const globs = flags.some(({ tools }) => tools.some((name) => name.includes('*')));
  const needy = currentTools(catalogue).filter(({ needsFlag }) => needsFlag);
  const candidates = globs ? currentTools(catalogue) : [];
  const visible = ({ name }: ToolSpec) => matchesAny(agent.tools, name);
  const gated = flags.flatMap((flag) => {
    // Hardly any flag has globs; a plain name is looked up, however many tools there are.
    const named = flag.tools.some((name) => name.includes('*'))
      ? candidates.filter(({ name }) => matchesAny(flag.tools, name))
      : flag.tools.flatMap((name) => catalogue.get('Tool', name) ?? []);
    const tools = named.filter(visible);
    return tools.length === 0 ? [] : [{ flag, tools }];
  });
  const covered = new Set(gated.flatMap(({ tools }) => tools.map(({ name }) => name)));
  const withoutFlag = needy.filter((tool) => visible(tool) && !covered.has(tool.name)).map(({ name }) => name);
  return { flags: gated, withoutFlag };
}

/** What a flag said of a session, or that nobody could be asked. */
export type FlagVerdict = boolean | 'unknown';

/** Names that are kept back: a flag says so, or is not known and its default, or the tool itself, wants it so. */
export function toolsKeptBack(
  { flags, withoutFlag }: GatedTools,
  verdictOf: (flag: FlagSpec) => FlagVerdict,
): ReadonlySet<string> {
  const back = new Set(withoutFlag);
  for (const { flag, tools } of flags) {
    const verdict = verdictOf(flag);
    for (const { name, needsFlag } of tools) {
      const isGiven = verdict === 'unknown' ? defaultOf(flag) && !needsFlag : verdict;
      if (!isGiven) back.add(name);
    }
  }
  return back;
}

/** What a call ends in of a tool that the session was not given because of its flag. */
export const flagOffFault = (tool: string): Fault =>
  denied('FLAG_OFF', `The tool ${tool} is not switched on for this session.`, {
    hint: 'Do not repeat this call; go on with the tools you were given, or tell the user that this one is not available.',
  });
