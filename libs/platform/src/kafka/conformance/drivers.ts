/** The client libraries that must pass the suites of this folder. A second one is one more line here. */
import { kafkajsMember } from '../kafkajs-member.js';
import type { Driver } from './arena.js';

export const drivers: readonly Driver[] = [{ name: 'kafkajs', memberOf: kafkajsMember }];
