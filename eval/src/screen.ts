/**
 * Progress on stderr: one line that changes on a terminal, a plain line for every so many sessions elsewhere. Colours
 * follow NO_COLOR (picocolors reads it).
 */
import colors from 'picocolors';

export interface ScreenStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Without a terminal a line is written for each of so many parts. */
const plainParts = 10;

export class Screen {
  #isLineOpen = false;

  constructor(private readonly stream: ScreenStream) {}

  say(text: string): void {
    if (this.#isLineOpen) this.stream.write('\r\u001B[2K');
    this.#isLineOpen = false;
    this.stream.write(`${text}\n`);
  }

  note(text: string): void {
    this.say(colors.dim(text));
  }

  problem(text: string): void {
    this.say(colors.red(text));
  }

  progress(done: number, all: number): void {
    const text = `${done} of ${all} sessions`;
    if (this.stream.isTTY === true) {
      this.stream.write(`\r\u001B[2K${colors.dim(text)}`);
      this.#isLineOpen = true;
    } else if (done === all || done % Math.max(1, Math.ceil(all / plainParts)) === 0) {
      this.say(text);
    }
  }
}
