/** Structured logs, one JSON line each. Faults print their whole chain; arguments, results and credentials are never logged. */
import { chainOf } from '@toolfleet/kernel';
import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger } from 'pino';

export function createLogger(options: {
  readonly level: string;
  readonly roles: string;
  readonly instance: string;
}): Logger {
  return pino({
    level: options.level,
    base: { roles: options.roles, instance: options.instance },
    redact: { paths: ['*.authorization', '*.apiKey', '*.receiptKey', '*.databaseUrl'], censor: '***' },
    serializers: { err: (error: unknown) => ({ chain: chainOf(error), stack: stackOf(error) }) },
  });
}

/** Only strangers have a stack worth reading: a fault says where it is from. */
function stackOf(error: unknown): string | undefined {
  const root = (error as { cause?: unknown })?.cause ?? error;
  return root instanceof Error && root.name !== 'Fault' ? root.stack?.split('\n').slice(0, 8).join('\n') : undefined;
}
