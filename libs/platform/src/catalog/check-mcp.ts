/** What a schema cannot see of MCP servers and their tools: who may start processes, and what these are given. */
import type { McpBinding, McpProcess } from '@toolfleet/kernel';
import { checkCredential, checkTemplate, operatorsOnly } from './check-credential.js';
import type { PlacedManifest, Problem, Report } from './read-manifests.js';

type PlacedServer = PlacedManifest<'McpServer'>;
/** A team that could start programs in an executor could read what belongs to all the others. */
export function checkMcpServer(placed: PlacedServer, ofOperators: (file: string) => boolean): Problem[] {
  const { http, stdio } = placed.manifest.spec;
  if (http) return checkCredential(placed, ['spec', 'http', 'credential'], http.credential, ofOperators);
  const own = placed.problem(['spec', 'stdio'], operatorsOnly);
  return [...(ofOperators(own.file) ? [] : [own]), ...(stdio ? checkProcess(placed, stdio) : [])];
}

export function checkMcp(binding: McpBinding, servers: ReadonlySet<string>, report: Report): void {
  if (servers.has(binding.server)) return;
  report(['spec', 'mcp', 'server'], `there is no McpServer ${JSON.stringify(binding.server)}`);
}

/** Variables with which a process can be made to run something else before it runs itself. */
const loaderVariable = /^(LD_|DYLD_|NODE_OPTIONS$|NODE_PATH$|PYTHONPATH$|PYTHONSTARTUP$|BASH_ENV$|ENV$)/;
/** Of a deployment's own variables. */
const resolvedLater = /\$\{[^{}]*\}/g;
/** Users choose their names themselves: these have no place where a program reads its arguments. */
const fields = ['tenant'];

function checkProcess(placed: PlacedServer, { args, env }: McpProcess): Problem[] {
  return [
    // Whatever runs on the machine can read arguments.
    ...args.flatMap((text, index) => {
      const path = ['spec', 'stdio', 'args', index];
      return checkTemplate(placed, path, text.replace(resolvedLater, ''), { fields, variables: false });
    }),
    ...Object.entries(env).flatMap(([name, text]) => {
      const path = ['spec', 'stdio', 'env', name];
      if (loaderVariable.test(name)) return [placed.problem(path, 'would let the process load other code')];
      return checkTemplate(placed, path, text, { fields, variables: true });
    }),
  ];
}
