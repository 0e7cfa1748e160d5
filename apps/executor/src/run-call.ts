/**
 * One allowed call from receipt to observation. The receipt is verified before anything else; a read runs as often as it is
 * delivered, a write once, through the effect ledger (`write-call.ts`). A dry run writes nothing, not even there.
 */
import type { AuthorisationReceipt, Fault, ReceiptKey, ToolCall, ToolSpec } from '@toolfleet/kernel';
import {
  missing,
  readArtifactName,
  readArtifactToolOf,
  receiptFault,
  refused,
  takenAwayFault,
  toolVersionOf,
} from '@toolfleet/kernel';
import type { EffectLedger, EffectOwner, OpenEffects } from '@toolfleet/platform/postgres';
import type { CallAttemptsOptions } from './attempt-call.js';
import { CallAttempts } from './attempt-call.js';
import type { CallEnd } from './call-end.js';
import { deniedEnd, keptEnd, stamped } from './call-end.js';
import { Reconciler } from './reconciler.js';
import { WriteCalls } from './write-call.js';

export interface RunCallOptions extends CallAttemptsOptions {
  readonly ledger: EffectLedger;
  readonly open: Pick<OpenEffects, 'note'>;
  readonly receiptKeys: readonly ReceiptKey[];
  readonly owner: EffectOwner;
  /** What a call ends in that a kill switch stops. */
  readonly killed?: (call: ToolCall, nowMs: number) => Fault | undefined;
}

export class CallRunner {
  readonly #attempts: CallAttempts;
  readonly #writes: WriteCalls;
  /** Of writes whose end this process was not told. */
  readonly reconciler: Reconciler;

  constructor(private readonly options: RunCallOptions) {
    const { ledger, open, owner } = options;
    const attempts = new CallAttempts(options);
    this.#attempts = attempts;
    this.reconciler = new Reconciler({ ...options, attempts });
    this.#writes = new WriteCalls({ ledger, open, owner, attempts, reconciler: this.reconciler });
  }

  /**
   * `owned` aborts when this process may no longer answer for the call: then it rejects and nothing is settled. `cancelled`
   * aborts when the session no longer wants the call. `shed`: what the call ends in, unless it was begun already.
   */
  async run(
    call: ToolCall & { readonly receipt?: AuthorisationReceipt },
    owned: AbortSignal,
    cancelled: AbortSignal,
    shed?: Fault,
  ): Promise<CallEnd> {
    const forged = receiptFault(call, this.options.receiptKeys, Date.now());
    const write = call.effect === 'write';
    // A genuine write that comes late may have been begun in time: only the ledger knows.
    if (forged && !(write && forged.kind === 'expired')) return keptEnd(deniedEnd(call, forged));
    const tool = this.#toolOf(call);
    const gone = !tool || tool.version !== call.toolVersion || tool.effect !== call.effect;
    const killed = this.options.killed?.(call, Date.now());
    const isShed = shed !== undefined && !cancelled.aborted && Date.now() < call.deadlineAtMs;
    const fault = gone
      ? goneFault(call, tool)
      : (killed ?? takenAwayFault(tool, this.options.catalogue, Date.now()) ?? (isShed ? shed : undefined));
    const barred = forged ? deniedEnd(call, forged) : fault && stamped(refused(call.callId, fault));
    if (call.dryRun)
      return keptEnd(barred ?? (await this.#attempts.rehearse({ call, tool: tool!, owned, cancelled })).observation);
    if (write) {
      return this.#writes.run({ call, tool: forged || gone || killed ? undefined : tool, barred, owned, cancelled });
    }
    return keptEnd(barred ?? (await this.#attempts.run({ call, tool: tool!, owned, cancelled })).observation);
  }

  #toolOf({ tool, toolVersion, toolClass }: ToolCall): ToolSpec | undefined {
    if (tool === readArtifactName) return readArtifactToolOf(toolClass);
    const { catalogue } = this.options;
    return toolVersionOf(catalogue, tool, toolVersion) ?? catalogue.get('Tool', tool);
  }
}

/** Between a proposal and its run the catalogue may have moved on. */
function goneFault({ tool: name }: ToolCall, tool: ToolSpec | undefined): Fault {
  if (!tool) return missing('TOOL_GONE', `The tool ${name} is no longer in the catalogue.`);
  return missing('TOOL_VERSION_GONE', `The tool ${name} is another version than the one that was called.`);
}
