/** `fleetctl approvals …`: the calls that wait for a person, and the person's word. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { GatewayApi, defaultUrl } from '../gateway-api.js';

interface Common {
  readonly url: string;
  readonly tenant: string;
  readonly json?: boolean;
}

interface ListFlags extends Common {
  readonly watch?: boolean;
}

interface DecideFlags extends Common {
  readonly comment: string;
}

export interface ApprovalJson {
  readonly callId: string;
  readonly state: string;
  readonly text?: string;
  readonly approvedBy?: readonly string[];
  readonly approversNeeded?: number;
  readonly votes?: readonly {
    readonly approver: string;
    readonly approve?: boolean;
    readonly comment?: string;
  }[];
}

interface Page {
  readonly approvals?: readonly ApprovalJson[];
  readonly nextPageToken?: string;
}

/** Above what a tenant may have open: a server that hands out pages for ever is not followed. */
const pagesMax = 1_000;
/** People decide within minutes. */
const watchEveryMs = 2_000;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

export function registerApprovals(program: Command): void {
  const approvals = program.command('approvals').description('calls that wait for a person');
  const add = (words: string, description: string) =>
    approvals
      .command(words)
      .description(description)
      .option(
        '--tenant <name>',
        'whose calls (default: TOOLFLEET_TENANT, or the tenant of the token)',
        process.env['TOOLFLEET_TENANT'] ?? '',
      )
      .option('--url <url>', 'the gateway', process.env['TOOLFLEET_URL'] ?? defaultUrl)
      .option('--json', 'JSON, one object per line');
  add('list', 'print the calls that wait, oldest first')
    .option('--watch', 'go on: print each that is new, and how each ended that was printed')
    .action((flags: ListFlags) => (flags.watch ? watch(flags) : list(flags)));
  add('show <callId>', 'print one call, also one that was decided').action(show);
  for (const [word, approve] of [['approve', true] as const, ['refuse', false] as const]) {
    add(`${word} <callId>`, `${word} one call; the first decision that completes it counts`)
      .option('--comment <text>', 'kept with the decision; the model reads that of a refusal', '')
      .action((callId: string, flags: DecideFlags) => decide(callId, approve, flags));
  }
}

async function list({ url, tenant, json }: ListFlags): Promise<void> {
  const approvals = await pendingOf(new GatewayApi(url), tenant);
  if (json) return approvals.forEach((approval) => print(JSON.stringify(approval)));
  print(approvals.length === 0 ? 'No call waits for a person.' : approvals.map(describeApproval).join('\n\n'));
}

async function show(callId: string, { url, tenant, json }: Common): Promise<void> {
  const approval = await one(new GatewayApi(url), tenant, callId);
  print(json ? JSON.stringify(approval) : describeApproval(approval));
}

/** Until it is interrupted, or the gateway is gone. */
async function watch({ url, tenant, json }: ListFlags): Promise<void> {
  const api = new GatewayApi(url);
  const say = (approval: ApprovalJson) => print(json ? JSON.stringify(approval) : `${describeApproval(approval)}\n`);
  let known = new Set<string>();
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one look follows another
    const approvals = await pendingOf(api, tenant);
    const present = new Set(approvals.map(({ callId }) => callId));
    // oxlint-disable-next-line no-await-in-loop
    const ended = await Promise.all([...known].filter((id) => !present.has(id)).map((id) => one(api, tenant, id)));
    ended.forEach(say);
    approvals.filter(({ callId }) => !known.has(callId)).forEach(say);
    known = present;
    // oxlint-disable-next-line no-await-in-loop
    await sleep(watchEveryMs);
  }
}

async function pendingOf(api: GatewayApi, tenant: string): Promise<ApprovalJson[]> {
  const found: ApprovalJson[] = [];
  let pageToken = '';
  for (let page = 0; page < pagesMax; page += 1) {
    // oxlint-disable-next-line no-await-in-loop -- a page begins where the one before ends
    const { approvals = [], nextPageToken = '' } = (await api.get('v1/approvals', { tenant, pageToken })) as Page;
    found.push(...approvals);
    if (nextPageToken === '') break;
    pageToken = nextPageToken;
  }
  return found;
}

async function one(api: GatewayApi, tenant: string, callId: string): Promise<ApprovalJson> {
  const answer = await api.get(`v1/approvals/${encodeURIComponent(callId)}`, { tenant });
  return (answer as { readonly approval: ApprovalJson }).approval;
}

async function decide(callId: string, approve: boolean, flags: DecideFlags): Promise<void> {
  const { url, tenant, comment, json } = flags;
  const path = `v1/approvals/${encodeURIComponent(callId)}/decision`;
  const answer = await new GatewayApi(url).post(path, { tenant }, { approve, comment });
  const { approval } = answer as { readonly approval: ApprovalJson };
  print(json ? JSON.stringify(approval) : describeApproval(approval));
}

const controls = /[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/gu;

export function describeApproval(approval: ApprovalJson): string {
  const { callId, state, text = '', approvedBy = [], approversNeeded = 1, votes = [] } = approval;
  const status = state.replace('APPROVAL_STATE_', '').toLowerCase();
  const lines = [
    `${callId}: ${status}, ${approvedBy.length} of ${approversNeeded} agree`,
    ...text.split('\n').map((line) => `  ${line}`),
    ...votes.map(({ approver, approve = false, comment = '' }) => {
      return `  ${approver} ${approve ? 'approved' : 'refused'}${comment && `: ${comment}`}`;
    }),
  ];
  // Whoever proposed the call wrote parts of it, and a terminal obeys what it reads.
  return lines.join('\n').replaceAll(controls, ' ');
}
