/**
 * How near questions are to tools, as a server of embeddings sees it. All tools are encoded beside the routing, each again
 * only when its text changes; a question is encoded when it comes, within a deadline and with a memory of the last ones.
 * Whatever fails, routing goes on by words: this never throws and holds nobody up for longer than the deadline.
 */
import type { Catalogue, Nearness, ToolSpec } from '@toolfleet/kernel';
import { currentTools, faultOf, standingOf, keepNewest } from '@toolfleet/kernel';
import { backOff } from '@toolfleet/platform';
import type { Logger } from '@toolfleet/platform/telemetry';

export interface ToolEmbeddingsOptions {
  readonly catalogue: Catalogue;
  /** Vectors of length 1, in the order of the texts. */
  readonly embed: (texts: readonly string[], deadlineAtMs: number, signal: AbortSignal) => Promise<Float32Array[]>;
  readonly questionTimeoutMs: number;
  readonly questionsMax: number;
  readonly log: Logger;
  readonly onQuestion?: (result: 'remembered' | 'asked' | 'failed') => void;
}

/** What every such server takes in one request; 10,000 tools are 157 requests. */
const batchSize = 64;
const batchTimeoutMs = 30_000;
const pausesMs = { first: 1_000, max: 60_000 };
/** About 500 tokens: servers refuse or cut what is longer than their model reads. */
const textCharsMax = 2_000;

interface Encoded {
  readonly text: string;
  readonly vector: Float32Array;
}

export class ToolEmbeddings {
  readonly #tools = new Map<string, Encoded>();
  /** The newest last. */
  readonly #questions = new Map<string, Promise<Float32Array | undefined>>();
  readonly #stopped = new AbortController();
  #wake: () => void = () => undefined;
  #revision = -1;
  #loop: Promise<void> | undefined;

  constructor(private readonly options: ToolEmbeddingsOptions) {}

  start(): void {
    this.#loop = this.#follow();
  }

  /** The catalogue may have changed. */
  changed(): void {
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#wake();
    await this.#loop;
  }

  /** Absent: go by words alone. */
  async nearnessTo(question: string): Promise<Nearness | undefined> {
    if (this.#tools.size === 0) return undefined;
    const vector = await this.#vectorOf(question.slice(0, textCharsMax));
    return vector && ((name) => productOf(vector, this.#tools.get(name)?.vector));
  }

  #vectorOf(question: string): Promise<Float32Array | undefined> {
    const { onQuestion, questionsMax } = this.options;
    const known = this.#questions.get(question);
    const vector = known ?? this.#ask(question);
    if (known) onQuestion?.('remembered');
    keepNewest(this.#questions, question, vector, questionsMax);
    return vector;
  }

  async #ask(question: string): Promise<Float32Array | undefined> {
    const { embed, onQuestion, questionTimeoutMs } = this.options;
    try {
      const [vector] = await embed([question], Date.now() + questionTimeoutMs, this.#stopped.signal);
      onQuestion?.('asked');
      return vector;
    } catch {
      onQuestion?.('failed');
      this.#questions.delete(question);
      return undefined;
    }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopped;
    let failures = 0;
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      // oxlint-disable-next-line no-await-in-loop -- passes follow one another
      const whole = await this.#encodeChanged();
      if (whole) failures = 0;
      // oxlint-disable-next-line no-await-in-loop
      await (whole ? woken : backOff(failures++, pausesMs, signal));
    }
  }

  /** Whether all tools are encoded as they are in the catalogue now. */
  async #encodeChanged(): Promise<boolean> {
    const { catalogue, embed, log } = this.options;
    const { revision } = catalogue;
    if (revision === this.#revision) return true;
    const tools = new Map(
      currentTools(catalogue)
        .filter((tool) => ['offered', 'deprecated'].includes(standingOf(tool, Date.now())))
        .map((tool) => [tool.name, textOf(tool)]),
    );
    for (const name of this.#tools.keys()) if (!tools.has(name)) this.#tools.delete(name);
    const changed = [...tools].filter(([name, text]) => this.#tools.get(name)?.text !== text);
    try {
      for (let from = 0; from < changed.length; from += batchSize) {
        const batch = changed.slice(from, from + batchSize);
        const texts = batch.map(([, text]) => text);
        // oxlint-disable-next-line no-await-in-loop -- one request at a time: questions come first at the server
        const vectors = await embed(texts, Date.now() + batchTimeoutMs, this.#stopped.signal);
        for (const [index, [name, text]] of batch.entries()) this.#tools.set(name, { text, vector: vectors[index]! });
      }
    } catch (error) {
      if (!this.#stopped.signal.aborted) {
        log.warn({ err: faultOf(error), tools: changed.length }, 'tools could not be encoded; they are found by words');
      }
      return false;
    }
    this.#revision = revision;
    return true;
  }
}

const textOf = ({ name, description }: ToolSpec): string => `${name}: ${description}`.slice(0, textCharsMax);

/** Absent, too, for a vector of another model, as after a change of the settings behind the same address. */
function productOf(question: Float32Array, tool: Float32Array | undefined): number | undefined {
  if (tool?.length !== question.length) return undefined;
  let product = 0;
  for (let part = 0; part < question.length; part++) product += question[part]! * tool[part]!;
  return product;
}
