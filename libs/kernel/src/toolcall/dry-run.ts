/**
 * A dry run is everything but the effect: rules, approvals, receipts, quotas, arguments and credentials are those of a real
 * call, and the write is not sent. Whoever asks for it, session, tenant or tool, is heard; what was judged as one stays one.
 */
import type { TenantSpec, ToolSpec } from '../catalog/manifest.js';
import { hexDigestOf } from '../ids.js';
import type { SessionRequest } from '../session/session.js';
import type { Observation, WouldHaveDone } from './observation.js';
import type { ToolCall } from './tool-call.js';

/** A read changes nothing, so it runs. */
export const isDryRun = (
  tool: Pick<ToolSpec, 'effect' | 'dryRun'>,
  request: Pick<SessionRequest, 'dryRun'>,
  tenant: Pick<TenantSpec, 'dryRun'> | undefined,
): boolean => tool.effect === 'write' && (request.dryRun ?? tenant?.dryRun ?? tool.dryRun ?? false);

/** What a driver would have asked for. */
export type CallPlan = Omit<WouldHaveDone, 'argumentsDigest'>;

/** Two hundred of them in an outcome are below half a record, in whatever script. */
const pathCharsMax = 500;

/** No model can take it for done: that it was not is the first thing it reads. */
export function rehearsed(call: ToolCall, plan: CallPlan, startedAtMs: number, finishedAtMs: number): Observation {
  const path = plan.path.slice(0, pathCharsMax);
  const note =
    'This is a dry run: the call is allowed and was NOT sent. Nothing was changed. Do not say that it was done.';
  const text = { dryRun: true, done: false, note, wouldHaveDone: { tool: call.tool, ...plan, path } };
  const result = Buffer.from(JSON.stringify(text));
  return {
    callId: call.callId,
    outcome: 'ok',
    result,
    contentType: 'application/json',
    startedAtMs,
    finishedAtMs,
    resultBytes: result.byteLength,
    wouldHaveDone: { argumentsDigest: hexDigestOf(call.arguments), ...plan, path },
  };
}
