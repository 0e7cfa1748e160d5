/** Names that fit their place, are told apart, and stay the same while the document does. */
import { hexDigestOf } from '../ids.js';
import { fleetToolNames } from '../toolcall/fleet-tools.js';

const toolNameCharsMax = 64;
const digestChars = 6;

/**
 * From the operationId, else from method and path. A name that is taken or was cut off gets a digest of method and path, so
 * that it does not depend on which operations stand before it.
 */
export class ToolNames {
  readonly #taken = new Set<string>(fleetToolNames);

  constructor(private readonly prefix: string) {}

  take(operationId: unknown, method: string, path: string): string {
    const given = typeof operationId === 'string' ? plain(operationId) : '';
    const whole = this.prefix + (given || plain(`${method} ${path}`));
    const name = whole.length <= toolNameCharsMax && !this.#taken.has(whole) ? whole : this.#apart(whole, method, path);
    this.#taken.add(name);
    return name;
  }

  #apart(whole: string, method: string, path: string): string {
    for (let count = 0; ; count++) {
      const digest = hexDigestOf(`${method} ${path} ${count}`).slice(0, digestChars);
      const name = `${whole.slice(0, toolNameCharsMax - digestChars - 1)}_${digest}`;
      if (!this.#taken.has(name)) return name;
    }
  }
}

const plain = (text: string) => text.replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^_+|_+$/g, '');

const argumentCharsMax = 64;

/** Names of the arguments of one tool. */
export class ArgumentNames {
  readonly #taken = new Set<string>();

  /** Providers refuse other characters in a property of the parameters; a path takes fewer still. */
  take(wireName: string, location: string): string {
    const others = location === 'path' ? /[^A-Za-z0-9_]+/g : /[^A-Za-z0-9_.-]+/g;
    // `tags[]` is the usual way to write a list.
    const base = wireName.replace(/\[\]$/, '').replace(others, '_');
    const short = (base || 'value').slice(0, argumentCharsMax - 12);
    const fitting = base.length > 0 && base.length <= argumentCharsMax ? base : short;
    let name = fitting;
    for (let count = 1; this.#taken.has(name); count++) name = `${short}_${location}${count === 1 ? '' : count}`;
    this.#taken.add(name);
    return name;
  }
}

/** Lower case with hyphens, for names of upstreams and files; empty when nothing is left. */
export const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-+|-+$/g, '');
