/**
 * What a commit costs: closed-loop owners, each appending turns of three 600-byte events to sessions of its own, on a real
 * Postgres. Prints one JSON line per concurrency with commits a second and CPU per commit, ours and the server's.
 * Run: npx tsc -b && npx node libs/platform/dist/postgres/testing/measure-commits.js [seconds]
 */
import { readdir, readFile } from 'node:fs/promises';
import { databaseForTests } from '@toolfleet/testkit';
import { migrate } from '../migrate.js';
import { Database } from '../pool.js';
import { PostgresSessionStore } from '../session-store.js';
import { newTenant } from './contract.js';
import { commitOf } from './session-store.contract.js';

const seconds = Number(process.argv[2] ?? 5);
const turnsOfSession = 7;
const eventsOfTurn = 3;
const payload = JSON.stringify({ text: 'lorem ipsum '.repeat(48) });
/** /proc counts CPU time in hundredths of a second. */
const usOfTick = 10_000;

async function main(): Promise<void> {
  const server = await databaseForTests({ own: true });
  await migrate(server.url);
  const database = new Database({ url: server.url, applicationName: 'measure-commits' });
  const store = new PostgresSessionStore(database);
  await run(store, 32, 2);
  for (const concurrency of [1, 32, 256]) {
    const serverUs = await cpuUsOfTree(server.own?.pid ?? 0);
    const own = process.cpuUsage();
    const commits = await run(store, concurrency, seconds);
    const ownUs = process.cpuUsage(own);
    const cpuUs = (us: number): number => Math.round(us / commits);
    console.log(
      JSON.stringify({
        concurrency,
        commitsPerS: Math.round(commits / seconds),
        rowsPerCommit: eventsOfTurn + 1,
        clientUsPerCommit: cpuUs(ownUs.user + ownUs.system),
        serverUsPerCommit: cpuUs((await cpuUsOfTree(server.own?.pid ?? 0)) - serverUs),
      }),
    );
  }
  await database.close();
  await server.stop();
}

async function run(store: PostgresSessionStore, concurrency: number, seconds: number): Promise<number> {
  const tenant = newTenant();
  const endAtMs = Date.now() + seconds * 1_000;
  let commits = 0;
  const payloads = Array.from({ length: eventsOfTurn }, () => payload);
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let turn = 0, sessionId = ''; Date.now() < endAtMs; turn = (turn + 1) % turnsOfSession) {
        const commit = commitOf({ tenant, firstSeq: turn * eventsOfTurn + 1, payloads });
        sessionId = turn === 0 ? commit.head.sessionId : sessionId;
        await store.commit({ ...commit, head: { ...commit.head, sessionId } });
        commits += 1;
      }
    }),
  );
  return commits;
}

/** Of a process and its children: the postmaster and its backends. */
async function cpuUsOfTree(pid: number): Promise<number> {
  let ticks = 0;
  for (const name of await readdir('/proc')) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : '';
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[1]) === pid || Number(name) === pid) {
      ticks += Number(fields[11]) + Number(fields[12]);
    }
  }
  return ticks * usOfTick;
}

await main();
