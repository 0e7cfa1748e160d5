/** One record of a class topic becomes one observation in its session's inbox. */
import { Controller, Inject } from '@nestjs/common';
import type { AuditRecord, Observation, ToolCall } from '@toolfleet/kernel';
import { callDigestOf, digestOf, effectFactsOf, invalid, receiptIssuers } from '@toolfleet/kernel';
import { decodeToolCall } from '@toolfleet/contracts';
import { Outlet } from '@toolfleet/platform/bus';
import { BusPattern, type BusRecord, type Delivery } from '@toolfleet/platform/kafka';
import { CallMetrics } from './call-metrics.js';
import { QueueAge } from './queue-age.js';
import { CallRunner } from './run-call.js';
import { RunningCalls } from './running-calls.js';

export const EXECUTOR = Symbol('executor');

@Controller()
export class ToolCallHandler {
  constructor(
    @Inject(CallRunner) private readonly runner: CallRunner,
    @Inject(QueueAge) private readonly queueAge: QueueAge,
    @Inject(RunningCalls) private readonly running: RunningCalls,
    @Inject(Outlet) private readonly outlet: Outlet,
    @Inject(CallMetrics) private readonly metrics: CallMetrics,
  ) {}

  @BusPattern('toolcall', EXECUTOR)
  async handle(record: BusRecord, delivery: Delivery): Promise<void> {
    const call = decodeToolCall(record.value);
    // A true receipt is for its own class: elsewhere other executors, credentials and limits would serve the call.
    if (record.topic !== this.outlet.names.ofClass(call.toolClass)) {
      throw invalid('CALL_ON_WRONG_TOPIC', `The call is of the class ${call.toolClass}, and this is ${record.topic}.`);
    }
    const shed = this.queueAge.shed(call, record, delivery);
    const { observation, kept } = await this.running.with(
      call.callId,
      (cancelled) => this.runner.run(call, delivery.signal, cancelled, shed),
      call,
    );
    const { tenant, sessionId } = call;
    // A read may have been sent before its call was durable: what was run goes along, so that it answers no other call.
    const answer = call.effect === 'read' ? { ...observation, callDigest: callDigestOf(call) } : observation;
    const body = { type: 'observation', observation: answer } as const;
    const told = this.outlet.inbox({ tenant, sessionId, body }, 'taken');
    // Both in one produce. They are looked at below, unless the ledger makes this try a failure first.
    const sent = Promise.all([told, this.outlet.audit(auditOf(call, observation))]);
    sent.catch(() => undefined);
    // The next write on this key may run once the effect is in the ledger; it need not wait for the bus.
    await kept;
    delivery.finishWhen(sent);
    this.metrics.settled(call, observation);
  }
}

function auditOf(call: ReturnType<typeof decodeToolCall>, observation: Observation): AuditRecord {
  const { tenant, sessionId, tool, toolVersion, idempotencyKey, user, agent, effect } = call satisfies ToolCall;
  // What was begun had a receipt that holds, so that is of these arguments.
  const wasBegun = observation.startedAtMs > 0;
  const argumentsDigest = (wasBegun && call.receipt?.argumentsDigest) || digestOf(call.arguments);
  const tellsDecision = call.receipt?.issuer === receiptIssuers.atOnce;
  return {
    tenant,
    sessionId,
    recordedBy: 'executor',
    actor: user,
    agent,
    tool,
    toolVersion,
    effect,
    argumentsDigest,
    policyRevision: call.receipt?.policyRevision ?? '',
    rule: call.receipt?.rule ?? '',
    idempotencyKey,
    ...effectFactsOf(observation, { argumentsDigest, tellsDecision }),
  };
}
