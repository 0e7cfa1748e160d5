/**
 * What belongs to an object and goes with it, in a private field on the object itself. A `WeakMap` says the same and keeps more:
 * V8's collections of what is new take the values of a table they move for wanted, whether or not their keys still are, so much
 * of what passes a busy one gets old, with all it leads to, and stays until the heap is marked as a whole.
 */

/** The way to give a field to what exists already: a derived class's fields go on what its base returns. */
const Itself = function itself(object: object): object {
  return object;
} as unknown as new (object: object) => object;

export interface Attached<K extends object, V> {
  get(key: K): V | undefined;
  set(key: K, value: V | undefined): void;
}

/** The key needs room for a field: not a proxy, whose target would not have it. */
export function attached<K extends object, V>(): Attached<K, V> {
  return class Bearer extends Itself {
    #value: V | undefined;

    static get(key: K): V | undefined {
      return #value in key ? (key as Bearer).#value : undefined;
    }

    static set(key: K, value: V | undefined): void {
      const bearer = #value in key ? (key as Bearer) : new Bearer(key);
      bearer.#value = value;
    }
  };
}
