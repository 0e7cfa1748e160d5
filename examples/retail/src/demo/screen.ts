/**
 * What a person sees of a run: one line that changes on a terminal, plain lines elsewhere, a table at the end. Colours
 * follow NO_COLOR (picocolors reads it). Everything goes to one stream, so `--json` can keep stdout for its last line.
 */
import colors from 'picocolors';
import type { DemoProgress } from './run-demo.js';
import type { DemoSummary } from './summary.js';
import type { Verdict } from './verdict.js';

/** Without a terminal a line is written for every so many sessions. */
const plainStep = 19;
const problemsMax = 20;

export interface ScreenStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class Screen {
  private isLineOpen = false;

  constructor(private readonly stream: ScreenStream) {}

  say(text: string): void {
    this.closeLine();
    this.stream.write(`${text}\n`);
  }

  progress({ ended, sessions, toolCalls, seconds }: DemoProgress, kills: number): void {
    const killed = kills === 0 ? '' : `, ${kills} processes killed`;
    const text = `${ended} of ${sessions} sessions, ${toolCalls} tool calls, ${seconds.toFixed(1)} s${killed}`;
    if (this.stream.isTTY === true) {
      this.stream.write(`\r\u001B[2K${bar(ended, sessions)} ${text}`);
      this.isLineOpen = true;
    } else if (ended % plainStep === 0 || ended === sessions) {
      this.say(text);
    }
  }

  result(summary: DemoSummary, verdicts: readonly Verdict[], right: boolean): void {
    const rows: readonly (readonly [string, string, boolean])[] = [
      ['sessions', String(summary.sessions), summary.sessions > 0],
      ['completed', String(summary.completed), summary.completed === summary.sessions],
      ['state as recorded', String(summary.stateMatches), summary.stateMatches === summary.sessions],
      ['tool calls', String(summary.toolCalls), true],
      ['duplicate effects', String(summary.duplicateEffects), summary.duplicateEffects === 0],
      ['lost sessions', String(summary.lostSessions), summary.lostSessions === 0],
      ['session p50', `${summary.p50Ms} ms`, true],
      ['session p99', `${summary.p99Ms} ms`, true],
      ['all sessions in', `${summary.seconds} s`, true],
    ];
    this.say('');
    for (const [name, value, isGood] of rows) {
      const padded = value.padStart(10);
      this.say(`  ${name.padEnd(18)} ${isGood ? padded : colors.red(padded)}`);
    }
    const failed = verdicts.filter((verdict) => verdict.problems.length > 0);
    for (const { task, problems } of failed.slice(0, problemsMax)) {
      this.say(colors.red(`  task ${task}: ${problems.join('; ')}`));
    }
    if (failed.length > problemsMax) this.say(`  and ${failed.length - problemsMax} more`);
    this.say('');
    this.say(
      right ? colors.green('Every session ended as recorded.') : colors.red('Not every session ended as recorded.'),
    );
  }

  private closeLine(): void {
    if (this.isLineOpen) this.stream.write('\n');
    this.isLineOpen = false;
  }
}

function bar(done: number, all: number): string {
  const filled = all === 0 ? 0 : Math.round((20 * done) / all);
  return colors.cyan('█'.repeat(filled)) + colors.dim('░'.repeat(20 - filled));
}
