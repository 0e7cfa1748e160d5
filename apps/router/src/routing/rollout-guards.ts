/**
 * Takes a version back that fails too often. Counts are those that the audit adds up, the same for every router, so each comes to
 * the same verdict and none has to be told. A rollout that was taken back stays so until its manifest changes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditRecord, Catalogue, RolloutSpec } from '@toolfleet/kernel';
import { breaksGuard, chainOf, firstDayOf } from '@toolfleet/kernel';
import type { ToolUsageStore } from '@toolfleet/platform/postgres';
import type { Logger } from '@toolfleet/platform/telemetry';

export interface RolloutGuardsOptions {
  readonly catalogue: Catalogue;
  readonly usage: Pick<ToolUsageStore, 'usageSince'>;
  readonly audit: (record: AuditRecord) => Promise<void>;
  readonly log: Logger;
  readonly everyMs?: number;
}

/** The roll-up follows calls within seconds; a question of one small table. */
const everyMsDefault = 5_000;
/** What failed longer ago says little of a version that goes on. */
const countedDays = 7;

export class RolloutGuards {
  readonly #broken = new Set<RolloutSpec>();
  readonly #stopped = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(private readonly options: RolloutGuardsOptions) {}

  start(): void {
    this.#loop = this.#follow();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  /** How many are taken back now. */
  get takenBack(): number {
    return this.#broken.size;
  }

  isBroken(name: string): boolean {
    if (this.#broken.size === 0) return false;
    const rollout = this.options.catalogue.get('Rollout', name);
    return rollout !== undefined && this.#broken.has(rollout);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopped;
    const { everyMs = everyMsDefault, log } = this.options;
    while (!signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- one look after another
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      // oxlint-disable-next-line no-await-in-loop
      await this.#look().catch((error: unknown) =>
        log.warn({ causes: chainOf(error) }, 'rollouts are not guarded now'),
      );
    }
  }

  async #look(): Promise<void> {
    const { catalogue, usage } = this.options;
    const all = catalogue.all('Rollout');
    for (const one of this.#broken) if (!all.includes(one)) this.#broken.delete(one);
    const guarded = all.filter((one) => one.guard && !this.#broken.has(one));
    if (guarded.length === 0) return;
    const nowMs = Date.now();
    const { tools } = await usage.usageSince(firstDayOf({ nowMs, days: countedDays }));
    for (const rollout of guarded) {
      const current = catalogue.get('Tool', rollout.tool)?.version;
      if (current !== undefined && current !== rollout.version && breaksGuard(rollout, current, tools))
        this.#takeBack(rollout, current, nowMs);
    }
  }

  #takeBack(rollout: RolloutSpec, current: string, atMs: number): void {
    const { audit, log } = this.options;
    const { name, tool, version } = rollout;
    this.#broken.add(rollout);
    log.error({ rollout: name, tool, version, current }, 'rollout taken back: the version fails too often');
    const record: AuditRecord = {
      ...{
        tenant: '',
        sessionId: '',
        callId: '',
        atMs,
        recordedBy: 'router',
        actor: 'router',
        tool,
        toolVersion: version,
      },
      ...{
        action: 'ROLLOUT_TAKEN_BACK',
        argumentsDigest: new Uint8Array(),
        policyRevision: '',
        rule: '',
        latencyMs: 0,
      },
      ...{ outcome: `back to ${current}`, idempotencyKey: '', comment: `rollout ${name} fails too often` },
      // However many routers tell it.
      id: `rollout/${name}/${version}/${rollout.startsAtMs}/taken-back`,
    };
    audit(record).catch((error: unknown) =>
      log.warn({ causes: chainOf(error) }, 'a taken-back rollout is not audited'),
    );
  }
}
