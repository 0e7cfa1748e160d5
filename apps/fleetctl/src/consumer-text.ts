/** Consumers and changes as lines for people, without whatever a name or a reason holds to steer a terminal. */
import type { TuningChange, TuningTarget } from '@toolfleet/kernel';
import type { ConsumerRow } from './consumer-board.js';
import { columns, plain } from './terminal-text.js';

const header = ['GROUP', 'TOPIC', 'P', 'OWNER', 'LAG', 'AGE', 'RUNNING', 'HELD', 'CONCURRENCY', 'PAUSED'];

export function consumerTable(rows: readonly ConsumerRow[]): string {
  const lines = rows.map((row) => [
    row.group,
    row.topic,
    String(row.partition),
    row.owner ?? 'nobody',
    String(row.lagRecords),
    `${row.lagSeconds}s`,
    unknown(row.inFlight),
    unknown(row.held) + (row.blocked ? ' (full: holds up all)' : ''),
    concurrencyOf(row),
    row.paused
      .map(({ tenant, by, until, reason }) => `${tenant ?? 'all'} by ${by} until ${until}: ${reason}`)
      .join('; '),
  ]);
  return columns([header, ...lines]);
}

export function describeChange({ target, action, concurrency, actor, reason, expiresAtMs }: TuningChange): string {
  const what = { pause: 'paused', resume: 'flows', setConcurrency: `runs at most ${concurrency} at once a process` }[
    action
  ];
  const until = new Date(expiresAtMs).toISOString();
  return plain(`${describeTarget(target)} ${what} until ${until}, by ${actor}: ${reason}`);
}

export function describeTarget({ service, toolClass, tenant, partition }: TuningTarget): string {
  const parts = [
    service,
    toolClass && `class ${toolClass}`,
    tenant && `tenant ${tenant}`,
    partition === undefined ? undefined : `partition ${partition}`,
  ];
  return plain(parts.filter((part) => part !== undefined && part !== '').join(', '));
}

function concurrencyOf({ concurrency, configuredConcurrency, concurrencyBy }: ConsumerRow): string {
  if (concurrency === undefined) return '?';
  if (concurrency === configuredConcurrency && !concurrencyBy) return String(concurrency);
  const said = concurrencyBy ? `, ${concurrencyBy.by} until ${concurrencyBy.until}: ${concurrencyBy.reason}` : '';
  return `${concurrency} (configured ${configuredConcurrency}${said})`;
}

const unknown = (count: number | undefined): string => (count === undefined ? '?' : String(count));
