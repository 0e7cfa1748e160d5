/** Words of EffectService. */
import { WireEnum } from './wire.js';

export const effectEndWords = new WireEnum<'done' | 'failed'>('toolfleet.effect.v1.EffectEnd', ['done', 'failed']);
