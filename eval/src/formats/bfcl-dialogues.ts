/**
 * Dialogues of several turns: each turn of the user is a message to the same session, each recorded call an answer of the
 * model, because its result depends on what was called before. Results come from the recording, so a dialogue is right
 * when every call ran once and came back as recorded.
 */
import { basename, dirname } from 'node:path';
import { isAsPlanned } from '../call-verdict.js';
import { isList, isObject, listIn, malformed, textIn, type Folder } from '../folder.js';
import type {
  EndedSession,
  Figures,
  JsonObject,
  PlannedCall,
  PlannedRun,
  PlannedSession,
  PlannedTool,
} from '../plan.js';
import { toolOf, type ToolBox } from '../tool-document.js';
import { sampled, type Ids } from './format.js';

export const dialogueFiles = (folder: Folder): string[] =>
  folder.matching(/^[^/]*\.jsonl$/).filter((file) => {
    const row = folder.firstRow(file);
    return (
      row !== undefined && isList(row['question']) && isList(row['involved_classes']) && isList(row['ground_truth'])
    );
  });

/** One list of messages a turn; their texts are what the user says. */
export function questionOf(question: unknown): string {
  const messages = isList(question) ? question.flat() : [];
  return messages
    .flatMap((message) => (isObject(message) && typeof message['content'] === 'string' ? [message['content']] : []))
    .join('\n\n');
}

interface Dialogue {
  readonly id: string;
  readonly category: string;
  readonly session: PlannedSession;
}

export interface Dialogues {
  readonly sessions: readonly PlannedSession[];
  readonly notes: readonly string[];
  score(ended: readonly EndedSession[]): Figures;
}

export interface DialogueContext {
  readonly box: ToolBox;
  readonly ids: Ids;
  readonly limit: number;
}

export function readDialogues(folder: Folder, { box, ids, limit }: DialogueContext): Dialogues {
  const files = dialogueFiles(folder);
  const rows = sampled(
    files.flatMap((file) =>
      folder.rows(file).map((row, index) => ({
        row,
        category: basename(file, '.jsonl'),
        at: `${file} row ${index + 1}`,
      })),
    ),
    limit,
  );
  const backends =
    rows.length === 0
      ? undefined
      : new Backends(
          folder,
          box,
          rows.map(({ row }) => row),
        );
  const dialogues = rows.map(({ row, category, at }): Dialogue => {
    const session = { ...sessionOf(row, at, backends!), id: ids.take(textIn(row, 'id', at)) };
    return { id: session.id, category, session };
  });
  return {
    sessions: dialogues.map(({ session }) => session),
    notes:
      dialogues.length === 0
        ? []
        : ['dialogues: states are not recomputed; a state follows from calls run as recorded'],
    score: (ended) => score(ended, dialogues),
  };
}

/** The documents of the backend classes, one file each; which class a file is for is told by the calls. */
class Backends {
  readonly #files: ReadonlyMap<string, ReadonlyMap<string, PlannedTool>>;
  readonly #fileOf = new Map<string, string>();

  constructor(folder: Folder, box: ToolBox, rows: readonly JsonObject[]) {
    const files = folder.matching(/\.jsonl$/).filter((file) => dirname(file) !== '.' && isDocuments(folder, file));
    this.#files = new Map(
      files.map((file) => {
        const tools = folder.rows(file).map((row, index) => box.add(toolOf(row, `${file} row ${index + 1}`, 'write')));
        return [file, new Map(tools.map((tool) => [tool.name, tool]))] as const;
      }),
    );
    for (const [name, called] of calledByClass(rows)) {
      const known = [...this.#files].map(([file, tools]) => ({
        file,
        hits: called.filter((each) => tools.has(each)).length,
      }));
      const best = known.toSorted((a, b) => b.hits - a.hits)[0];
      if (best !== undefined && best.hits > 0) this.#fileOf.set(name, best.file);
    }
  }

  tool(ofClass: string, name: string): PlannedTool | undefined {
    const own = this.#files.get(this.#fileOf.get(ofClass) ?? '')?.get(name);
    return own ?? [...this.#files.values()].map((tools) => tools.get(name)).find((tool) => tool !== undefined);
  }

  toolsOf(classes: readonly string[]): PlannedTool[] {
    return classes.flatMap((name) => [...(this.#files.get(this.#fileOf.get(name) ?? '')?.values() ?? [])]);
  }
}

function isDocuments(folder: Folder, file: string): boolean {
  const row = folder.firstRow(file);
  return row !== undefined && typeof row['name'] === 'string' && isObject(row['parameters']);
}

function calledByClass(rows: readonly JsonObject[]): Map<string, string[]> {
  const called = new Map<string, Set<string>>();
  for (const call of rows.flatMap((row) => (isList(row['ground_truth']) ? row['ground_truth'].flat() : []))) {
    if (!isObject(call)) continue;
    const names = called.get(String(call['class'])) ?? new Set();
    called.set(String(call['class']), names.add(String(call['name'])));
  }
  return new Map([...called].map(([name, names]) => [name, [...names]]));
}

function sessionOf(row: JsonObject, at: string, backends: Backends): Omit<PlannedSession, 'id'> {
  const turns = row['ground_truth'];
  const questions = row['question'];
  if (!isList(turns) || !isList(questions)) throw malformed(at, 'has no turns');
  const runs = turns.map((turn, index): PlannedRun => {
    if (!isList(turn)) throw malformed(at, `has no list of calls in turn ${index + 1}`);
    const calls = listIn({ turn }, 'turn', at).map((call) => callOf(call, at, backends));
    return { input: questionOf(questions[index]), answers: calls.map((call) => [call]), say: 'That is done.' };
  });
  const classes = isList(row['involved_classes']) ? row['involved_classes'].map(String) : [];
  const excluded = new Set(isList(row['excluded_function']) ? row['excluded_function'].map(String) : []);
  const called = runs.flatMap(({ answers }) => answers.flat().map(({ tool }) => tool));
  const offered = backends.toolsOf(classes).filter(({ name }) => !excluded.has(name));
  return { tools: [...new Set([...offered.map(({ key }) => key), ...called])], runs };
}

function callOf(call: JsonObject, at: string, backends: Backends): PlannedCall {
  const name = textIn(call, 'name', at);
  const tool = backends.tool(String(call['class']), name);
  if (tool === undefined) throw malformed(at, `calls ${name}, which no document describes`);
  const result = call['result'];
  return {
    tool: tool.key,
    arguments: isObject(call['arguments']) ? call['arguments'] : {},
    end: { type: 'answered', text: typeof result === 'string' ? result : JSON.stringify(result ?? null) },
  };
}

function score(ended: readonly EndedSession[], dialogues: readonly Dialogue[]): Figures {
  const byId = new Map(ended.map((session) => [session.planned.id, session]));
  const isRight = ({ id }: Dialogue): boolean => {
    const session = byId.get(id);
    return session?.status === 'completed' && session.strays === 0 && session.calls.every(isAsPlanned);
  };
  const byCategory = [...Map.groupBy(dialogues, ({ category }) => category)];
  return Object.fromEntries(
    byCategory.map(([category, of]) => [category, of.filter(isRight).length / of.length] as const),
  );
}
