/**
 * The state directory: who runs a fleet on it, and the key its receipts are signed with. At most one living fleet claims
 * a directory; a claim is a file that names its process by pid and start time, so a dead owner's claim is recognised.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { broken, conflict } from '@toolfleet/kernel';
import { openLocalIssuer, type LocalIssuer } from '@toolfleet/platform/identity';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.js';

const claimFile = 'fleet.json';
const claimAttemptsMax = 5;
/** The sentinels of a killed supervisor end its children at once; this bounds the wait on a loaded machine. */
const orphansGoneWithinMs = 10_000;

/** What other commands need to reach a running fleet. */
export interface FleetAddresses {
  readonly gatewayUrl: string;
  readonly grpcAddress: string;
  /** Of one process with the router. */
  readonly routerAddress: string;
  /** Of one process with the policy service. */
  readonly policyAddress: string;
  readonly brokers: readonly string[];
  readonly databaseUrl: string;
}

export interface FleetClaim {
  readonly owner: ProcessIdentity;
  readonly children: readonly ProcessIdentity[];
  /** Absent while the fleet is starting. */
  readonly addresses?: FleetAddresses;
}

/** The claim of the living fleet on this directory, if there is one. */
export async function findRunningFleet(directory: string): Promise<FleetClaim | undefined> {
  const claim = await readClaim(join(directory, claimFile));
  return claim !== undefined && (await isAlive(claim.owner)) ? claim : undefined;
}

export class FleetState {
  readonly #file: string;
  #writes: Promise<void> = Promise.resolve();
  #released = false;

  private constructor(
    readonly directory: string,
    readonly owner: ProcessIdentity,
  ) {
    this.#file = join(directory, claimFile);
  }

  /** Rejects with `conflict` FLEET_RUNNING while another fleet lives here; cleans up after a dead one. */
  static async claim(directory: string): Promise<FleetState> {
    await mkdir(directory, { recursive: true });
    const owner = await identityOf(process.pid);
    if (owner === undefined)
      throw broken('NO_PROCESS_IDENTITY', 'This process does not find itself among the running.');
    const state = new FleetState(directory, owner);
    for (let attempt = 1; attempt <= claimAttemptsMax; attempt += 1) {
      if (await state.#create()) return state;
      const other = await readClaim(state.#file);
      if (other !== undefined && (await isAlive(other.owner))) throw runningFault(directory, other);
      await state.#removeDead(other);
    }
    throw conflict('STATE_CONTENDED', `Several fleets try to start on ${directory} at once.`);
  }

  /** Replaces the claim's contents; calls are written one after another, and none after `release`. */
  update(childPids: readonly number[], addresses: FleetAddresses | undefined): Promise<void> {
    const before = this.#writes;
    const write = async (): Promise<void> => {
      await before.catch(() => undefined);
      if (!this.#released) await this.#write(childPids, addresses);
    };
    this.#writes = write();
    return this.#writes;
  }

  async #write(childPids: readonly number[], addresses: FleetAddresses | undefined): Promise<void> {
    const children = (await Promise.all(childPids.map(identityOf))).filter((child) => child !== undefined);
    const claim: FleetClaim = { owner: this.owner, children, ...(addresses === undefined ? {} : { addresses }) };
    await writeFile(`${this.#file}.tmp`, JSON.stringify(claim), { mode: 0o600 });
    await rename(`${this.#file}.tmp`, this.#file);
  }

  async release(): Promise<void> {
    this.#released = true;
    await this.#writes.catch(() => undefined);
    await rm(this.#file, { force: true });
  }

  /** One key for the directory's life: receipts under way when the fleet restarts must still verify. */
  receiptKey(): Promise<string> {
    return this.#key('receipt.key');
  }

  /** Users' tokens of sessions under way when the fleet restarts must still open. */
  subjectTokenKey(): Promise<string> {
    return this.#key('subject-token.key');
  }

  /** Whoever may read its key may do anything in the fleet of this directory. */
  issuer(): Promise<LocalIssuer> {
    return openLocalIssuer(this.directory);
  }

  /** One for the directory's life: checkpoints signed with it must still verify. */
  auditSigningKey(): Promise<string> {
    return this.#key('audit-signing.key');
  }

  /** One for the directory's life: without it nobody can tell who the audit is about. */
  auditSubjectKey(): Promise<string> {
    return this.#key('audit-subject.key');
  }

  async #key(name: string): Promise<string> {
    const file = join(this.directory, name);
    const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
    if (kept !== '') return kept;
    const key = randomBytes(32).toString('base64url');
    await writeFile(`${file}.tmp`, key, { mode: 0o600 });
    await rename(`${file}.tmp`, file);
    return key;
  }

  async #create(): Promise<boolean> {
    const claim: FleetClaim = { owner: this.owner, children: [] };
    try {
      const handle = await open(this.#file, 'wx', 0o600);
      await handle.writeFile(JSON.stringify(claim));
      await handle.close();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** Renaming first: of two starts that both saw the dead claim, one moves it away and the other finds nothing to move. */
  async #removeDead(claim: FleetClaim | undefined): Promise<void> {
    for (const child of claim?.children ?? []) await endOrphan(child);
    const aside = `${this.#file}.dead-${process.pid}`;
    const moved = await rename(this.#file, aside).then(
      () => true,
      () => false,
    );
    if (!moved) return;
    const taken = await readClaim(aside);
    const stillDead = taken === undefined || !(await isAlive(taken.owner));
    // A faster start had already put its own claim there: give it back.
    await (stillDead ? rm(aside, { force: true }) : rename(aside, this.#file));
  }
}

async function endOrphan(child: ProcessIdentity): Promise<void> {
  const deadlineAtMs = Date.now() + orphansGoneWithinMs;
  while (Date.now() < deadlineAtMs && (await isAlive(child))) {
    try {
      process.kill(child.pid, 'SIGKILL');
    } catch {
      return; // gone meanwhile, or not ours to end
    }
    await sleep(20);
  }
}

async function readClaim(file: string): Promise<FleetClaim | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return JSON.parse(text) as FleetClaim;
  } catch {
    return undefined; // absent, or its writer died while writing
  }
}

function runningFault(directory: string, claim: FleetClaim): Error {
  const { addresses, owner } = claim;
  const where = addresses === undefined ? 'and is still starting' : `at ${addresses.gatewayUrl}`;
  return conflict('FLEET_RUNNING', `A fleet already runs on ${directory} (process ${owner.pid}) ${where}.`, {
    hint: 'Use it, stop it with Ctrl-C or `kill`, or start another with `--state DIR`.',
    details: {
      pid: String(owner.pid),
      ...(addresses === undefined
        ? {}
        : { gatewayUrl: addresses.gatewayUrl, grpcAddress: addresses.grpcAddress, brokers: addresses.brokers.join() }),
    },
  });
}
