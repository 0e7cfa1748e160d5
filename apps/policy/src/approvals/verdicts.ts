/** What the model reads of a call that was not approved: who or what said no, and what to do instead. */
import type { Fault } from '@toolfleet/kernel';
import { denied, expired, limits, overloaded } from '@toolfleet/kernel';
import type { Approval } from '@toolfleet/platform/postgres';

const noRepeat = 'Do not repeat this call; go on without it or tell the user that it was refused.';

/** The model may tell the user who refused and why; both were written for that. */
export function refusedBy(approval: Approval, rule: string): Fault {
  const { obstacle } = approval;
  switch (obstacle?.type) {
    case 'askedAlready':
      return denied('APPROVAL_ASKED_ALREADY', 'The same call of this session waits for a person already.', {
        details: { rule, pendingCall: obstacle.callId },
        hint: 'Do not repeat it: what becomes of it is told as the answer to the call that was made first.',
      });
    case 'full':
      return overloaded(
        'APPROVALS_FULL',
        `At most ${obstacle.max} calls of one ${obstacle.scope} may wait for people, and as many do.`,
        {
          details: { rule, limit: String(obstacle.max), scope: obstacle.scope },
          retryAfterMs: limits.approvalsFullRetryMs,
          hint: 'Go on without it, or tell the user that it waits for others to be decided.',
        },
      );
    default: {
      const vote = approval.votes.find((one) => !one.approve);
      const details: Record<string, string> = { rule, decidedBy: vote?.approver ?? '' };
      if (vote?.comment) details['comment'] = vote.comment;
      return denied('APPROVAL_REFUSED', 'A person refused this call.', { details, hint: noRepeat });
    }
  }
}

export const nobodyDecided = (rule: string): Fault =>
  expired('APPROVAL_EXPIRED', 'Nobody approved this call in time.', { details: { rule } });
