/** Kill switches between the kernel's type and their bytes. */
import type { KillSwitch, KillTarget } from '@toolfleet/kernel';
import { wireType } from './wire.js';

const switchType = wireType('toolfleet.kill.v1.KillSwitch');

export const encodeKillSwitch = (one: KillSwitch): Uint8Array => switchType.encode(one);

export function decodeKillSwitch(bytes: Uint8Array): KillSwitch {
  const wire = switchType.decode(bytes) as unknown as Required<KillSwitch> & { target: Required<KillTarget> | null };
  const { actor, reason, atMs, expiresAtMs, cancelRunning } = wire;
  const { tool = '', tenant = '', toolClass = '' } = wire.target ?? {};
  const target = { ...(tool && { tool }), ...(tenant && { tenant }), ...(toolClass && { toolClass }) };
  return { target, actor, reason, atMs, ...(expiresAtMs > 0 && { expiresAtMs }), cancelRunning };
}
