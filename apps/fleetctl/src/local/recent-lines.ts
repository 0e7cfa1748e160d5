/** The fleet's log lines: shown as they come when asked for, otherwise the last ones when something goes wrong. */
import colors from 'picocolors';
import { formatLogLine, type LogLine } from './log-line.js';

const keptLines = 30;

export class RecentLines {
  readonly #lines: string[] = [];

  constructor(
    private readonly screen: { say(text: string): void },
    private readonly verbose: boolean,
  ) {}

  add(line: LogLine): void {
    const text = formatLogLine(line, colors.isColorSupported);
    if (this.verbose) return this.screen.say(text);
    this.#lines.push(text);
    if (this.#lines.length > keptLines) this.#lines.shift();
  }

  show(): void {
    for (const text of this.#lines) this.screen.say(text);
  }
}
