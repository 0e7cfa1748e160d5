/**
 * What a person sees while a program of this machine runs: one line that changes on a terminal, a plain line for each step elsewhere. Colours
 * follow NO_COLOR (picocolors reads it).
 */
import { chainOf, faultOf } from '@toolfleet/kernel';
import colors from 'picocolors';

export interface ScreenStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class Screen {
  #isLineOpen = false;

  constructor(protected readonly stream: ScreenStream) {}

  say(text: string): void {
    if (this.#isLineOpen) this.stream.write('\r\u001B[2K');
    this.#isLineOpen = false;
    this.stream.write(`${text}\n`);
  }

  heading(text: string): void {
    this.say(colors.bold(text));
  }

  note(text: string): void {
    this.say(colors.dim(text));
  }

  problem(text: string): void {
    this.say(colors.red(text));
  }

  /** Shown on a terminal only, and replaced by the next. */
  progress(text: string): void {
    if (this.stream.isTTY !== true) return;
    this.stream.write(`\r\u001B[2K${colors.dim(text)}`);
    this.#isLineOpen = true;
  }
}

/** What ended a program, as its last words. */
export function tellFailure(screen: Screen, program: string, error: unknown): void {
  const { kind, reason, message, hint } = faultOf(error);
  screen.problem(`${program}: ${message} (${reason})${hint === undefined ? '' : `\n${hint}`}`);
  if (kind === 'broken') screen.problem(chainOf(error).join('\n  caused by '));
}
