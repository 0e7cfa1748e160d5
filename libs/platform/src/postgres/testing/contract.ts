/** How a contract suite runs: every row is a rule that each implementation of a port must keep, on its own tenant. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { isFault, type FaultKind } from '@toolfleet/kernel';

export type ContractRows<Port> = Readonly<Record<string, (port: Port, tenant: string) => Promise<void>>>;

/** `make` is asked once per rule; it may return the same port each time, as every rule brings a tenant of its own. */
export function runContract<Port>(name: string, rows: ContractRows<Port>, make: () => Promise<Port> | Port): void {
  describe(name, () => {
    for (const [title, rule] of Object.entries(rows)) {
      test(title, async () => rule(await make(), newTenant()));
    }
  });
}

export function newTenant(): string {
  return `tenant-${randomUUID()}`;
}

export async function assertFault(work: Promise<unknown>, kind: FaultKind, reason: string): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isFault(error), `expected a fault ${reason}, got ${String(error)}`);
    assert.deepEqual([error.kind, error.reason], [kind, reason]);
    return true;
  });
}

/** Texts that have broken stores: what cannot be kept must end in a fault, what can must come back as it was. */
export const unstorableIds = ['', 'nul\0byte', `long${'x'.repeat(300)}`, 'half\ud83d', 'ü'.repeat(200)];
export const storableIds = [`quote'"\\`, '{a,b}', 'NULL', 'emoji-🛒-ü', ' spaces ', '%_\n\t', 'x'.repeat(256)];
