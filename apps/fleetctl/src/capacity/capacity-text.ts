/** A capacity report for a terminal: tables, and a minute as a line of blocks. */
import type { CapacityReport, Proposal } from '@toolfleet/kernel/capacity';
import { describeFault } from '@toolfleet/kernel/capacity';
import pc from 'picocolors';
import { applyCommands } from './apply-commands.js';
import type { Table } from './figures.js';
import { faultTable, groupTable, msText, numberText, roleTable, sloText, sloWords } from './figures.js';

export function capacityText(report: CapacityReport, colours: boolean): string {
  const { bold, dim, green, red } = pc.createColors(colours);
  const { scale, slo, jain } = report;
  const size = `${numberText(scale.tenants)} tenants · ${scale.partitions} partitions, span ${scale.span} · ${numberText(scale.replicas)} replicas`;
  const run = `${scale.durationMs / 1_000} s of arrivals, ${numberText(scale.sessions)} sessions, ${numberText(scale.events)} events, seed ${scale.seed}`;
  const checks = slo.map((check) => {
    const sign = check.met ? green('ok  ') : red('FAIL');
    return `${sign} ${sloWords[check.name].padEnd(17)} ${sloText(check, check.measured).padStart(8)}  ${dim(`at most ${sloText(check, check.limit)}`)}`;
  });
  const sections = [
    `${bold(size)}\n${dim(run)}`,
    `${bold('SLO of quiet tenants')}\n${checks.join('\n')}`,
    textTable(groupTable(report), dim),
    textTable(roleTable(report), dim),
    ...(report.faults.length > 0 ? [textTable(faultTable(report, describeFault), dim)] : []),
    `${bold('By second')} ${dim(`fairness among quiet tenants (Jain) ${jain.toFixed(4)}`)}\n${lines(report, dim)}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

function lines({ series, storm }: CapacityReport, dim: (text: string) => string): string {
  const zero = (values: readonly (number | undefined)[]) => values.map((value) => value ?? 0);
  const perS = (value: number) => `${numberText(value)}/s`;
  const rows: [string, readonly number[], (value: number) => string][] = [
    ['p99 wait, quiet', zero(series.quietWaitP99Ms), msText],
    ...(storm.tenants > 0
      ? [['p99 wait, storming', zero(series.stormWaitP99Ms), msText] as [string, number[], typeof msText]]
      : []),
    ['oldest record', series.oldestMs, msText],
    ['offered', series.offered, perS],
    ['goodput', series.completed, perS],
    ['refused', series.refused, perS],
  ];
  return rows
    .map(([name, values, text]) => `${name.padEnd(18)} ${sparkline(values)} ${dim(`max ${text(Math.max(...values))}`)}`)
    .join('\n');
}

const blocks = '▁▂▃▄▅▆▇█';
const columnsMax = 60;

/** Each block is the most of its seconds; the lowest is nothing or next to it. */
export function sparkline(values: readonly number[]): string {
  const perColumn = Math.ceil(values.length / columnsMax);
  const most = Math.max(...values);
  let text = '';
  for (let at = 0; at < values.length; at += perColumn) {
    const value = Math.max(...values.slice(at, at + perColumn));
    text += blocks[most === 0 ? 0 : Math.min(blocks.length - 1, Math.floor((value / most) * blocks.length))];
  }
  return text;
}

export function proposalText(proposal: Proposal, colours: boolean): string {
  const { bold, dim, green, red } = pc.createColors(colours);
  const { met, flaw, costCores, simulations, numbers, plan } = proposal;
  const verdict = met ? green('meets the SLO') : red('does not meet the SLO');
  const headline = `${bold('Proposal')} ${verdict}: ${costCores} cores (replicas × CPU), after ${simulations} simulations`;
  const rows = numbers.map(({ name, value, reason }) => [name, String(value), reason]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const reasons = rows.map(
    ([name, value, reason]) => `${name!.padEnd(widths[0]!)}  ${bold(value!.padStart(widths[1]!))}  ${reason}`,
  );
  const unmet = flaw === undefined ? [] : [red(flaw)];
  const commands = applyCommands(plan).map((line) => (line.startsWith('#') ? dim(line) : line));
  return `${[[headline, ...unmet].join('\n'), reasons.join('\n'), `${bold('Apply it')}\n${commands.join('\n')}`].join('\n\n')}\n`;
}

function textTable({ header, rows }: Table, dim: (text: string) => string): string {
  const widths = header.map((cell, at) => Math.max(cell.length, ...rows.map((row) => row[at]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ')
      .trimEnd();
  return [dim(line(header)), ...rows.map(line)].join('\n');
}
