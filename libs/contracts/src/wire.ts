/**
 * Protobuf at the edge of memory: looks up generated types and turns enum numbers into the kernel's words and back.
 * 64-bit integers are plain numbers here (milliseconds and counts stay below 2^53), so no Long object is ever made.
 */
import { invalid } from '@toolfleet/kernel';
import protobuf from 'protobufjs/light.js';
import './plain-numbers.js';
import { toolfleet } from '../gen/toolfleet.js';

const root = (toolfleet as unknown as protobuf.Namespace).root;

/**
 * Of all messages: encoding never waits, and a buffer that has grown to what messages need is not grown again by each. A
 * message is copied out once, so a record of 600 bytes costs one allocation and not five.
 */
const writer = protobuf.Writer.create();

export interface WireType {
  encode(message: object): Uint8Array;
  /** Throws `invalid` MALFORMED_PROTOBUF. */
  decode(bytes: Uint8Array): Record<string, unknown>;
}

export function wireType(fullName: string): WireType {
  const type = root.lookupType(fullName);
  return {
    encode(message) {
      // What an encoding that threw has left behind counts for nothing.
      while (writer.pos > 0) writer.reset();
      return type.encode(message as protobuf.Message, writer).finish();
    },
    decode(bytes) {
      try {
        return type.decode(bytes) as unknown as Record<string, unknown>;
      } catch (cause) {
        throw invalid('MALFORMED_PROTOBUF', `The bytes are not a ${fullName}.`, { cause });
      }
    },
  };
}

/** One enum's words: `OUTCOME_TIMED_OUT` is 'timedOut'. Zero, unspecified, has no word. */
export class WireEnum<Word extends string> {
  readonly #toNumber = new Map<string, number>();
  readonly #toWord = new Map<number, Word>();
  readonly #numbers: Readonly<Record<string, number>>;

  constructor(
    readonly fullName: string,
    words: readonly Word[],
  ) {
    const wireEnum = root.lookupEnum(fullName);
    this.#numbers = wireEnum.values;
    const prefix = `${snakeOf(wireEnum.name)}_`;
    for (const [name, number] of Object.entries(wireEnum.values)) {
      if (number === 0) continue;
      const word = camelOf(name.slice(prefix.length)) as Word;
      if (!words.includes(word)) throw new TypeError(`${fullName}.${name} has no word in the kernel.`);
      this.#toNumber.set(word, number);
      this.#toWord.set(number, word);
    }
    if (this.#toWord.size !== words.length)
      throw new TypeError(`${fullName} lacks a value for some of ${words.join()}.`);
  }

  number(word: Word | undefined): number {
    return word === undefined ? 0 : this.#toNumber.get(word)!;
  }

  /** Throws `invalid` ENUM_UNSPECIFIED: a sender that leaves it out has a bug. */
  word(number: unknown): Word {
    const word = this.#toWord.get(Number(number));
    if (word === undefined) throw invalid('ENUM_UNSPECIFIED', `${this.fullName} is not specified.`);
    return word;
  }

  /** By number, or by the name that gRPC hands over; undefined when it is unspecified or of a newer release. */
  optionalWord(value: unknown): Word | undefined {
    return this.#toWord.get(typeof value === 'string' ? this.#numbers[value]! : Number(value));
  }
}

const snakeOf = (name: string) => name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
const camelOf = (name: string) => name.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The message of a oneof that is set, with its field's name; throws `invalid` when none is. */
export function oneOf<Field extends string>(message: Record<string, unknown>, fields: readonly Field[]): Field {
  for (const field of fields) if (message[field] !== null && message[field] !== undefined) return field;
  throw invalid('BODY_MISSING', `The message has none of ${fields.join(', ')}.`);
}
