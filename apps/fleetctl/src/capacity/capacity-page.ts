/** A capacity report as one HTML file that needs nothing else: plots as inline SVG, light and dark by the reader's choice. */
import type { CapacityReport, PlannedFault, Proposal } from '@toolfleet/kernel/capacity';
import { describeFault } from '@toolfleet/kernel/capacity';
import { applyCommands } from './apply-commands.js';
import { pageStyle } from './capacity-page-style.js';
import type { Table } from './figures.js';
import { faultTable, groupTable, msText, numberText, roleTable, sloText, sloWords } from './figures.js';
import type { Band, Line } from './svg-plot.js';
import { escape, heatPlot, linePlot, linearScale, logScale, shareScale } from './svg-plot.js';

/** Steps of the shard map: from what a reader of a dashboard would not see to what a caller gives up on. */
const ageSteps = [25, 100, 500, 2_000, 5_000];

export function capacityPage(report: CapacityReport, source: string, proposal?: Proposal): string {
  const { scale, slo } = report;
  const title = `Toolfleet capacity: ${source}`;
  const verdict = slo.every(({ met }) => met) ? 'meets its SLO' : 'does not meet its SLO';
  const size = `${numberText(scale.tenants)} tenants, ${scale.partitions} partitions with spans of ${scale.span}, ${numberText(scale.replicas)} replicas`;
  const run = `${scale.durationMs / 1_000} s of arrivals, ${numberText(scale.sessions)} sessions, ${numberText(scale.events)} events, seed ${scale.seed}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<p class="kind">Simulated capacity · ${escape(source)}</p>
<h1>This fleet ${verdict}</h1>
<p>${escape(size)}<br>${escape(run)}</p>
</header>
<section class="tiles">${tiles(report)}</section>
${plots(report)}
<section><h2>Who got what</h2>${htmlTable(groupTable(report))}</section>
<section><h2>Roles</h2>${htmlTable(roleTable(report))}
<p class="note">CPU is what was asked for against the cores that owned partitions. A replica without a partition is idle.</p></section>
${report.faults.length > 0 ? `<section><h2>Faults</h2>${htmlTable(faultTable(report, describeFault))}</section>` : ''}
${proposal ? proposalSection(proposal) : ''}
${definitions}
</main>
</body>
</html>
`;
}

function tiles({ slo, jain }: CapacityReport): string {
  const tile = (name: string, value: string, note: string, state = '') =>
    `<div class="tile ${state}"><p>${escape(name)}</p><strong>${escape(value)}</strong><p class="note">${escape(note)}</p></div>`;
  const checks = slo.map((check) =>
    tile(
      `${sloWords[check.name]}, quiet tenants`,
      sloText(check, check.measured),
      `${check.met ? 'met' : 'missed'}: at most ${sloText(check, check.limit)}`,
      check.met ? 'met' : 'missed',
    ),
  );
  return [...checks, tile('fairness', jain.toFixed(4), 'Jain index of quiet tenants; 1 is equal')].join('\n');
}

function plots(report: CapacityReport): string {
  const { series } = report;
  const bands = bandsOf(report.faults.map(({ fault }) => fault));
  const age = [line('oldest record of the fleet', 'quiet', series.oldestMs, { area: true })];
  return [
    waitFigure(report, bands),
    figure(
      'Recovery',
      'Age of the oldest record that nobody had started. Logarithmic; up to 250 ms is noise.',
      linePlot({ title: 'oldest record', scale: logScale(series.oldestMs, 1), lines: age, bands, text: msText }),
    ),
    figure(
      'Queue age by shard',
      `One row a partition, over all topics. What is not coloured waited less than ${msText(ageSteps[0]!)}.`,
      heatPlot({ title: 'queue age by shard', rows: series.shardOldestMs, bands, steps: ageSteps, text: msText }),
      heatLegend(),
    ),
    goodputFigure(report, bands),
    fairnessFigure(report, bands),
  ].join('\n');
}

function line(name: string, colour: string, values: Line['values'], more: Partial<Line> = {}): Line {
  return { name, colour, values, ...more };
}

function waitFigure({ series, storm, slo, quiet }: CapacityReport, bands: readonly Band[]): string {
  const lines =
    quiet.struck === 0
      ? [line('quiet tenants', 'quiet', series.quietWaitP99Ms)]
      : [
          line('quiet tenants, all', 'quiet', series.quietWaitP99Ms, { dashed: true }),
          line('quiet tenants, not held up by a loss (the SLO)', 'quiet', series.sparedWaitP99Ms),
        ];
  if (storm.tenants > 0) lines.unshift(line('storming tenants', 'storm', series.stormWaitP99Ms));
  const waitMax = slo.find(({ name }) => name === 'waitP99Ms')!.limit;
  const limit = { value: waitMax, name: `SLO ${msText(waitMax)}` };
  const scale = logScale([...lines.flatMap(({ values }) => values), waitMax], 1);
  return figure(
    'p99 wait of sessions',
    'Of the sessions that ended in each second: all their waiting for a share, a slot or a core, or for the heir of a lost replica. Logarithmic.',
    linePlot({ title: 'p99 wait', scale, lines, bands, limit, text: msText }),
    legendOf(lines),
  );
}

function goodputFigure({ series, storm }: CapacityReport, bands: readonly Band[]): string {
  const lines = [
    line('offered', 'muted', series.offered, { dashed: true }),
    ...(storm.tenants > 0 ? [line('completed, all', 'storm', series.completed)] : []),
    line('completed, quiet tenants', 'quiet', series.quietCompleted, { area: true }),
    line('refused', 'bad', series.refused),
  ];
  const values = lines.flatMap((each) => each.values);
  const text = (value: number) => `${numberText(value)}/s`;
  return figure(
    'Goodput',
    'Sessions a second. What is offered above the shares waits or is refused with a time to come back.',
    linePlot({ title: 'goodput', scale: linearScale(values), lines, bands, text }),
    legendOf(lines),
  );
}

function fairnessFigure({ series, jain }: CapacityReport, bands: readonly Band[]): string {
  const lines = [line('Jain index', 'quiet', series.jain)];
  const text = (value: number) => value.toFixed(4).replace(/\.?0+$/, '');
  return figure(
    'Fairness among quiet tenants',
    `Jain index, in windows of 5 s, of the share of its time that a tenant was served; ${jain.toFixed(4)} over all. The scale ends at 1, where all fare alike.`,
    linePlot({ title: 'Jain index', scale: shareScale(series.jain), lines, bands, text }),
  );
}

/** What happens at one time has one name: names above a plot would lie on each other. */
function bandsOf(faults: readonly PlannedFault[]): Band[] {
  const bands: Band[] = [];
  for (const band of faults.map(bandOf)) {
    const at = bands.findIndex(({ from, to }) => from === band.from && to === band.to);
    if (at < 0) bands.push(band);
    else bands[at] = { ...band, name: `${bands[at]!.name}, ${band.name}` };
  }
  return bands;
}

function bandOf(fault: PlannedFault): Band {
  if (fault.kind === 'replica')
    return { from: fault.atMs / 1_000, to: fault.atMs / 1_000, name: `${fault.count} ${fault.role} lost` };
  const name =
    fault.kind === 'storm' ? `${fault.tenant} ${fault.factor} ×` : `${fault.upstream} ${fault.factor} × slower`;
  return { from: fault.fromMs / 1_000, to: fault.toMs / 1_000, name };
}

function figure(title: string, note: string, plot: string, legend = ''): string {
  return `<figure><figcaption><h2>${escape(title)}</h2><p class="note">${escape(note)}</p>${legend}</figcaption>${plot}</figure>`;
}

function legendOf(lines: readonly Line[]): string {
  if (lines.length < 2) return '';
  const entries = lines.map(
    ({ name, colour, dashed }) =>
      `<span><i class="${dashed ? 'dashed' : ''}" style="--key:var(--${colour})"></i>${escape(name)}</span>`,
  );
  return `<p class="legend">${entries.join('')}</p>`;
}

function heatLegend(): string {
  const entries = ageSteps.map((step, at) => `<span><i class="box heat${at}"></i>from ${msText(step)}</span>`);
  return `<p class="legend">${entries.join('')}</p>`;
}

function htmlTable({ header, rows }: Table): string {
  const head = header.map((cell) => `<th scope="col">${escape(cell)}</th>`).join('');
  const body = rows.map(([first, ...cells]) => {
    return `<tr><th scope="row">${escape(first!)}</th>${cells.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`;
  });
  return `<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

function proposalSection({ met, flaw, costCores, simulations, numbers, plan, report }: Proposal): string {
  const verdict = met ? 'meets the SLO' : 'does not meet the SLO';
  const rows = numbers.map(({ name, value, reason }) => {
    return `<tr><th scope="row">${escape(name)}</th><td>${value}</td><td class="words">${escape(reason)}</td></tr>`;
  });
  const checks = report.slo.map((check) => `${sloWords[check.name]} ${sloText(check, check.measured)}`).join(', ');
  return `<section><h2>Proposal: ${costCores} cores</h2>
<p>The cheapest fleet found in ${simulations} simulations ${verdict}. Cost is replicas × CPU. Quiet tenants: ${escape(checks)}.${flaw === undefined ? '' : ` Not met: ${escape(flaw)}.`}</p>
<div class="table"><table><thead><tr><th scope="col">number</th><th scope="col">value</th><th scope="col" class="words">why</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div>
<pre>${escape(applyCommands(plan).join('\n'))}</pre></section>`;
}

const definitions = `<section><h2>What is simulated</h2>
<p class="note">Admission, placement and lanes are the fleet's own code. Brokers and databases are latencies, gateway, policy and router are hops, a
replica is one core. Observations are settled one by one, and a lost replica's partitions are taken over after 6 to 10 s. Model failures and retries
are not simulated. Every session that arrives is seen through to its one end; sessions that arrive during the warm-up are not judged.</p></section>`;
