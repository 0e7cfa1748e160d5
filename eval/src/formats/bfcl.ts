/**
 * The Berkeley Function Calling Leaderboard: single questions with the functions that a model may call and the calls that
 * are right, and dialogues of several turns with recorded results (`bfcl-dialogues.ts`). The functions of an entry are the
 * tools of its session's agent, because the set says so; several entries have different functions of one name.
 */
import { basename } from 'node:path';
import { isAsPlanned } from '../call-verdict.js';
import { isList, isObject, listIn, malformed, textIn, type Folder } from '../folder.js';
import type { EndedSession, Figures, JsonObject, PlannedCall, PlannedSession, PlannedTool } from '../plan.js';
import { sampleOf, ToolBox, toolOf } from '../tool-document.js';
import { dialogueFiles, questionOf, readDialogues } from './bfcl-dialogues.js';
import { argumentsOf, isAccepted, isPythonTyped, type Accepted } from './bfcl-match.js';
import { Ids, sampled, type Format, type Reading } from './format.js';

const questionFiles = (folder: Folder): string[] =>
  folder.matching(/^[^/]*\.jsonl$/).filter((file) => {
    const row = folder.firstRow(file);
    return row !== undefined && isList(row['question']) && isList(row['function']) && 'ground_truth' in row;
  });

export const bfcl: Format = {
  name: 'bfcl',
  looksFor:
    '.jsonl files whose rows have question, function and ground_truth, or question, involved_classes and ground_truth',
  recognises: (folder) => questionFiles(folder).length > 0 || dialogueFiles(folder).length > 0,
  read,
};

interface Entry {
  readonly id: string;
  readonly category: string;
  readonly documents: readonly JsonObject[];
  readonly tools: readonly PlannedTool[];
  readonly question: string;
  /** Right calls; undefined: any call is right, as long as there is one. */
  readonly right: readonly RightCall[] | undefined;
}

interface RightCall {
  readonly document: JsonObject;
  readonly accepted: Accepted;
}

function read(folder: Folder, limit: number): Reading {
  const box = new ToolBox();
  const ids = new Ids();
  const files = questionFiles(folder);
  const entries = sampled(
    files.flatMap((file) =>
      folder
        .rows(file)
        .map((row, index) =>
          entryOf(row, { category: basename(file, '.jsonl'), at: `${file} row ${index + 1}`, box, ids }),
        ),
    ),
    limit,
  );
  const dialogues = readDialogues(folder, { box, ids, limit });
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const untyped = entries.filter((entry) => !isScored(entry)).length;
  const notes =
    untyped === 0 ? [] : [`${untyped} entries have types of other languages: right is there what ran as planned`];
  return {
    type: 'sessions',
    plan: {
      tools: box.tools,
      sessions: [...entries.map(sessionOf), ...dialogues.sessions],
      notes: [...notes, ...dialogues.notes],
      score: (ended) => ({
        ...score(
          ended.filter(({ planned }) => byId.has(planned.id)),
          byId,
        ),
        ...dialogues.score(ended),
      }),
    },
  };
}

interface EntryContext {
  readonly category: string;
  readonly at: string;
  readonly box: ToolBox;
  readonly ids: Ids;
}

function entryOf(row: JsonObject, { category, at, box, ids }: EntryContext): Entry {
  const documents = listIn(row, 'function', at);
  return {
    id: ids.take(textIn(row, 'id', at)),
    category,
    documents,
    tools: documents.map((document) => box.add(toolOf(document, at, 'read'))),
    question: questionOf(row['question']),
    right: row['ground_truth'] === null ? undefined : rightCalls(row, documents, at),
  };
}

function rightCalls(row: JsonObject, documents: readonly JsonObject[], at: string): RightCall[] {
  return listIn(row, 'ground_truth', at).flatMap((call) =>
    Object.entries(call).map(([name, accepted]) => {
      const document = documents.find((each) => each['name'] === name);
      if (document === undefined || !isObject(accepted)) throw malformed(at, `calls ${name}, which it does not offer`);
      const lists = Object.entries(accepted).map(([key, values]) => [key, isList(values) ? values : [values]] as const);
      return { document, accepted: Object.fromEntries(lists) };
    }),
  );
}

/** All calls of an entry stand in one answer: several are the parallel ones of the set. */
function sessionOf(entry: Entry): PlannedSession {
  const { id, tools, question, right } = entry;
  const calls =
    right?.map((call) => callOf(entry, call)) ?? tools.slice(0, 1).map((tool) => plannedCall(tool, sample(tool)));
  return {
    id,
    tools: tools.map(({ key }) => key),
    runs: [{ input: question, answers: calls.length === 0 ? [] : [calls], say: 'That is all.' }],
  };
}

const sample = ({ parameters }: PlannedTool): JsonObject => sampleOf(parameters) as JsonObject;

function callOf({ tools, documents }: Entry, { document, accepted }: RightCall): PlannedCall {
  return plannedCall(tools[documents.indexOf(document)]!, argumentsOf(document, accepted));
}

/** No results are recorded. */
const plannedCall = (tool: PlannedTool, args: JsonObject): PlannedCall => ({
  tool: tool.key,
  arguments: args,
  end: { type: 'answered', text: JSON.stringify({ called: tool.name }) },
});

const isScored = ({ right = [] }: Entry): boolean => right.every(({ document }) => isPythonTyped(document));

function isRight(session: EndedSession, entry: Entry): boolean {
  const ran = session.calls.filter(({ executions }) => executions === 1).map(({ planned }) => planned);
  if (session.strays > 0 || session.status !== 'completed') return false;
  if (entry.right === undefined) return ran.length > 0;
  if (!isScored(entry)) return session.calls.every(isAsPlanned);
  if (ran.length !== entry.right.length) return false;
  return entry.right.every(({ document, accepted }) => {
    const at = ran.findIndex(
      ({ tool, arguments: args }) =>
        tool === entry.tools[entry.documents.indexOf(document)]?.key &&
        isObject(args) &&
        isAccepted(document, accepted, args),
    );
    if (at >= 0) ran.splice(at, 1);
    return at >= 0;
  });
}

function score(ended: readonly EndedSession[], entries: ReadonlyMap<string, Entry>): Figures {
  const right = ended.map((session) => {
    const entry = entries.get(session.planned.id)!;
    return { category: entry.category, isRight: isRight(session, entry) };
  });
  const share = (of: typeof right): number => of.filter((each) => each.isRight).length / of.length;
  const byCategory = [...Map.groupBy(right, ({ category }) => category)];
  return {
    ...(right.length === 0 ? {} : { 'all entries': share(right) }),
    ...Object.fromEntries(byCategory.map(([category, of]) => [category, share(of)])),
  };
}
