/**
 * The whole of an evaluation: reads every folder, starts one fleet for all that have sessions, runs them, and scores. A
 * folder that cannot be read is reported and keeps no other from running.
 */
import type { LogLine } from '@toolfleet/fleetctl/local';
import { chainOf, faultOf } from '@toolfleet/kernel';
import { mismatchesOf, tallyOf } from './call-verdict.js';
import { endedSessionOf } from './ended-sessions.js';
import { Folder } from './folder.js';
import { formatOf } from './formats/index.js';
import type { Reading } from './formats/format.js';
import type { Backing, EndedSession } from './plan.js';
import type { EvalReport, FolderReport } from './report.js';
import { isRight } from './report.js';
import { SessionRunner } from './session-runner.js';
import { openStage, type Stage } from './stage.js';
import { NameBook, stagePlan, type StagedPlan } from './staging.js';
import { pickedOfAll } from './whole-catalogue.js';

export interface EvalRun {
  readonly folders: readonly string[];
  readonly limit: number;
  readonly log: (line: LogLine) => void;
  readonly say: (text: string) => void;
  readonly onProgress: (done: number, all: number) => void;
  readonly signal: AbortSignal;
}

/** Of each folder; a set that is wrong as a whole shows it in the first hundred. */
const mismatchesMax = 10_000;

type Ready = Exclude<Reading, { type: 'prepared' }>;

type Read = Pick<FolderReport, 'folder' | 'path'> &
  (
    | { readonly reading: Ready; readonly format: string; readonly staged?: StagedPlan }
    | { readonly reading?: undefined; readonly failed: Pick<FolderReport, 'format' | 'reason' | 'hint'> }
  );

export async function evaluate(run: EvalRun): Promise<EvalReport> {
  const startedAt = new Date();
  const runId = `eval-${startedAt.getTime().toString(36)}`;
  const names = new NameBook();
  const read: Read[] = [];
  try {
    for (const [index, path] of run.folders.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- what one starts is up before the next
      read.push(await readFolder(path, index, { run, runId, names }));
    }
    return await evaluateRead(read, { run, startedAt });
  } finally {
    await Promise.allSettled(read.map((each) => backingOf(each)?.close()));
  }
}

const backingOf = (read: Read): Backing | undefined =>
  read.reading === undefined ? undefined : read.staged?.plan.backing;

async function evaluateRead(
  read: readonly Read[],
  { run, startedAt }: { readonly run: EvalRun; readonly startedAt: Date },
): Promise<EvalReport> {
  const plans = read.flatMap((each) => (each.reading && each.staged !== undefined ? [each.staged] : []));
  const ended = plans.length === 0 ? new Map<StagedPlan, EndedSession[]>() : await runAll(plans, run);
  const folders = read.map((each) => reportOf(each, ended, run));
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 100) / 10;
  return { startedAt: startedAt.toISOString(), seconds, isRight: isRight(folders), folders };
}

interface ReadContext {
  readonly run: EvalRun;
  readonly runId: string;
  readonly names: NameBook;
}

async function readFolder(path: string, index: number, { run, runId, names }: ReadContext): Promise<Read> {
  let place = { folder: path, path };
  let format: string | undefined;
  try {
    const folder = new Folder(path);
    place = { folder: folder.name, path: folder.path };
    const known = formatOf(folder);
    format = known.name;
    const reading = await preparedOf(known.read(folder, run.limit), run.signal);
    if (reading.type !== 'sessions') return { ...place, format, reading };
    const staged = stagePlan(reading.plan, index, runId, names);
    run.say(`${folder.name} (${format}): ${staged.sessions.length} sessions, ${staged.tools.length} tools`);
    return { ...place, format, reading, staged };
  } catch (error) {
    return { ...place, failed: failureOf(error, format) };
  }
}

async function preparedOf(reading: Reading, signal: AbortSignal): Promise<Ready> {
  return reading.type === 'prepared' ? { type: 'sessions', plan: await reading.prepare(signal) } : reading;
}

function failureOf(error: unknown, format: string | undefined): Pick<FolderReport, 'format' | 'reason' | 'hint'> {
  const { kind, reason, message, hint } = faultOf(error);
  const text = kind === 'broken' ? chainOf(error).join(' <- ') : message;
  return {
    reason: `${reason}: ${text}`,
    ...(hint === undefined ? {} : { hint }),
    ...(format === undefined ? {} : { format }),
  };
}

async function runAll(plans: readonly StagedPlan[], run: EvalRun): Promise<Map<StagedPlan, EndedSession[]>> {
  const agents = plans.reduce((sum, plan) => sum + plan.agents.length, 0);
  const tools = plans.reduce((sum, plan) => sum + plan.tools.length, 0);
  run.say(`Starting a fleet with ${tools} tools and ${agents} agents ...`);
  const stage = await openStage(plans, run);
  try {
    return await runOn(stage, plans, run);
  } finally {
    await stage.close();
  }
}

async function runOn(
  stage: Stage,
  plans: readonly StagedPlan[],
  run: EvalRun,
): Promise<Map<StagedPlan, EndedSession[]>> {
  const sessions = plans.flatMap((plan) => plan.sessions);
  run.say(`Up; running ${sessions.length} sessions ...`);
  const onEnded = (ended: number): void => run.onProgress(ended, sessions.length);
  const runner = new SessionRunner({ ...stage, signal: run.signal, onEnded });
  await runner.open();
  const ran = await runner.run(sessions);
  run.signal.throwIfAborted();
  const known = new Set(plans.flatMap((plan) => plan.tools.map(({ name }) => name)));
  const bySession = new Map(
    ran.map((each) => [each.session, endedSessionOf(each, { model: stage.model, tools: stage.tools, known })]),
  );
  return new Map(plans.map((plan) => [plan, plan.sessions.flatMap((session) => bySession.get(session) ?? [])]));
}

function reportOf(read: Read, endedOf: ReadonlyMap<StagedPlan, readonly EndedSession[]>, run: EvalRun): FolderReport {
  const { folder, path } = read;
  const nothing = { notes: [], figures: {}, mismatches: [], sessionsNotCompleted: [] };
  if (!read.reading) return { folder, path, status: 'failed', ...nothing, ...read.failed };
  const { reading, format, staged } = read;
  if (reading.type === 'skipped')
    return { folder, path, format, status: 'skipped', ...nothing, reason: reading.reason };
  if (reading.type === 'direct') {
    run.say(`${folder} (${format}): asking the router's index`);
    return { folder, path, format, status: 'scored', ...nothing, notes: reading.notes, figures: reading.measure() };
  }
  const ended = (staged && endedOf.get(staged)) ?? [];
  const mismatches = mismatchesOf(ended);
  const more = mismatches.length - mismatchesMax;
  return {
    ...{ folder, path, format, status: 'scored' },
    notes: [...reading.plan.notes, ...(more > 0 ? [`${more} more calls did not end as recorded`] : [])],
    tools: staged?.tools.length ?? 0,
    unusableTools: staged?.unusable ?? [],
    tally: tallyOf(ended),
    figures: { ...reading.plan.score(ended), ...(staged === undefined ? {} : pickedOfAll(staged)) },
    mismatches: mismatches.slice(0, mismatchesMax),
    sessionsNotCompleted: ended.flatMap(({ planned, status, problem }) =>
      status === 'completed' ? [] : [{ id: planned.id, status, ...(problem === undefined ? {} : { problem }) }],
    ),
  };
}
