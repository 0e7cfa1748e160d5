/** The audit within the policy role: its parts, put together. */
import type { AuditSigner } from '@toolfleet/kernel';
import { auditSignerOf, dayOf, digestOf } from '@toolfleet/kernel';
import type { Secret } from '@toolfleet/platform/config';
import type { RoleContext } from '@toolfleet/platform/nest';
import { AuditStore, SessionEraser, SubjectKeyStore } from '@toolfleet/platform/postgres';
import { StepCounter } from '@toolfleet/platform/telemetry';
import { Sweeper } from '@toolfleet/platform/nest';
import { AuditKeeper } from './audit-keeper.js';
import { AuditLog } from './audit-log.js';
import { AuditSigning } from './audit-signing.js';
import { Erasure } from './erasure.js';
import { RewrapKeys } from './rewrap-keys.js';
import { SubjectKeyRing } from './subject-key-ring.js';
import { SubjectKeys } from './subject-keys.js';

export interface AuditSettings {
  readonly auditSigningKey: Secret;
  readonly auditSubjectKey: Secret;
  readonly auditSubjectKeysFormer: readonly Secret[];
  readonly auditCheckpointMs: number;
  readonly auditRetentionDays: number;
}

export interface AuditParts {
  readonly signer: AuditSigner;
  readonly keeper: AuditKeeper;
  readonly log: AuditLog;
  readonly erasure: Erasure;
  start(): void;
  /** Signs what is new. */
  stop(): Promise<void>;
}

const dayMs = 86_400_000;
const signEveryMs = 5_000;
const rewrapEveryMs = 5_000;
const retainEveryMs = 60 * 60_000;
/** Tenants looked at by one statement of retention. */
const pageMax = 500;

export function createAudit(context: RoleContext, settings: AuditSettings): AuditParts {
  const { database, log, outlet } = context;
  const store = new AuditStore(database);
  const signer = auditSignerOf(signingSeedOf(settings.auditSigningKey));
  const signing = new AuditSigning({ store, signer, now: Date.now, everyMs: settings.auditCheckpointMs });
  const { auditSubjectKey: present, auditSubjectKeysFormer: former } = settings;
  const ring = new SubjectKeyRing([present.reveal(), ...former.map((secret) => secret.reveal())]);
  const keyStore = new SubjectKeyStore(database);
  const keys = new SubjectKeys(keyStore, ring);
  const figures = figuresOf(context);
  const rewrap = new RewrapKeys({ store: keyStore, ring, log, onRewrapped: (count) => figures.rewrapped.add(count) });
  const keeper = new AuditKeeper({
    store,
    keys,
    onAppended: (entries, repeated) => {
      signing.appended(entries);
      for (const { record } of entries) figures.entries.add(1, { service: record.recordedBy });
      if (repeated > 0) figures.repeated.add(repeated);
    },
    onFailed: (fault) => {
      figures.failures.add(1);
      log.warn({ err: fault }, 'audit entries not stored, they wait on the bus');
    },
  });
  const sweepers = [
    new Sweeper('audit signing', Math.min(signEveryMs, settings.auditCheckpointMs), () => signing.tick(), log),
    new Sweeper('audit keys', rewrapEveryMs, () => rewrap.pass(), log),
    new Sweeper('audit retention', retainEveryMs, () => retain(store, signing, settings.auditRetentionDays), log),
  ];
  return {
    signer,
    keeper,
    log: new AuditLog(store, keys, signing),
    erasure: new Erasure(keys, new SessionEraser(database), outlet),
    start: () => sweepers.forEach((sweeper) => sweeper.start()),
    stop: async () => {
      await Promise.all(sweepers.map((sweeper) => sweeper.stop()));
      await keeper.idle();
      // Whoever comes next signs it otherwise.
      await signing.signAll().catch((error: unknown) => log.warn({ err: error }, 'audit not signed at the end'));
    },
  };
}

/** The setting's text may have any form of at least 32 characters: what signs is its digest. */
export const signingSeedOf = (secret: Secret): Uint8Array => digestOf(`audit signing key\n${secret.reveal()}`);

function figuresOf({ metrics: { meter } }: RoleContext) {
  return {
    entries: new StepCounter(meter, 'toolfleet_audit_entries', ['service'], 'Audit entries stored, by who told them.'),
    repeated: meter.createCounter('toolfleet_audit_repeated', {
      description: 'Audit records that were stored already.',
    }),
    rewrapped: meter.createCounter('toolfleet_audit_keys_rewrapped', {
      description: 'Data keys of people that were wrapped anew with the present secret.',
    }),
    failures: meter.createCounter('toolfleet_audit_failures', {
      description: 'Batches of audit records that could not be stored and were tried again.',
    }),
  };
}

/** Deletes what was signed before the days that are kept, and its figures. 0 days: keeps everything. */
async function retain(store: AuditStore, signing: AuditSigning, days: number): Promise<void> {
  if (days === 0) return;
  const beforeMs = Date.now() - days * dayMs;
  for (let after = ''; ;) {
    // oxlint-disable-next-line no-await-in-loop -- a page begins where the one before ends
    const old = await store.signedBefore(after, beforeMs, pageMax);
    // oxlint-disable-next-line no-await-in-loop
    for (const { tenant, ...end } of old) await store.truncate(tenant, signing.beginning(tenant, end));
    if (old.length < pageMax) break;
    after = old.at(-1)!.tenant;
  }
  await store.forgetUsage(dayOf(beforeMs));
}
