/** Public ports: the usual number when it is free, another one with a line that says so when it is not. */
import { conflict } from '@toolfleet/kernel';
import { freePort, isPortFree } from '@toolfleet/local';
import type { LogLine } from './log-line.js';

/** Absent: the usual port, or a free one if that is taken. 0: any free one. Another number: that one or a fault. */
export interface FleetPorts {
  readonly http?: number;
  readonly grpc?: number;
  readonly kafka?: number;
  readonly postgres?: number;
}

const usualPorts = {
  http: { port: 8080, what: 'HTTP' },
  grpc: { port: 9090, what: 'gRPC' },
  kafka: { port: 9092, what: 'Kafka' },
  postgres: { port: 5432, what: 'PostgreSQL' },
} as const satisfies Record<keyof FleetPorts, { port: number; what: string }>;

export async function choosePort(
  purpose: keyof FleetPorts,
  wanted: FleetPorts,
  log: (line: LogLine) => void,
): Promise<number> {
  const asked = wanted[purpose];
  if (asked === 0) return freePort();
  const { port: usual, what } = usualPorts[purpose];
  const port = asked ?? usual;
  if (await isPortFree(port)) return port;
  if (asked !== undefined) {
    throw conflict('PORT_TAKEN', `Port ${port} for ${what} is taken by another process.`, {
      hint: `Choose another one, or leave it out to get a free one.`,
      details: { port: String(port), part: purpose },
    });
  }
  const other = await freePort();
  log({ source: 'fleet', text: `Port ${port} for ${what} is taken; using ${other} instead.` });
  return other;
}
