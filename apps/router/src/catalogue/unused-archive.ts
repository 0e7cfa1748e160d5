/**
 * Archives tools that nobody calls, where operators say after how many days. The verdict is kept in the database beside the age
 * of the version, so that every router makes the same catalogue of it; manifests stay as their teams wrote them. It goes when
 * the version leaves the catalogue, its manifest says `archiveUnused: false`, or the setting is 0.
 */
import type { AuditRecord, Catalogue, UnusedTool } from '@toolfleet/kernel';
import { auditRecordOf, chainOf, firstDayOf, toolsToArchive } from '@toolfleet/kernel';
import type { ToolUsageStore } from '@toolfleet/platform/postgres';
import type { Logger } from '@toolfleet/platform/telemetry';

export interface UnusedArchiveOptions {
  /** 0: nothing is archived, and what was is as its manifest says. */
  readonly days: number;
  readonly catalogue: Catalogue;
  readonly usage: ToolUsageStore;
  readonly audit: (record: AuditRecord) => Promise<void>;
  /** The catalogue is to be made anew. */
  readonly onArchived: (count: number) => void;
  readonly log: Logger;
  readonly now?: () => number;
}

export class UnusedArchive {
  #known: ReadonlySet<string> = new Set();
  #silentFor = '';

  constructor(private readonly options: UnusedArchiveOptions) {}

  /** By `name@version`, as they are, or as they were last read. */
  async archived(): Promise<ReadonlySet<string>> {
    const { days, usage, log } = this.options;
    if (days === 0) return this.#known;
    try {
      this.#known = await usage.archived();
    } catch (error) {
      log.warn({ causes: chainOf(error) }, 'archived tools cannot be read; those last known stay');
    }
    return this.#known;
  }

  async pass(): Promise<void> {
    const { days, catalogue, usage, log, onArchived, now = Date.now } = this.options;
    if (days === 0) return;
    const nowMs = now();
    const firstSeenMs = await usage.firstSeen();
    const { knownSinceDay, tools: calls } = await usage.usageSince(firstDayOf({ nowMs, days }));
    const window = { nowMs, days, usage: calls, knownSinceDay, firstSeenMs };
    const { tools, later, fault } = toolsToArchive(catalogue.all('Tool'), catalogue.all('Rollout'), window);
    const reason = fault?.reason ?? '';
    if (fault && reason !== this.#silentFor) log.warn({ err: fault }, 'unused tools are not archived');
    this.#silentFor = reason;
    if (tools.length === 0) return;
    // Told first, under one id: whoever dies in between tells the same fact again.
    for (const tool of tools) {
      // oxlint-disable-next-line no-await-in-loop -- a few
      await this.options.audit(auditOf(tool, days, nowMs));
    }
    await usage.archive(
      tools.map(({ name, version }) => ({ tool: name, version })),
      nowMs,
    );
    const names = tools.map(({ name, version }) => `${name}@${version}`);
    log.warn({ tools: names, later, days }, 'tools archived that nobody called');
    onArchived(tools.length);
  }
}

const auditOf = ({ name, version, firstSeenMs }: UnusedTool, days: number, atMs: number): AuditRecord =>
  auditRecordOf({
    ...{ tenant: '', atMs, recordedBy: 'router', actor: 'router', action: 'TOOL_ARCHIVED' },
    ...{ tool: name, toolVersion: version, outcome: 'archived', comment: `no call for ${days} days` },
    id: `tool/${name}@${version}/${firstSeenMs}/archived`,
  });
