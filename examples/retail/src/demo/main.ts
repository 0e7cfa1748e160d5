/**
 * `npm run demo`: the whole fleet on this machine, 114 recorded customers at once, every final state compared. Exits 0
 * only when all of them ended as recorded.
 */
import { RecentLines, type LogLine } from '@toolfleet/fleetctl/local';
import { chainOf, faultOf, invalid } from '@toolfleet/kernel';
import colors from 'picocolors';
import { buildConversations } from '../conversations-file.js';
import { loadTasks } from '../data.js';
import { auditText, checkAudit } from './audit-check.js';
import { startChaos } from './chaos.js';
import { demoOptionsOf, killEveryMs, usage, type DemoOptions } from './options.js';
import { demoTenant, runDemo, type DemoFindings } from './run-demo.js';
import { Screen } from './screen.js';
import { openStage, type Stage } from './stage.js';
import { isRight, summaryOf } from './summary.js';

try {
  const options = demoOptionsOf(process.argv.slice(2));
  if (options.help) process.stdout.write(usage);
  else process.exitCode = (await demo(options)) ? 0 : 1;
} catch (error) {
  const { kind, reason, message, hint } = faultOf(error);
  process.stderr.write(`${colors.red('demo:')} ${message} (${reason})\n${hint === undefined ? '' : `${hint}\n`}`);
  if (kind === 'broken') process.stderr.write(`${chainOf(error).join('\n  caused by ')}\n`);
  process.exitCode = 1;
}

async function demo(options: DemoOptions): Promise<boolean> {
  const screen = new Screen(options.json ? process.stderr : process.stdout);
  const interrupted = new AbortController();
  const onSignal = (): void => interrupted.abort(invalid('INTERRUPTED', 'Interrupted.'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal);
  const stage = await openNoted(options, screen, interrupted.signal);
  try {
    const findings = await run(stage, options, screen, interrupted.signal);
    interrupted.signal.throwIfAborted();
    const summary = summaryOf(findings);
    screen.result(summary, findings.verdicts, isRight(summary));
    screen.say(`${stage.returnsDesk.approved} calls waited for the returns desk, which agreed to them.`);
    const audit = await checkAudit(await stage.auditor(), demoTenant, interrupted.signal);
    screen.say(audit.ok ? auditText(audit) : colors.red(auditText(audit)));
    await stage.close();
    if (options.json) process.stdout.write(`${JSON.stringify({ ...summary, audit })}\n`);
    return isRight(summary) && audit.ok;
  } finally {
    await stage.close();
  }
}

async function openNoted(options: DemoOptions, screen: Screen, signal: AbortSignal): Promise<Stage> {
  const recent = new RecentLines(screen, options.verbose);
  const log = (line: LogLine): void => recent.add(line);
  screen.say('Starting Kafka, Postgres, the services, the shop and the replayed model ...');
  const beganAtMs = performance.now();
  try {
    const stage = await openStage({ split: options.split, log, signal });
    const seconds = ((performance.now() - beganAtMs) / 1_000).toFixed(1);
    screen.say(`Up after ${seconds} s: ${stage.processCount} processes.`);
    return stage;
  } catch (error) {
    recent.show();
    throw error;
  }
}

async function run(stage: Stage, options: DemoOptions, screen: Screen, signal: AbortSignal): Promise<DemoFindings> {
  const [tasks, conversations] = await Promise.all([loadTasks(), buildConversations()]);
  const chaos = options.kill
    ? startChaos({
        fleet: stage.fleet,
        everyMs: killEveryMs,
        onKill: (name) => options.verbose && screen.say(`killing ${name}`),
      })
    : undefined;
  try {
    return await runDemo({
      ...{ tasks, conversations, signal },
      ...{ bus: stage.bus, shop: stage.shop, deadlineMs: options.deadlineMs },
      runId: `demo-${Date.now().toString(36)}`,
      onProgress: (progress) => screen.progress(progress, chaos?.kills ?? 0),
    });
  } finally {
    await chaos?.stop();
  }
}
