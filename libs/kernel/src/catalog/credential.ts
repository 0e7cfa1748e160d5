/** How the credential of a destination comes about. What is named here is resolved in the executor, and nowhere else. */
import type { Catalogue, ToolSpec } from './manifest.js';
import { matchesAny } from './manifest.js';

/** At most one of the three forms; what it comes to is `{credential}` in the headers. */
export interface CredentialSpec {
  /** Templates over {session}, {tenant}, {user}, variables of the executor, and {credential}. */
  readonly headers: Readonly<Record<string, string>>;
  /** One service account for everybody. */
  readonly static?: SecretPlace | undefined;
  /** A file for each tenant, of its name, in a directory of the executor's credentials. */
  readonly perTenant?: { readonly directory: string } | undefined;
  /** The user's own token, exchanged for one that the destination takes. */
  readonly exchange?: TokenExchangeSpec | undefined;
}

/** One of both. */
export interface SecretPlace {
  /** Below the executor's directory of credentials. */
  readonly file?: string | undefined;
  /** Name of a variable of the executor. */
  readonly env?: string | undefined;
}

/** RFC 8693. */
export interface TokenExchangeSpec {
  readonly tokenEndpoint: string;
  /** Who the fleet is to the token endpoint. */
  readonly client: {
    readonly id: string;
    readonly secret: SecretPlace;
    /** `basic`: in the header, as the standard wants; `post`: in the body. */
    readonly authentication: 'basic' | 'post';
  };
  readonly audience?: string | undefined;
  readonly resource?: string | undefined;
  readonly scope?: string | undefined;
  /** What the user's token is. */
  readonly subjectTokenType: SubjectTokenType;
  /** Of one exchange. */
  readonly timeoutMs: number;
}

/** After `urn:ietf:params:oauth:token-type:`. */
export const subjectTokenTypes = ['access_token', 'id_token', 'jwt'] as const;
export type SubjectTokenType = (typeof subjectTokenTypes)[number];

/** A path below the directory of credentials: no part begins with a dot, so none leads out of it or to a hidden file. */
export const secretFileName = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\/){0,3}[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/;

/** Undefined for what is reached without one. */
export function credentialOf(
  catalogue: Catalogue,
  { http, mcp, grpc }: Pick<ToolSpec, 'http' | 'mcp' | 'grpc'>,
): CredentialSpec | undefined {
  if (http) return catalogue.get('Upstream', http.upstream)?.credential;
  if (mcp) return catalogue.get('McpServer', mcp.server)?.http?.credential;
  return grpc && catalogue.get('GrpcService', grpc.service)?.credential;
}

/** Agents whose sessions may call a tool that is reached with the token of their user; kept until the catalogue changes. */
export class SubjectTokenUse {
  readonly #byAgent = new Map<string, boolean>();
  #revision = -1;

  constructor(private readonly catalogue: Catalogue) {}

  neededBy(agent: string): boolean {
    if (this.#revision !== this.catalogue.revision) this.#byAgent.clear();
    this.#revision = this.catalogue.revision;
    const known = this.#byAgent.get(agent);
    if (known !== undefined) return known;
    const spec = this.catalogue.get('Agent', agent);
    // Names of agents that do not exist are anybody's to invent.
    if (!spec) return false;
    // Hidden ones, too: sessions that have them go on.
    const tools = this.catalogue.all('Tool').filter(({ name }) => matchesAny(spec.tools, name));
    const needed = tools.some((tool) => credentialOf(this.catalogue, tool)?.exchange !== undefined);
    this.#byAgent.set(agent, needed);
    return needed;
  }
}
