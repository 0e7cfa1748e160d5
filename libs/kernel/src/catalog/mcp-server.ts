/** Servers of the Model Context Protocol that tools are called at. */
import type { CredentialSpec } from './credential.js';
import type { DestinationSpec } from './destination.js';

/** Reached in one of both ways. */
export interface McpServerSpec extends DestinationSpec {
  readonly http?: McpOverHttp | undefined;
  readonly stdio?: McpProcess | undefined;
}

export interface McpOverHttp {
  readonly url: string;
  readonly credential: CredentialSpec;
}

/**
 * Started by each executor that needs it, and shared by its calls. Arguments and environment may hold {tenant}: then each
 * tenant has a process of its own.
 */
export interface McpProcess {
  /** One that the executor allows. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absent: that of the executor. */
  readonly directory?: string | undefined;
}

export interface McpBinding {
  /** Name of an McpServer. */
  readonly server: string;
  /** What the server calls it. Absent: as the tool's own name. */
  readonly tool?: string | undefined;
}
