/** Takes what calls were sent with out of what came back, before anything is made of it. */
import type { Observation } from '@toolfleet/kernel';
import { keepNewest } from '@toolfleet/kernel';
import { SecretForms, scrubbed } from '@toolfleet/kernel/shaping';

/** Values in use at one time; to make out the forms of one takes some 50 µs. */
const secretsKept = 2_000;

export class Scrubber {
  readonly #forms = new Map<string, SecretForms>();

  /** The same bytes when they hold none of the secrets. */
  bytes(bytes: Uint8Array, secrets: ReadonlySet<string>): Uint8Array {
    return secrets.size === 0
      ? bytes
      : scrubbed(
          bytes,
          Array.from(secrets, (secret) => this.#formsOf(secret)),
        );
  }

  text(text: string, secrets: ReadonlySet<string>): string {
    if (secrets.size === 0) return text;
    const bytes = Buffer.from(text);
    const clean = this.bytes(bytes, secrets);
    return clean === bytes ? text : Buffer.from(clean).toString('utf8');
  }

  /** Its words; the result of one that was made of a fault is empty. */
  refusal<T extends Pick<Observation, 'refusal'>>(observation: T, secrets: ReadonlySet<string>): T {
    const { refusal } = observation;
    if (!refusal || secrets.size === 0) return observation;
    const clean = (text: string): string => this.text(text, secrets);
    const details = Object.fromEntries(Object.entries(refusal.details).map(([name, text]) => [name, clean(text)]));
    const hint = refusal.hint === undefined ? {} : { hint: clean(refusal.hint) };
    return { ...observation, refusal: { ...refusal, message: clean(refusal.message), details, ...hint } };
  }

  #formsOf(secret: string): SecretForms {
    let forms = this.#forms.get(secret);
    if (!forms) keepNewest(this.#forms, secret, (forms = new SecretForms(secret)), secretsKept);
    return forms;
  }
}
