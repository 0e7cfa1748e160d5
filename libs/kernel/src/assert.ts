/** A union member that nobody handles fails to compile here, and is our bug if it still arrives. */
import { broken } from './fault.js';

export function assertNever(value: never): never {
  throw broken('UNHANDLED_CASE', `Unhandled case ${JSON.stringify(value)}.`);
}
