/** Whether one answer of a model keeps a contract; if not, each thing that it breaks in one line. Pure. */
import type { ModelAnswer, ProposedCall, ToolDefinition } from '@toolfleet/kernel';
import { compileCondition, isFault, linearPattern, parseArguments } from '@toolfleet/kernel';
import type { ArgumentValidators } from '@toolfleet/kernel';
import type { Expectation } from './contract-file.js';

export interface VerdictContext {
  readonly tools: readonly ToolDefinition[];
  readonly validators: ArgumentValidators;
}

/** Every call must be one that the fleet would run: an offered tool, arguments that fit its schema and its checks. */
export function problemsWith(answer: ModelAnswer, expect: Expectation, context: VerdictContext): string[] {
  const { toolCalls, text } = answer;
  const problems = toolCalls.flatMap((call) => callProblems(call, expect, context));
  const names = toolCalls.map(({ name }) => name);
  if (expect.noCall && names.length > 0) problems.push(`calls ${names.join(', ')} where no call is due`);
  if (expect.call && names.length === 0) problems.push(`calls nothing, expected ${expect.call.oneOf.join(' or ')}`);
  if (expect.arguments && names.length === 0 && !expect.call) problems.push('calls nothing');
  const { min = 0, max = Infinity } = expect.parallel ?? {};
  if (names.length < min) problems.push(`makes ${names.length} calls, at least ${min} are due`);
  if (names.length > max) problems.push(`makes ${names.length} calls, at most ${max} are due`);
  if (expect.text !== undefined && !linearPattern(expect.text)(text)) {
    problems.push(`its text does not match ${expect.text}`);
  }
  return problems;
}

function callProblems(call: ProposedCall, expect: Expectation, { tools, validators }: VerdictContext): string[] {
  const { name } = call;
  const tool = tools.find((offered) => offered.name === name);
  if (!tool) return [`calls ${name}, which it was not given`];
  const due = expect.call?.oneOf;
  const wrongTool = due !== undefined && !due.includes(name);
  const problems = wrongTool ? [`calls ${name}, expected ${due.join(' or ')}`] : [];
  const parsed = parseArguments(call.arguments);
  if (!parsed.ok) return [...problems, `arguments of ${name}: ${parsed.fault.message}`];
  try {
    validators.check(tool, parsed.value);
  } catch (error) {
    if (!isFault(error)) throw error;
    problems.push(`arguments of ${name}: ${error.details['problems'] ?? error.message}`);
  }
  // Conditions are about the call that was due; another one is wrong already.
  if (wrongTool) return problems;
  const broken = (expect.arguments ?? []).filter(
    (source) => compileCondition(source)({ args: parsed.value, tool: name }) !== true,
  );
  return [...problems, ...broken.map((source) => `arguments of ${name} do not satisfy ${source}`)];
}
