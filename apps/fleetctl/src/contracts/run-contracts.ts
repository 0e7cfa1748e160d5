/**
 * Asks a model for every contract as often as that wants, a few questions at a time, each with its own deadline. A question
 * without an answer is a broken contract; when none at all is answered, the model is what failed.
 */
import type { Fault, ModelAnswer } from '@toolfleet/kernel';
import { ArgumentValidators, faultOf } from '@toolfleet/kernel';
import type { ModelClient, ModelRoute } from '@toolfleet/platform/model';
import type { Question } from './contract-question.js';
import { problemsWith } from './contract-verdict.js';

export interface ContractResult {
  readonly name: string;
  readonly file: string;
  readonly samples: number;
  readonly passed: number;
  readonly passRate: number;
  readonly required: number;
  readonly ok: boolean;
  /** What broke it and how often, the most frequent first. */
  readonly failures: readonly { readonly reason: string; readonly count: number }[];
}

export interface RunOptions {
  readonly client: ModelClient;
  /** Of the question, with the seed of a sample. */
  readonly routeOf: (question: Question, sample: number) => ModelRoute;
  readonly concurrency: number;
  readonly deadlineMs: number;
  /** In place of what the contracts say. */
  readonly samples?: number | undefined;
  readonly onResult: (result: ContractResult) => void;
}

interface Tally {
  readonly question: Question;
  readonly samples: number;
  readonly reasons: Map<string, number>;
  done: number;
  passed: number;
}

export async function runContracts(questions: readonly Question[], options: RunOptions): Promise<ContractResult[]> {
  const validators = new ArgumentValidators();
  const tallies = questions.map((question): Tally => ({
    question,
    samples: options.samples ?? question.contract.spec.samples,
    reasons: new Map(),
    ...{ done: 0, passed: 0 },
  }));
  const due = tallies.flatMap((tally) => Array.from({ length: tally.samples }, (_, sample) => ({ tally, sample })));
  let failure: Fault | undefined;
  let answers = 0;
  const work = async (): Promise<void> => {
    for (let next = due.shift(); next; next = due.shift()) {
      const { tally, sample } = next;
      const { question } = tally;
      // oxlint-disable-next-line no-await-in-loop -- one question of this worker after the other
      const answer = await ask(question, sample, options);
      if ('kind' in answer) failure ??= answer;
      else answers += 1;
      const problems =
        'kind' in answer
          ? [wordsOf(answer)]
          : problemsWith(answer, question.contract.spec.expect, { tools: question.tools, validators });
      count(tally, problems);
      if (tally.done === tally.samples) options.onResult(resultOf(tally));
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, due.length) }, work));
  if (answers === 0 && failure) throw failure;
  return tallies.map(resultOf);
}

function wordsOf({ message, reason, details }: Fault): string {
  const said = details['providerMessage'];
  return `no answer: ${message} (${reason})${said === undefined ? '' : ` ${said}`}`;
}

async function ask(question: Question, sample: number, options: RunOptions): Promise<ModelAnswer | Fault> {
  const deadlineAtMs = Date.now() + options.deadlineMs;
  const { messages, tools, contract } = question;
  // A last message of its own: requests that run at the same time must not share what they were encoded to.
  const own = [...messages.slice(0, -1), { ...messages.at(-1)! }];
  const sessionId = `contract-${contract.name}-${sample}`;
  const request = { route: options.routeOf(question, sample), messages: own, tools, deadlineAtMs, sessionId };
  try {
    return await options.client.answer(request, AbortSignal.timeout(options.deadlineMs));
  } catch (error) {
    return faultOf(error);
  }
}

function count(tally: Tally, problems: readonly string[]): void {
  tally.done += 1;
  if (problems.length === 0) tally.passed += 1;
  for (const reason of new Set(problems)) tally.reasons.set(reason, (tally.reasons.get(reason) ?? 0) + 1);
}

function resultOf({ question: { contract }, samples, passed, reasons }: Tally): ContractResult {
  const passRate = passed / samples;
  const failures = [...reasons].map(([reason, times]) => ({ reason, count: times }));
  return {
    ...{ name: contract.name, file: contract.file, samples, passed, passRate, required: contract.spec.passRate },
    ok: passRate >= contract.spec.passRate,
    failures: failures.toSorted((a, b) => b.count - a.count || a.reason.localeCompare(b.reason)),
  };
}
