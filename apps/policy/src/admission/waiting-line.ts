/**
 * Those of one tenant that wait, as the tenant's single writer knows them: how many there are, and who goes next. The room
 * keeps them durably; since nobody else writes to it, the writer counts for itself and has the next ones at hand, so that a
 * session costs the room one write when it enters and one when it leaves, each in company, and hardly a question.
 *
 * Whoever is taken stays in the room until `leave`, so a crash repeats a start and never loses one. A look at the room goes on
 * beside writes: who enters or is taken meanwhile is told apart from what the look saw. Only counting stops them.
 */
import type { Fault } from '@toolfleet/kernel';
import { TransientMap, TransientSet } from '@toolfleet/kernel';
import type { WaitingSession } from '@toolfleet/platform/postgres';
import type { AdmissionPorts } from './admission-ports.js';

/** Sessions at hand: rooms of ordinary size wholly. */
const headMax = 4_000;
/** Sessions fetched by one look: of the largest inputs 32 MB. */
const lookedAtMax = 128;
/** A page of the room. */
const pageMax = 10_000;

/** What happens to the line while a look is under way. */
interface Meanwhile {
  /** Session ids that are not to be taken again: taken before or since. */
  readonly taken: Set<string>;
  /** Who has entered since; the look may have seen them or not. */
  readonly entered: WaitingSession[];
}

export class WaitingLine {
  /** The next ones, in the order of the room. */
  #head: WaitingSession[] = [];
  /** Whether the room has nobody behind the head. */
  #isAll = false;
  /** Whether a write may have ended otherwise than this knows: then the room is counted. */
  #isUnsure = true;
  #isClosed = false;
  #inRoom = 0;
  /** On their way into the room. */
  readonly #entering = new TransientMap<string, WaitingSession>();
  #arriving = 0;
  /** Session ids that have left the line and are still in the room. */
  readonly #taken = new Set<string>();
  readonly #writes = new TransientSet<Promise<unknown>>();
  #wroteAtMs = 0;
  /** How many have set the head. */
  #looks = 0;
  #looking: Promise<void> | undefined;
  #counting: Promise<void> | undefined;
  #meanwhile: Meanwhile | undefined;

  constructor(
    private readonly tenant: string,
    private readonly ports: Pick<AdmissionPorts, 'room' | 'lineMemory' | 'now'>,
  ) {}

  /** Also those that are on their way into the room. */
  get waiting(): number {
    return this.#inRoom + this.#arriving;
  }

  /** Those that can be taken, now or after a look. */
  get inRoom(): number {
    return this.#inRoom;
  }

  /** Whether `take` may have nobody although somebody waits. */
  get needsLook(): boolean {
    return this.#isUnsure || (this.#head.length === 0 && this.#inRoom > 0);
  }

  /**
   * True when it waits from now on, false when it waited already, the fault when `unless` gives one. It counts from this moment
   * on, so that no more are let in than may wait.
   */
  async enter(session: WaitingSession, unless: Promise<Fault | undefined>): Promise<boolean | Fault> {
    this.#arriving += 1;
    let isArriving = true;
    const arrive = (): void => {
      if (isArriving) this.#arriving -= 1;
      isArriving = false;
    };
    try {
      const fault = await unless;
      if (fault) return fault;
      return await this.#write(async () => {
        this.#entering.set(session.sessionId, session);
        try {
          const looks = this.#looks;
          const isNew = await this.ports.room.enter(session);
          arrive();
          if (isNew) this.#entered(session);
          // A look meanwhile has passed over it, as one that was about to enter.
          else if (looks !== this.#looks) this.#isUnsure = true;
          return isNew;
        } finally {
          this.#entering.delete(session.sessionId);
        }
      });
    } finally {
      arrive();
    }
  }

  /** The next one at hand; it leaves the room with `leave`, or waits again with `putBack`. */
  take(): WaitingSession | undefined {
    const next = this.#head[0];
    if (next) this.#take(next);
    return next;
  }

  /** Takes the one of that id wherever it stands; undefined when it does not wait. */
  withdraw(sessionId: string): Promise<WaitingSession | undefined> {
    return this.#look(async ({ taken }) => {
      const session = await this.ports.room.find(this.tenant, sessionId);
      if (!session || taken.has(sessionId)) return undefined;
      this.#take(session);
      return session;
    });
  }

  /** What was taken is done with. When the room does not answer it may be taken again, like after a crash. */
  leave(sessionId: string): Promise<void> {
    return this.#write(async () => {
      try {
        await this.ports.room.leave(this.tenant, [sessionId]);
      } finally {
        this.#taken.delete(sessionId);
      }
    });
  }

  /** What was taken waits again, before its equals. */
  putBack(session: WaitingSession): void {
    if (!this.#taken.delete(session.sessionId)) return;
    this.#meanwhile?.taken.delete(session.sessionId);
    this.#insert(session, true);
  }

  /** Fetches the next ones: as many as `wanted` even while the memory for them is full. */
  look(wanted = 1): Promise<void> {
    return this.#look(async ({ taken, entered }) => {
      const isUnsure = this.#isUnsure;
      const besides = this.#taken.size + this.#entering.size;
      const limit = Math.min((this.ports.lineMemory.isFull ? wanted : lookedAtMax) + besides, pageMax);
      const found = await this.ports.room.next(this.tenant, limit);
      const counted = isUnsure && found.length === limit ? await this.ports.room.count(this.tenant) : undefined;
      if (this.#isClosed) return;
      const isHere = ({ sessionId }: WaitingSession): boolean =>
        !taken.has(sessionId) && !this.#entering.has(sessionId);
      this.#cut(0);
      this.#isAll = found.length < limit;
      this.#head = found.filter(isHere);
      for (const session of this.#head) this.ports.lineMemory.bytes += sizeOf(session);
      if (this.#isAll) this.#inRoom = this.#head.length;
      else if (counted !== undefined) this.#inRoom = counted - this.#taken.size;
      this.#isUnsure &&= !isUnsure;
      this.#looks += 1;
      const seen = new Set(entered.length === 0 ? [] : found.map(({ sessionId }) => sessionId));
      for (const session of entered.splice(0)) {
        if (!seen.has(session.sessionId)) this.#insert(session, false);
        else if (!this.#isAll) this.#inRoom += 1;
      }
    });
  }

  /** What somebody counted in the room, who asked at that time: worth nothing if there were writes since. */
  reckon(counted: number, askedAtMs: number): void {
    const isStill = this.#arriving === 0 && this.#writes.size === 0 && this.#wroteAtMs < askedAtMs;
    if (isStill && counted !== this.#inRoom + this.#taken.size) this.#isUnsure = true;
  }

  /** Lets go of what is at hand; the room has it. */
  close(): void {
    this.#isClosed = true;
    this.#cut(0);
  }

  #entered(session: WaitingSession): void {
    if (this.#meanwhile) this.#meanwhile.entered.push(session);
    else this.#insert(session, false);
  }

  #take(session: WaitingSession): void {
    this.#taken.add(session.sessionId);
    this.#meanwhile?.taken.add(session.sessionId);
    this.#inRoom -= 1;
    const at = this.#head.findIndex(({ sessionId }) => sessionId === session.sessionId);
    if (at < 0) return;
    // Nearly always the first, which an array lets go of without moving the others.
    const [here] = at === 0 ? [this.#head.shift()!] : this.#head.splice(at, 1);
    this.ports.lineMemory.bytes -= sizeOf(here!);
  }

  #insert(session: WaitingSession, beforeEquals: boolean): void {
    this.#inRoom += 1;
    let at = this.#head.length;
    while (at > 0 && goesBefore(session, this.#head[at - 1]!, beforeEquals)) at -= 1;
    // Somebody behind the head may go first.
    if (at === this.#head.length && !this.#isAll) return;
    this.#head.splice(at, 0, session);
    this.ports.lineMemory.bytes += sizeOf(session);
    if (this.ports.lineMemory.isFull) this.#cut(at);
    else if (this.#head.length > headMax) this.#cut(headMax);
  }

  /** The others are in the room. */
  #cut(length: number): void {
    for (const session of this.#head.splice(length)) this.ports.lineMemory.bytes -= sizeOf(session);
    this.#isAll = false;
  }

  async #write<T>(work: () => Promise<T>): Promise<T> {
    // oxlint-disable-next-line no-await-in-loop -- one count after another
    while (this.#counting) await this.#counting;
    const write = work();
    this.#writes.add(write);
    try {
      return await write;
    } catch (error) {
      this.#isUnsure = true;
      throw error;
    } finally {
      this.#wroteAtMs = this.ports.now();
      this.#writes.delete(write);
    }
  }

  /** One after another; one that counts has no write beside it. */
  async #look<T>(work: (meanwhile: Meanwhile) => Promise<T>): Promise<T> {
    const before = this.#looking;
    const { promise: looking, resolve } = Promise.withResolvers<void>();
    this.#looking = looking;
    try {
      await before;
      if (this.#isUnsure) {
        this.#counting = looking;
        await Promise.allSettled([...this.#writes]);
      }
      this.#meanwhile = { taken: new Set(this.#taken), entered: [] };
      return await work(this.#meanwhile);
    } finally {
      const { entered = [] } = this.#meanwhile ?? {};
      this.#meanwhile = undefined;
      for (const session of entered) this.#insert(session, false);
      if (this.#counting === looking) this.#counting = undefined;
      if (this.#looking === looking) this.#looking = undefined;
      resolve();
    }
  }
}

/** What a session costs besides its payload. */
const entryBytes = 300;
const sizeOf = ({ payload }: WaitingSession): number => payload.byteLength + entryBytes;

function goesBefore(one: WaitingSession, other: WaitingSession, beforeEquals: boolean): boolean {
  const order = other.priority - one.priority || one.enteredAtMs - other.enteredAtMs;
  return order < 0 || (beforeEquals && order === 0);
}
