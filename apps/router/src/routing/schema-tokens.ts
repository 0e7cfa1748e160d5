/**
 * How many tokens the schema of a tool takes, as o200k counts them. The tokeniser takes 0.3 s and 80 MB to load, so it is loaded
 * when an agent with a budget is first routed to, and never where there is none.
 */
import type { TokensOf, ToolSpec } from '@toolfleet/kernel';
import { definitionTokensOf } from '@toolfleet/kernel';

export class SchemaTokens {
  readonly #counted = new WeakMap<ToolSpec, number>();
  #tokensOf: TokensOf | undefined;
  #loading: Promise<void> | undefined;

  constructor(
    private readonly load = async (): Promise<TokensOf> => (await import('@toolfleet/platform/tokens')).tokensOf,
  ) {}

  /** Absent: it is ready already. */
  ready(): Promise<void> | undefined {
    if (this.#tokensOf) return undefined;
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    this.#tokensOf = await this.load();
  }

  /** Before it is ready a tool counts as long as its bytes, which no count of tokens is above. */
  of(tool: ToolSpec): number {
    if (!this.#tokensOf) return definitionTokensOf(tool, Buffer.byteLength);
    let tokens = this.#counted.get(tool);
    if (tokens === undefined) this.#counted.set(tool, (tokens = definitionTokensOf(tool, this.#tokensOf)));
    return tokens;
  }
}
