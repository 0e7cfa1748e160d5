/**
 * What must be true of a rollout and of the way back before anybody tries it, as checks over what a router answered for the
 * same sessions: as it is, with the rollout, and after a rollback.
 */
import { breakingChanges } from '../catalog/breaking-changes.js';
import type { ToolSpec } from '../catalog/manifest.js';
import { matchesAny } from '../catalog/manifest.js';
import type { ToolStanding } from '../catalog/tool-standing.js';
import type { RolloutSpec, StartingSession } from './rollout.js';
import { percentAt } from './rollout.js';

/** `noted`: true of it, and worth knowing; nothing is wrong. */
export type CheckResult = 'passed' | 'failed' | 'noted';

export interface RehearsalCheck {
  readonly check: string;
  readonly result: CheckResult;
  readonly detail: string;
}

export interface Answered extends StartingSession {
  readonly version: string;
}

/** Of the same sessions in the same order. */
export interface RehearsalAnswers {
  readonly before: readonly Answered[];
  readonly firstStep: readonly Answered[];
  readonly lastStep: readonly Answered[];
  /** As `lastStep`, asked a second time. */
  readonly again: readonly Answered[];
  readonly after: readonly Answered[];
  /** Of the tool after the rollback. */
  readonly versionsAfter: readonly { readonly version: string; readonly standing: ToolStanding }[];
}

export function rehearsalChecks(rollout: RolloutSpec, answers: RehearsalAnswers): RehearsalCheck[] {
  const { version, tenants } = rollout;
  const { before, firstStep, lastStep, again, after } = answers;
  const isFor = ({ tenant }: StartingSession) => matchesAny(tenants, tenant);
  const meant = lastStep.filter(isFor);
  const others = [...firstStep, ...lastStep].filter((one) => !isFor(one) && one.version === version);
  const given = (list: readonly Answered[]) => list.filter((one) => one.version === version);
  const lost = given(firstStep).filter(({ sessionId }) => !given(lastStep).some((one) => one.sessionId === sessionId));
  const differing = after.filter((one, at) => one.version !== before[at]?.version);
  const changed = again.filter((one, at) => one.version !== lastStep[at]?.version);
  const [first, last] = [percentAt(rollout, rollout.startsAtMs), percentAt(rollout, lastStepAtMs(rollout))];
  return [
    shareCheck('first step', given(firstStep.filter(isFor)).length, meant.length, first),
    shareCheck('last step', given(meant).length, meant.length, last),
    checkOf('nobody else tries it', others.length === 0, `${others.length} of other tenants`),
    checkOf('answers repeat', changed.length === 0, `${changed.length} of ${again.length} differ when asked again`),
    checkOf('a growing share keeps whom it has', first > last || lost.length === 0, `${lost.length} lost`),
    checkOf('a rollback goes back', differing.length === 0, `${differing.length} of ${after.length} not as before`),
    heldCheck(version, answers.versionsAfter),
  ];
}

/** So far from its mean a share of equal chances is once in ten thousand times. */
const deviations = 4;

function shareCheck(step: string, given: number, of: number, percent: number): RehearsalCheck {
  const share = percent / 100;
  const most = deviations * Math.sqrt(of * share * (1 - share)) + 1;
  const isDue = Math.abs(given - of * share) <= most;
  return checkOf(`the ${step} is its share`, isDue, `${given} of ${of} sessions, ${percent} % are due`);
}

/** What sessions have that began with the version: it must be there, and callable. */
function heldCheck(version: string, versions: RehearsalAnswers['versionsAfter']): RehearsalCheck {
  const standing = versions.find((one) => one.version === version)?.standing;
  const detail = standing === undefined ? `version ${version} is gone` : `version ${version} is ${standing}`;
  return checkOf('sessions under way keep it', standing === 'hidden' || standing === 'offered', detail);
}

export const checkOf = (check: string, isTrue: boolean, detail: string): RehearsalCheck => ({
  ...{ check, result: isTrue ? 'passed' : 'failed', detail },
});

const changesShown = 5;

/** What sessions would notice that are moved between the versions, as when the new one is archived. */
export function compatibilityChecks(current: ToolSpec, canary: ToolSpec): RehearsalCheck[] {
  const of = (check: string, from: ToolSpec, to: ToolSpec): RehearsalCheck => {
    const changes = breakingChanges(from, to).map(({ path, reason }) => `${path.join('.')} ${reason}`);
    const shown = changes.slice(0, changesShown).join('; ');
    return changes.length === 0
      ? { check, result: 'passed', detail: 'calls of the one fit the other' }
      : { check, result: 'noted', detail: `${changes.length} do not: ${shown}` };
  };
  return [
    of(`calls of ${current.version} fit ${canary.version}`, current, canary),
    of(`calls of ${canary.version} fit ${current.version}, were it archived`, canary, current),
  ];
}

export function guardCheck({ guard }: Pick<RolloutSpec, 'guard'>): RehearsalCheck {
  const check = 'a guard watches it';
  if (!guard) return { check, result: 'noted', detail: 'none: only people take it back' };
  const { errorTimes, latencyTimes, callsMin } = guard;
  const latency = latencyTimes === undefined ? '' : ` or takes ${latencyTimes} times as long`;
  return {
    check,
    result: 'passed',
    detail: `after ${callsMin} calls, if it fails ${errorTimes} times as often${latency}`,
  };
}

/** When the last step begins; at its start where there is but one. */
export function lastStepAtMs({ startsAtMs, steps }: Pick<RolloutSpec, 'startsAtMs' | 'steps'>): number {
  return steps.slice(0, -1).reduce((atMs, { minutes }) => atMs + minutes * 60_000, startsAtMs);
}
