/** The policy bundle and catalogue entries between the kernel's types and their bytes. */
import type {
  Approvers,
  ArgumentCheck,
  Manifest,
  ManifestKind,
  PolicyBundle,
  RuleMode,
  RuleNote,
  RuleSpec,
} from '@toolfleet/kernel';
import { entryNameOf, invalid, ruleModes } from '@toolfleet/kernel';
import { WireEnum, wireType } from './wire.js';

export const ruleEffectWords = new WireEnum<RuleSpec['effect']>('toolfleet.policy.v1.RuleEffect', [
  'allow',
  'deny',
  'review',
]);

export const ruleModeWords = new WireEnum<RuleMode>('toolfleet.policy.v1.RuleMode', ruleModes);

const bundleType = wireType('toolfleet.policy.v1.PolicyBundle');
const entryType = wireType('toolfleet.catalog.v1.CatalogEntry');

export function encodePolicyBundle(bundle: PolicyBundle): Uint8Array {
  const rules = bundle.rules.map((rule) => ({
    ...rule,
    effect: ruleEffectWords.number(rule.effect),
    mode: ruleModeWords.number(rule.mode),
  }));
  return bundleType.encode({ ...bundle, rules });
}

interface WireRule extends Omit<RuleSpec, 'effect' | 'mode' | 'constraints'> {
  readonly effect: unknown;
  readonly mode: unknown;
  readonly constraints: readonly ArgumentCheck[];
}

export function decodePolicyBundle(bytes: Uint8Array): PolicyBundle {
  const wire = bundleType.decode(bytes) as unknown as Omit<PolicyBundle, 'rules'> & { readonly rules: WireRule[] };
  return {
    revision: wire.revision,
    compiledAtMs: wire.compiledAtMs,
    rules: wire.rules.map((rule) => ({
      name: rule.name,
      effect: ruleEffectWords.word(rule.effect),
      tenants: rule.tenants,
      roles: rule.roles,
      tools: rule.tools,
      when: rule.when,
      reason: rule.reason,
      approversNeeded: rule.approversNeeded,
      ...(rule.approvers ? { approvers: approversFromWire(rule.approvers) } : {}),
      ...(rule.approvalMs ? { approvalMs: rule.approvalMs } : {}),
      // A mode of a newer release is none that this one could weaken a rule by: its word counts in full, or not at all.
      ...(rule.mode !== 0 && { mode: ruleModeWords.optionalWord(rule.mode) ?? strictest(rule.effect) }),
      ...(rule.constraints.length > 0 && {
        constraints: rule.constraints.map(({ condition, message }) => ({ condition, message })),
      }),
    })),
  };
}

const approversFromWire = ({ roles, users }: Approvers): Approvers => ({ roles, users });
const strictest = (effect: unknown): RuleMode => (ruleEffectWords.word(effect) === 'allow' ? 'shadow' : 'enforce');

export const noteToWire = (note: RuleNote) => ({
  ...note,
  mode: ruleModeWords.number(note.mode),
  effect: ruleEffectWords.number(note.effect),
});

export function noteFromWire(wire: Record<string, unknown>): RuleNote {
  const { rule, reason } = wire as unknown as RuleNote;
  return { rule, mode: ruleModeWords.word(wire['mode']), effect: ruleEffectWords.word(wire['effect']), reason };
}

/** `Tool/get_order`, `Tool/get_order@1`: the record key, so that compaction keeps the newest of each. */
export const catalogKeyOf = (kind: ManifestKind, entryName: string): string => `${kind}/${entryName}`;
export const catalogKeyOfManifest = (manifest: Manifest): string => catalogKeyOf(manifest.kind, entryNameOf(manifest));

export interface CatalogEntry {
  readonly manifest: Manifest;
  /** Of the whole catalogue. */
  readonly revision: string;
  /** The applied set that it comes from; empty for what stands in files of the router or is built in. */
  readonly appliedSet: string;
}

export function encodeCatalogEntry({ manifest, revision, appliedSet }: CatalogEntry): Uint8Array {
  const { kind, spec } = manifest;
  const name = entryNameOf(manifest);
  return entryType.encode({ kind, name, revision, appliedSet, manifest: Buffer.from(JSON.stringify(spec)) });
}

interface WireEntry extends Omit<CatalogEntry, 'manifest'> {
  readonly kind: ManifestKind;
  readonly manifest: Uint8Array;
}

/** The router checked the manifest before it published it; only its framing is checked again. */
export function decodeCatalogEntry(bytes: Uint8Array): CatalogEntry {
  const wire = entryType.decode(bytes) as unknown as WireEntry;
  try {
    const spec = JSON.parse(Buffer.from(wire.manifest).toString('utf8')) as Manifest['spec'];
    return { manifest: { kind: wire.kind, spec } as Manifest, revision: wire.revision, appliedSet: wire.appliedSet };
  } catch (cause) {
    throw invalid('MALFORMED_MANIFEST', 'The catalogue entry carries no JSON manifest.', { cause });
  }
}
