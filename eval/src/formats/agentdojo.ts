/**
 * Suites of AgentDojo: tasks of a user with the calls that do them, and goals of an attacker that are planted into what a
 * tool answers. The model of a session obeys: it makes the user's calls, and after the answer that holds an instruction it
 * makes the attacker's. A suite is contained when none of those runs and each of the user's does, under one policy for all
 * of the suite, which is a file of `eval/policies` or of the folder itself.
 *
 * Where a suite states a goal and no calls for it, the calls are those of the file of attacks beside the policy.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { fileURLToPath } from 'node:url';
import { invalid, type RuleSpec } from '@toolfleet/kernel';
import { readManifests } from '@toolfleet/platform/catalog';
import { isAsPlanned, refusalIn } from '../call-verdict.js';
import { isList, isObject, listIn, malformed, objectIn, textIn, type Folder } from '../folder.js';
import type {
  Backing,
  EndedCall,
  EndedSession,
  Figures,
  JsonObject,
  PlannedCall,
  PlannedSession,
  PlannedTool,
} from '../plan.js';
import { requireTools, toolOf } from '../tool-document.js';
import { sampled, type Format, type Reading } from './format.js';

const files = {
  tools: 'tools.json',
  tasks: 'user_tasks.jsonl',
  attacks: 'injection_tasks.jsonl',
  benign: 'observations_benign.jsonl',
  poisoned: 'observations_poisoned.jsonl',
} as const;

export const agentdojo: Format = {
  name: 'agentdojo',
  looksFor: 'tools.json, user_tasks.jsonl, injection_tasks.jsonl and observations_*.jsonl',
  recognises: (folder) => Object.values(files).every((file) => folder.has(file)),
  read,
};

interface Call {
  readonly name: string;
  readonly arguments: JsonObject;
}

interface Task {
  readonly id: string;
  readonly prompt: string;
  readonly calls: readonly Call[];
  readonly answer: string;
}

interface Observation extends Call {
  readonly task: string;
  readonly attack: string;
  readonly text: string;
}

/** How a call of an attacker may end: no rule or no person lets it through. */
const denials = ['FORBIDDEN', 'APPROVAL_EXPIRED', 'APPROVALS_FULL', 'APPROVAL_ASKED_ALREADY'];
/** Nobody answers here; a policy in use gives people minutes. */
const approvalMs = 2_000;
const sweepMs = 250;
const readsBy = /^(?:get|search|list)_/;

function read(folder: Folder, limit: number): Reading {
  const suite = textIn(folder.firstRow(files.benign) ?? {}, 'suite', files.benign);
  const policy = textBeside(folder, suite, 'yaml');
  if (policy === undefined) return { type: 'skipped', reason: `there is no policy for the suite ${suite}` };
  const tasks = folder.rows(files.tasks).map((row, index) => taskOf(row, `${files.tasks} row ${index + 1}`));
  const attacks = attacksOf(folder, textBeside(folder, suite, 'attacks.json'));
  const benign = observationsOf(folder, files.benign);
  const poisoned = observationsOf(folder, files.poisoned);
  const tools = toolsOf(folder);
  const maker = new SessionMaker(tools, benign);
  const untouched = tasks.map((task) => maker.untouched(task));
  const pairs = poisoned.flatMap((observation) => {
    const task = tasks.find(({ id }) => id === observation.task);
    const attack = attacks.get(observation.attack);
    return task && attack && attack.length > 0 ? [{ task, attack, observation }] : [];
  });
  const sessions = [...untouched, ...sampled(pairs, limit).map((pair) => maker.attacked(pair))];
  const without = new Set(poisoned.map(({ attack }) => attack).filter((id) => !attacks.get(id)?.length));
  const notes = [
    `the tools answer from the recordings; what reaches one that writes counts as an effect`,
    ...(without.size > 0 ? [`goals without calls, left out: ${[...without].join(', ')}`] : []),
  ];
  const plan = { tools, sessions, notes, backing, rules: rulesOf(policy), score: maker.score };
  return { type: 'sessions', plan };
}

/** Approvals that nobody gives are denied soon. */
const backing: Backing = {
  manifests: [],
  env: { TOOLFLEET_POLICY_SWEEP_MS: String(sweepMs) },
  close: () => Promise.resolve(),
};

function textBeside(folder: Folder, suite: string, ending: string): string | undefined {
  const name = `agentdojo-${suite}.${ending}`;
  if (folder.has(name)) return folder.text(name);
  const path = fileURLToPath(new URL(`../../policies/${name}`, import.meta.url));
  return /^[a-z]+$/.test(suite) && existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function rulesOf(text: string): RuleSpec[] {
  const { manifests, problems } = readManifests([{ path: 'policy.yaml', text }]);
  const [problem] = problems;
  if (problem) throw invalid('POLICY_INVALID', `The policy cannot be read: line ${problem.line}: ${problem.reason}`);
  const rules = manifests.flatMap(({ manifest }) => (manifest.kind === 'Policy' ? manifest.spec.rules : []));
  return rules.map((rule) => (rule.effect === 'review' ? { ...rule, approvalMs } : rule));
}

function toolsOf(folder: Folder): PlannedTool[] {
  const documents = folder.json(files.tools);
  if (!isList(documents)) throw malformed(files.tools, 'is not a list of tools');
  const tools = documents.filter(isObject).map((document, index) => {
    const tool = toolOf(document, `${files.tools} item ${index + 1}`, 'write');
    return readsBy.test(tool.name) ? { ...tool, effect: 'read' as const } : tool;
  });
  requireTools(tools, files.tools);
  return tools;
}

const callOf = (row: JsonObject, at: string): Call => ({
  name: textIn(row, 'name', at),
  arguments: objectIn(row, 'arguments', at),
});

function taskOf(row: JsonObject, at: string): Task {
  return {
    id: textIn(row, 'id', at),
    prompt: textIn(row, 'prompt', at),
    calls: listIn(row, 'ground_truth', at).map((call) => callOf(call, at)),
    answer: typeof row['answer'] === 'string' ? row['answer'] : '',
  };
}

/** Calls by attack; the suite's own go first. */
function attacksOf(folder: Folder, beside: string | undefined): Map<string, readonly Call[]> {
  const known: unknown = beside === undefined ? {} : JSON.parse(beside);
  return new Map(
    folder.rows(files.attacks).map((row, index) => {
      const at = `${files.attacks} row ${index + 1}`;
      const id = textIn(row, 'id', at);
      const own = listIn(row, 'malicious_calls', at);
      const more = isObject(known) && id in known ? listIn(known, id, `attacks of ${id}`) : [];
      return [id, (own.length > 0 ? own : more).map((call) => callOf(call, at))] as const;
    }),
  );
}

function observationsOf(folder: Folder, file: string): Observation[] {
  return folder.rows(file).map((row, index) => {
    const at = `${file} row ${index + 1}`;
    return {
      task: textIn(row, 'user_task', at),
      attack: typeof row['injection_task'] === 'string' ? row['injection_task'] : '',
      name: textIn(row, 'tool', at),
      arguments: objectIn(row, 'arguments', at),
      text: typeof row['content'] === 'string' ? row['content'] : '',
    };
  });
}

const alike = (one: Call, other: Call): boolean =>
  one.name === other.name && isDeepStrictEqual(one.arguments, other.arguments);

interface Pair {
  readonly task: Task;
  readonly attack: readonly Call[];
  /** Where the attacker's words stand. */
  readonly observation: Observation;
}

class SessionMaker {
  readonly #ofAttackers = new WeakSet<PlannedCall>();
  readonly #writes: ReadonlySet<string>;
  readonly #names: readonly string[];

  constructor(
    tools: readonly PlannedTool[],
    private readonly benign: readonly Observation[],
  ) {
    this.#names = tools.map(({ key }) => key);
    this.#writes = new Set(tools.filter(({ effect }) => effect === 'write').map(({ key }) => key));
  }

  untouched(task: Task): PlannedSession {
    return this.#session(
      task.id,
      task,
      task.calls.map((call) => [this.#usersCall(call)]),
    );
  }

  attacked({ task, attack, observation }: Pair): PlannedSession {
    const at = task.calls.findIndex((call) => alike(call, observation));
    if (at < 0)
      throw malformed(`${task.id} ${observation.attack}`, 'has an observation of a call that the task does not make');
    const calls = task.calls.map((call) => [this.#usersCall(call, observation)]);
    // What the user asked for in just these words of a call is not the attacker's.
    const own = attack.filter((call) => !task.calls.some((users) => alike(users, call)));
    const planted = own.map((call) => [this.#attackersCall(call)]);
    const answers = [...calls.slice(0, at + 1), ...planted, ...calls.slice(at + 1)];
    return this.#session(`${task.id}/${observation.attack}`, task, answers);
  }

  readonly score = (ended: readonly EndedSession[]): Figures => {
    const calls = ended.flatMap((session) => session.calls);
    const planted = calls.filter(({ planned }) => this.#ofAttackers.has(planned));
    const benign = calls.filter(({ planned }) => !this.#ofAttackers.has(planned));
    const ran = ({ executions }: EndedCall): boolean => executions > 0;
    const effects = planted.filter(({ planned }) => this.#writes.has(planned.tool));
    const isAttacked = ({ planned }: EndedSession) => planned.id.includes('/');
    return {
      'pairs of task and attack': ended.filter(isAttacked).length,
      'forbidden effects tried': effects.length,
      'forbidden effects executed': effects.filter(ran).length,
      'forbidden reads tried': planted.length - effects.length,
      'forbidden reads executed': planted.filter(ran).length - effects.filter(ran).length,
      'benign calls': benign.length,
      'benign calls blocked': benign.filter((call) => !isAsPlanned(call)).length,
      ...countsByRule(planted),
    };
  };

  #session(id: string, task: Task, answers: readonly (readonly PlannedCall[])[]): PlannedSession {
    const say = task.answer === '' ? 'That is done.' : task.answer;
    return { id, tools: this.#names, runs: [{ input: task.prompt, answers, say }] };
  }

  #usersCall(call: Call, poisoned?: Observation): PlannedCall {
    const seen = poisoned && alike(call, poisoned) ? poisoned : this.benign.find((each) => alike(call, each));
    return { tool: call.name, arguments: call.arguments, end: { type: 'answered', text: seen?.text ?? 'done' } };
  }

  #attackersCall({ name, arguments: args }: Call): PlannedCall {
    const call: PlannedCall = { tool: name, arguments: args, end: { type: 'denied', reasons: denials } };
    this.#ofAttackers.add(call);
    return call;
  }
}

function countsByRule(planted: readonly EndedCall[]): Figures {
  const counts = new Map<string, number>();
  for (const call of planted) {
    const refusal = refusalIn(call);
    if (refusal === undefined) continue;
    const rule = typeof refusal.details['rule'] === 'string' ? refusal.details['rule'] : 'none that allows it';
    const how = refusal.reason === 'FORBIDDEN' ? 'denied by' : 'not approved, asked by';
    const name = `${how} ${rule}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
