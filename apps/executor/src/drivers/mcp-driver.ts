/**
 * Tools of MCP servers, over streamable HTTP or as a child process. The server's own list decides what exists: a tool that
 * is gone is told apart from one that refuses, so that the model looks for another and does not try again.
 */
import type { CallPlan, Catalogue, McpServerSpec, ToolSpec } from '@toolfleet/kernel';
import { isFault, missing } from '@toolfleet/kernel';
import type { CallToolResult, McpConnection } from '@toolfleet/platform/mcp';
import type { Driver, ToolAnswer, ToolRun } from './driver.js';
import type { McpConnections } from './mcp-connections.js';
import type { Upstreams } from './upstreams.js';
import { atUpstream, upstreamCallOf } from './upstreams.js';

export interface McpDriverOptions {
  readonly connections: McpConnections;
  readonly upstreams: Upstreams;
  readonly catalogue: Catalogue;
}

/** Keys of a request's `_meta`, as the protocol wants them: with a name that is ours. */
const metaKeys = {
  idempotencyKey: 'toolfleet.dev/idempotency-key',
  epoch: 'toolfleet.dev/epoch',
  timeLeftMs: 'toolfleet.dev/time-left-ms',
} as const;

export class McpDriver implements Driver {
  constructor(private readonly options: McpDriverOptions) {}

  async plan(run: ToolRun): Promise<CallPlan> {
    const { server, name } = this.#boundTo(run.tool);
    await this.options.connections.check(server, run);
    return { destination: server.name, method: 'tools/call', path: name };
  }

  async run(run: ToolRun): Promise<ToolAnswer> {
    const { server, name } = this.#boundTo(run.tool);
    const { connections } = this.options;
    return atUpstream(async () => {
      const open = await connections.of(server, run);
      const work = (signal: AbortSignal): Promise<ToolAnswer> =>
        callTool(open.connection, name, run, signal).catch(async (error: unknown) => {
          if (!isFault(error) || error.reason !== 'CREDENTIAL_REFUSED') throw error;
          const fresh = await connections.renewed(server, { ...run, signal }, open);
          if (!fresh) throw error;
          return callTool(fresh.connection, name, run, signal);
        });
      return this.options.upstreams.of(server).run(work, upstreamCallOf(run));
    });
  }

  takeRetry(tool: ToolSpec): boolean {
    return this.options.upstreams.takeRetry(this.#serverOf(tool));
  }

  #boundTo(tool: ToolSpec): { readonly server: McpServerSpec; readonly name: string } {
    const server = this.#serverOf(tool);
    if (!tool.mcp || !server) throw missing('UPSTREAM_UNKNOWN', `The tool ${tool.name} has no server.`);
    return { server, name: tool.mcp.tool ?? tool.name };
  }

  #serverOf({ mcp }: ToolSpec): McpServerSpec | undefined {
    return mcp && this.options.catalogue.get('McpServer', mcp.server);
  }
}

async function callTool(
  connection: McpConnection,
  name: string,
  { call, tool, args, epoch }: ToolRun,
  signal: AbortSignal,
): Promise<ToolAnswer> {
  const wait = { signal, deadlineAtMs: call.deadlineAtMs };
  const meta = {
    [metaKeys.timeLeftMs]: Math.max(0, call.deadlineAtMs - Date.now()),
    ...(tool.effect === 'write' ? { [metaKeys.idempotencyKey]: call.idempotencyKey } : {}),
    // As text: JSON has no whole numbers of 63 bits.
    ...(epoch === undefined ? {} : { [metaKeys.epoch]: String(epoch) }),
  };
  const result = await connection.call({ tool: name, args, meta, ...wait });
  // Most servers say it in the words of a refusal.
  if (result.isError && !(await connection.hasTool(name, wait).catch(() => true))) {
    throw missing('UPSTREAM_TOOL_MISSING', `The server of ${tool.name} no longer has it.`, { details: { sent: 'no' } });
  }
  return answerOf(result);
}

async function answerOf(result: CallToolResult): Promise<ToolAnswer> {
  // Loaded already, with the connection.
  const { mcpBodyOf } = await import('@toolfleet/platform/mcp');
  const { text, contentType } = mcpBodyOf(result);
  const answer = { body: Buffer.from(text), contentType };
  return result.isError ? { ok: false, ...answer, reason: 'TOOL_REFUSED' } : { ok: true, ...answer };
}
