/** `fleetctl audit …`: what was recorded of a tenant, as a list, as a log that can be verified, and a person's way out of it. */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import {
  auditService,
  decodeErasedSubject,
  decodeListedAudit,
  encodeEraseSubject,
  encodeListAudit,
} from '@toolfleet/contracts';
import { invalid } from '@toolfleet/kernel';
import { endOfLog, publicKeyOf } from '../audit-file.js';
import { entriesText, reportText } from '../audit-text.js';
import { auditKeys, exportAudit, verifyLog, type PolicyService } from '../local/index.js';
import { policyService } from '../policy-service.js';
import { serviceClient } from '../grpc-here.js';

interface Common {
  readonly policy?: string;
  readonly json?: boolean;
}

interface TenantFlags extends Common {
  readonly tenant: string;
}

interface ListFlags extends TenantFlags {
  readonly session: string;
  readonly before: number;
  readonly limit: number;
}

interface ExportFlags extends TenantFlags {
  readonly output?: string;
  readonly after: number;
  readonly resume?: boolean;
  readonly open?: boolean;
}

interface VerifyFlags {
  readonly publicKey: readonly string[];
  readonly after?: number;
  readonly json?: boolean;
}

interface EraseFlags extends TenantFlags {
  readonly subject: string;
  readonly actor: string;
  readonly reason: string;
}

/** An erasure goes through all sessions of a tenant. */
const answerWithinMs = 10 * 60_000;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

export function registerAudit(program: Command): void {
  const audit = program.command('audit').description('who did what, decided how, ending how');
  const add = (words: string, description: string) =>
    audit
      .command(words)
      .description(description)
      .option(
        '--policy <host:port>',
        'gRPC of a policy service (default: TOOLFLEET_POLICY_ADDRESS, or the local fleet)',
      )
      .option('--json', 'JSON, one object per line');
  const ofTenant = (words: string, description: string) =>
    add(words, description).requiredOption(
      '--tenant <name>',
      'whose log; _fleet: what belongs to no tenant, for operators (default: TOOLFLEET_TENANT)',
      process.env['TOOLFLEET_TENANT'],
    );
  ofTenant('list', 'print entries, newest first, with who acted')
    .option('--session <id>', 'of this session only', '')
    .option('--before <seq>', 'entries before this one', wholeNumber, 0)
    .option('--limit <number>', 'at most so many, up to 500', wholeNumber, 50)
    .action(list);
  ofTenant('export', 'write the log as JSON lines, signed up to its end')
    .option('-o, --output <file>', 'where to (default: standard output)')
    .option('--after <seq>', 'begin behind this entry', wholeNumber, 0)
    .option('--resume', 'go on behind the last entry of the file')
    .option('--open', 'with the keys of what is about persons: whoever has the file can read it, also after an erasure')
    .action(exportLog);
  audit
    .command('verify')
    .description('tell whether an exported log is as it was; needs no fleet; exits with 1 when it is not')
    .argument('<file>', 'the log; - is standard input')
    .requiredOption('--public-key <key...>', 'of whom signed it, as `audit keys` prints it, or a file that holds it')
    .option('--after <seq>', 'the log is known to begin behind this entry', wholeNumber)
    .option('--json', 'the result as JSON')
    .action(verify);
  ofTenant('erase', 'make a person unreadable: destroy their data keys and the history of their ended sessions')
    .requiredOption('--subject <user>', 'whom')
    .option('--actor <name>', 'who does it: the user of the token', '')
    .requiredOption('--reason <text>', 'why; kept with the entry')
    .action(erase);
  add('keys', 'print the public keys that verify logs').action(keys);
}

async function list({ policy, tenant, session: sessionId, before, limit, json }: ListFlags): Promise<void> {
  const request = encodeListAudit({ tenant, sessionId, beforeSeq: before, pageSize: limit });
  const entries = decodeListedAudit(await call(await policyService(policy), 'ListAudit', request));
  if (!json) return print(entriesText(entries));
  for (const { text, ...people } of entries) print(JSON.stringify({ ...people, entry: JSON.parse(text) as object }));
}

async function exportLog({ policy, tenant, output, after, resume, open = false }: ExportFlags): Promise<void> {
  if (resume && output === undefined) throw invalid('FILE_MISSING', 'Name the file to go on with: --output FILE.');
  if (resume && after > 0) throw invalid('AFTER_WITH_RESUME', 'A file that is gone on with says itself where it ends.');
  const afterSeq = resume ? await endOfLog(output!, tenant) : after;
  const goesOn = resume && afterSeq > 0;
  const to = output === undefined ? process.stdout : createWriteStream(output, { flags: goesOn ? 'a' : 'w' });
  let isHeader = goesOn;
  const request = { tenant, afterSeq, open };
  for await (const lines of exportAudit(await policyService(policy), request, new AbortController().signal)) {
    // The file has its header already.
    const wanted = isHeader ? lines.subarray(lines.indexOf(0x0a) + 1) : lines;
    isHeader = false;
    if (wanted.byteLength > 0 && !to.write(wanted)) await once(to, 'drain');
  }
  if (output === undefined) return;
  to.end();
  await once(to, 'finish');
}

async function verify(file: string, { publicKey, after, json }: VerifyFlags): Promise<void> {
  const trusted = await Promise.all(publicKey.map(publicKeyOf));
  const log = file === '-' ? process.stdin : createReadStream(file);
  const report = await verifyLog(log, trusted, after).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw invalid('FILE_UNREADABLE', `There is no file ${file}.`, { cause: error });
  });
  print(json ? JSON.stringify(report) : reportText(report));
  if (!report.ok) process.exitCode = 1;
}

async function erase({ policy, tenant, subject, actor, reason, json }: EraseFlags): Promise<void> {
  const request = encodeEraseSubject({ tenant, subject, actor, reason });
  const erased = decodeErasedSubject(await call(await policyService(policy), 'EraseSubject', request));
  if (json) return print(JSON.stringify(erased));
  const { keys: destroyed, sessions, running } = erased;
  print(`${destroyed} data keys destroyed, the history of ${sessions} sessions deleted.`);
  if (running > 0) print(`${running} sessions still run: cancel them and erase again.`);
  return print('What the bus holds ends with its topics, at the latest after 30 days.');
}

async function keys({ policy, json }: Common): Promise<void> {
  for (const { id, key } of await auditKeys((await policyService(policy)).address)) {
    const publicKey = Buffer.from(key).toString('base64url');
    print(json ? JSON.stringify({ id, publicKey }) : publicKey);
  }
}

async function call(service: PolicyService, method: string, request: Uint8Array): Promise<Uint8Array> {
  const { address, authorization } = service;
  const client = serviceClient({ address, deadlineMs: answerWithinMs }, authorization);
  try {
    return await client.unary(`${auditService}/${method}`, request);
  } finally {
    client.close();
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}
