/** The fleet's log lines: shown as they come when asked for, otherwise the last ones when something goes wrong. */
import { formatLogLine, type LogLine } from '@toolfleet/fleetctl/local';
import colors from 'picocolors';
import type { Screen } from './screen.js';

const keptLines = 30;

export class RecentLines {
  readonly #lines: string[] = [];

  constructor(
    private readonly screen: Screen,
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
