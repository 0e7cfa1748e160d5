/** Progress on stderr: one line that changes on a terminal, a plain line for every so many sessions elsewhere. */
import { Screen } from '@toolfleet/fleetctl/local';

/** Without a terminal a line is written for each of so many parts. */
const plainParts = 10;

export class EvalScreen extends Screen {
  sessions(done: number, all: number): void {
    const text = `${done} of ${all} sessions`;
    if (this.stream.isTTY === true) this.progress(text);
    else if (done === all || done % Math.max(1, Math.ceil(all / plainParts)) === 0) this.say(text);
  }
}
