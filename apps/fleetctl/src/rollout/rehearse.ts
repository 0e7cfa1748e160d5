/**
 * A rollout and the way back, as the router that is live would have them, for sessions that are recorded and some that are made up.
 * All of it is judged and nothing applied: the router works out both catalogues beside the live one.
 */
import type { GivenVersions, SetFile, SetFiles } from '@toolfleet/contracts';
import type { Answered, RehearsalCheck, StartingSession } from '@toolfleet/kernel';
import {
  compatibilityChecks,
  matchesAny,
  guardCheck,
  lastStepAtMs,
  limits,
  missing,
  rehearsalChecks,
} from '@toolfleet/kernel';
import { refuse } from '../catalog-problems.js';
import type { RouterApi } from '../router-api.js';
import type { RolloutHere } from './rollout-here.js';
import { withRollout, withoutRollout } from './set-edit.js';

export interface Rehearsal {
  readonly rollout: string;
  readonly tool: string;
  readonly version: string;
  readonly current: string;
  /** Of those that are recorded, and of those that are made up. */
  readonly recorded: number;
  readonly madeUp: number;
  readonly checks: readonly RehearsalCheck[];
}

/** Of a share of one in a hundred ten are expected. */
const madeUpCount = 1_000;

export async function rehearse(
  here: RolloutHere,
  present: SetFiles,
  {
    router,
    sample,
    json,
  }: { readonly router: RouterApi; readonly sample: number; readonly json?: boolean | undefined },
): Promise<Rehearsal> {
  const { spec, set, current, canary } = here;
  const recorded = (await router.giveVersions({ ...asked(spec.tool), sample })).given;
  const sessions = [...recorded, ...madeUp(here)].slice(0, limits.rolloutSessionsMax);
  const give = async (atMs: number, files?: readonly SetFile[]): Promise<GivenVersions> => {
    const question = { ...asked(spec.tool), sessions, atMs, ...(files && { set, files }) };
    const answer = await router.giveVersions(question);
    refuse(answer.problems, json);
    return answer;
  };
  const applied = withRollout(present.files, here);
  const rolledBack = withoutRollout(applied, spec.name);
  // With a rollout that is live sessions differ already: what they are to go back to is the current version.
  const before = here.isLive ? allOf(sessions, current.version) : (await give(0)).given;
  const firstStep = (await give(spec.startsAtMs, applied)).given;
  const lastStep = (await give(lastStepAtMs(spec), applied)).given;
  const again = (await give(lastStepAtMs(spec), applied)).given;
  const after = await give(0, rolledBack);
  const answers = { before, firstStep, lastStep, again, after: after.given, versionsAfter: after.versions };
  return {
    ...{ rollout: spec.name, tool: spec.tool, version: canary.version, current: current.version },
    ...{ recorded: recorded.length, madeUp: sessions.length - recorded.length },
    checks: [...rehearsalChecks(spec, answers), ...compatibilityChecks(current, canary), guardCheck(spec)],
  };
}

const asked = (tool: string) => ({ tool, sessions: [], sample: 0, atMs: 0, set: '', files: [] });

const allOf = (sessions: readonly StartingSession[], version: string): Answered[] =>
  sessions.map((session) => ({ ...session, version }));

/** Of tenants that the rollout is for; recorded sessions may be few, and of others. */
function madeUp({ spec, catalogue }: RolloutHere): StartingSession[] {
  const tenants = catalogue.all('Tenant').flatMap(({ name }) => (matchesAny(spec.tenants, name) ? [name] : []));
  if (tenants.length === 0) throw missing('TENANTS_MISSING', 'The rollout is for tenants that are not there.');
  return Array.from({ length: madeUpCount }, (_, at) => ({
    tenant: tenants[at % tenants.length]!,
    sessionId: `rehearsal-${at}`,
  }));
}
