/** How a command ends that did not succeed: one line, a hint, and an exit code that scripts can branch on. */
import pc from 'picocolors';
import { chainOf, faultOf, type Fault, type FaultKind } from '@toolfleet/kernel';

/** 1 is for what we did not foresee and 2 is what shells and commander use for wrong usage. */
export const exitCodeOf = {
  broken: 1,
  invalid: 2,
  denied: 3,
  missing: 4,
  conflict: 5,
  overloaded: 6,
  unreachable: 7,
  expired: 8,
  unauthenticated: 9,
} as const satisfies Record<FaultKind, number>;

/** Goes to standard error, so that standard output holds nothing but results. */
export function describeFailure(error: unknown, json: boolean, colours: boolean): string {
  const fault = faultOf(error);
  return json ? describeAsJson(fault) : describeAsText(fault, colours);
}

function describeAsJson(fault: Fault): string {
  const { kind, reason, message, hint, details, retryAfterMs, alternatives } = fault;
  return JSON.stringify({ error: { kind, reason, message, hint, details, retryAfterMs, alternatives } });
}

function describeAsText(fault: Fault, colours: boolean): string {
  const { bold, dim, red } = pc.createColors(colours);
  const lines = [`${red(bold('error'))} ${fault.message} ${dim(`(${fault.reason})`)}`];
  if (fault.hint !== undefined) lines.push(`${bold('hint')}  ${fault.hint}`);
  if (fault.alternatives.length > 0) lines.push(`${bold('hint')}  Known: ${fault.alternatives.join(', ')}`);
  // Only our own bugs: whoever reports one needs the causes, everyone else needs the one line.
  if (fault.kind === 'broken') lines.push(...chainOf(fault.cause).map((cause) => dim(`  caused by ${cause}`)));
  return lines.join('\n');
}
