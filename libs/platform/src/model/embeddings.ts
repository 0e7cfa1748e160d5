/**
 * Texts as vectors, from a server that speaks OpenAI's `/embeddings`. Whole answers only: as many vectors as texts, in their
 * order, all of one length and of numbers, or a fault.
 */
import type { Breakers } from '../breaker/index.js';
import type { Secret } from '../config/secret.js';
import { urlOf, type HttpClient } from '../http/index.js';
import { faultOfStatus, unreadable } from './model-fault.js';

export interface EmbeddingsRoute {
  /** With the version part: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: Secret | undefined;
}

export interface EmbeddingsClientOptions {
  readonly http: HttpClient;
  readonly breakers: Breakers;
  readonly route: EmbeddingsRoute;
}

/** Of one text: 4,096 numbers of 24 characters, the longest vectors and the longest numbers in use. */
const answerBytesPerText = 4_096 * 24;

export class EmbeddingsClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(private readonly options: EmbeddingsClientOptions) {
    const { baseUrl, apiKey } = options.route;
    const url = urlOf(baseUrl);
    this.#url = `${url.origin}${url.pathname.replace(/\/+$/, '')}/embeddings${url.search}`;
    this.#headers = {
      'content-type': 'application/json',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey.reveal()}` }),
    };
  }

  /** Vectors of length 1. Faults as those of a model; an abort rejects with the signal's own reason. */
  embed(texts: readonly string[], deadlineAtMs: number, signal: AbortSignal): Promise<Float32Array[]> {
    const { breakers, route } = this.options;
    return breakers.of(`embeddings:${route.model}`).call((inner) => this.#ask(texts, deadlineAtMs, inner), signal);
  }

  async #ask(texts: readonly string[], deadlineAtMs: number, signal: AbortSignal): Promise<Float32Array[]> {
    const { model, apiKey } = this.options.route;
    const { status, headers, body } = await this.options.http.request({
      ...{ method: 'POST', url: this.#url, headers: this.#headers, signal, deadlineAtMs },
      body: JSON.stringify({ model, input: texts, encoding_format: 'float' }),
      responseBytesMax: 65_536 + texts.length * answerBytesPerText,
    });
    if (status !== 200) throw faultOfStatus(status, headers, body.toString(), apiKey?.reveal());
    return vectorsIn(body.toString(), texts.length);
  }
}

function vectorsIn(text: string, count: number): Float32Array[] {
  const vectors: Float32Array[] = [];
  for (const [place, { index, embedding }] of rowsIn(text).entries()) {
    if (!Array.isArray(embedding) || embedding.length === 0) throw unreadable();
    const vector = unit(Float32Array.from(embedding as number[]));
    if (!vector.every(Number.isFinite)) throw unreadable();
    vectors[typeof index === 'number' ? index : place] = vector;
  }
  const dimensions = vectors[0]?.length;
  const isWhole = vectors.length === count && !vectors.includes(undefined as never);
  if (!isWhole || vectors.some(({ length }) => length !== dimensions)) throw unreadable();
  return vectors;
}

function rowsIn(text: string): readonly { readonly index?: unknown; readonly embedding?: unknown }[] {
  try {
    const { data } = JSON.parse(text) as { data?: unknown };
    if (Array.isArray(data)) return data.map((row) => (row ?? {}) as object);
  } catch (error) {
    throw unreadable(error);
  }
  throw unreadable();
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, part) => sum + part * part, 0)) || 1;
  return vector.map((part) => part / length);
}
