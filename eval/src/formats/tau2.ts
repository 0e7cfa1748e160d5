/**
 * Domains of tau2-bench: the agent's tools, and for each task the actions that an oracle ran against the domain's own
 * environment, with their answers and what they changed. A task is one session; its actions follow one after another.
 *
 * The tools answer from the recording, so a task is right when each recorded action ran once, in order, with exactly its
 * arguments and came back as recorded: then the recorded changes follow, and none else. And the user must have been told
 * what was to be told.
 */
import { isList, isObject, listIn, malformed, textIn, type Folder } from '../folder.js';
import type { EndedSession, Figures, JsonObject, PlannedCall, PlannedSession, PlannedTool } from '../plan.js';
import { isAsPlanned } from '../call-verdict.js';
import { requireTools, toolOf } from '../tool-document.js';
import { Ids, sampled, type Format, type Reading } from './format.js';

const toolsFile = 'tools.json';
const oracleFile = 'oracle.jsonl';
const tasksFile = 'tasks.jsonl';

export const tau2: Format = {
  name: 'tau2',
  looksFor: 'tools.json and oracle.jsonl whose rows have actions',
  recognises: (folder) =>
    folder.has(toolsFile) && folder.has(oracleFile) && isList(folder.firstRow(oracleFile)?.['actions']),
  read,
};

interface Action {
  readonly name: string;
  readonly arguments: JsonObject;
  readonly error: boolean;
  readonly text: string;
}

interface Task {
  readonly id: string;
  readonly actions: readonly Action[];
  readonly changes: number;
  readonly toTell: readonly string[];
  /** Done by the user's own tools, which no agent has. */
  readonly byUser: number;
}

function read(folder: Folder, limit: number): Reading {
  const ids = new Ids();
  const all = folder.rows(oracleFile).map((row, index) => {
    const task = taskOf(row, `${oracleFile} row ${index + 1}`);
    return { ...task, sessionId: ids.take(task.id) };
  });
  const tools = toolsOf(folder, all);
  const tasks = sampled(all, limit);
  const inputs = inputsOf(folder);
  const names = new Set(tools.map(({ name }) => name));
  const sessions = tasks.map((task): PlannedSession => ({
    id: task.sessionId,
    tools: [...names],
    runs: [
      {
        input: inputs.get(task.id) ?? `Please help me with task ${task.id}.`,
        answers: task.actions.map((action) => [callOf(action, names)]),
        say: task.toTell.length === 0 ? 'That is done.' : `That is done: ${task.toTell.join('; ')}.`,
      },
    ],
  }));
  const byId = new Map(tasks.map((task) => [task.sessionId, task]));
  const byUser = tasks.reduce((sum, task) => sum + task.byUser, 0);
  const notes = byUser === 0 ? [] : [`${byUser} actions are the user's own and no call of the agent`];
  return { type: 'sessions', plan: { tools, sessions, notes, score: (ended) => score(ended, byId) } };
}

function taskOf(row: JsonObject, at: string): Task {
  const actions = listIn(row, 'actions', at);
  const own = actions.filter(({ requestor = 'assistant' }) => requestor === 'assistant');
  const toTell = row['communicate_info'];
  const changes = row['db_changes'];
  return {
    id: textIn(row, 'id', at),
    actions: own.map((action) => ({
      name: textIn(action, 'name', at),
      arguments: isObject(action['arguments']) ? action['arguments'] : {},
      error: action['error'] === true,
      text: typeof action['result'] === 'string' ? action['result'] : JSON.stringify(action['result'] ?? null),
    })),
    changes: isList(changes) ? changes.length : 0,
    toTell: isList(toTell) ? toTell.map(String) : [],
    byUser: actions.length - own.length,
  };
}

/** A tool that ran in a task which changed nothing reads; of the others nobody knows, so they count as writes. */
function toolsOf(folder: Folder, tasks: readonly Task[]): PlannedTool[] {
  const unchanging = tasks.filter(({ changes }) => changes === 0).flatMap(({ actions }) => actions);
  const reads = new Set(unchanging.filter(({ error }) => !error).map(({ name }) => name));
  const documents = folder.json(toolsFile);
  if (!isList(documents)) throw malformed(toolsFile, 'is not a list of tools');
  const byName = new Map<string, PlannedTool>();
  for (const [index, document] of documents.filter(isObject).entries()) {
    const tool = toolOf(document, `${toolsFile} item ${index + 1}`, 'write');
    byName.set(tool.name, reads.has(tool.name) ? { ...tool, effect: 'read' } : tool);
  }
  requireTools([...byName.values()], toolsFile);
  return [...byName.values()];
}

function callOf({ name, arguments: args, error, text }: Action, names: ReadonlySet<string>): PlannedCall {
  if (!names.has(name)) return { tool: name, arguments: args, end: { type: 'unknown' } };
  return { tool: name, arguments: args, end: { type: error ? 'refused' : 'answered', text } };
}

/** What the user wants, in the words of the scenario; it may be a text or an object of texts. */
function inputsOf(folder: Folder): Map<string, string> {
  if (!folder.has(tasksFile)) return new Map();
  return new Map(
    folder.rows(tasksFile).map((row) => {
      const scenario = isObject(row['user_scenario']) ? row['user_scenario']['instructions'] : row['user_scenario'];
      const texts = isObject(scenario) ? Object.values(scenario) : [scenario];
      return [String(row['id']), texts.filter((text) => typeof text === 'string').join('\n')] as const;
    }),
  );
}

function score(ended: readonly EndedSession[], tasks: ReadonlyMap<string, Task>): Figures {
  let changes = 0;
  let told = 0;
  let both = 0;
  for (const session of ended) {
    const done = session.strays === 0 && session.calls.every(isAsPlanned);
    const said = session.answers.join('\n').toLowerCase();
    const toTell = tasks.get(session.planned.id)?.toTell ?? [];
    const isTold = toTell.every((text) =>
      [said, said.replaceAll(',', '')].some((each) => each.includes(text.toLowerCase())),
    );
    changes += Number(done);
    told += Number(isTold && session.status === 'completed');
    both += Number(done && isTold && session.status === 'completed');
  }
  const shareOf = (count: number): number => (ended.length === 0 ? 0 : count / ended.length);
  return { db_changes: shareOf(changes), communicate_info: shareOf(told), 'pass^1': shareOf(both) };
}
