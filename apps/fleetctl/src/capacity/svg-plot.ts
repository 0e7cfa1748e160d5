/**
 * Plots over seconds as inline SVG. Colours are CSS variables of the page, so one drawing serves light and dark; every
 * mark that stands for a value has a title that says it.
 */
export interface Line {
  readonly name: string;
  /** CSS variable without the dashes. */
  readonly colour: string;
  readonly values: readonly (number | undefined)[];
  readonly area?: boolean;
  readonly dashed?: boolean;
}

export interface Band {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

export interface PlotOptions {
  readonly title: string;
  readonly scale: Scale;
  readonly lines: readonly Line[];
  readonly bands: readonly Band[];
  readonly limit?: { readonly value: number; readonly name: string };
  readonly text: (value: number) => string;
}

/** From a value to 0 (bottom) … 1 (top). */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

const size = { width: 720, height: 250, left: 58, right: 14, top: 26, bottom: 26 };
const plotWidth = size.width - size.left - size.right;
const plotHeight = size.height - size.top - size.bottom;

export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const round = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

/** Decades from the first to the one above the largest; what lies below stands on the floor. */
export function logScale(values: readonly (number | undefined)[], floor: number): Scale {
  const most = values.reduce<number>((top, value) => Math.max(top, value ?? 0), floor * 10);
  const decades = Math.ceil(Math.log10(most / floor) - 1e-9);
  return {
    at: (value) => Math.max(0, Math.log10(Math.max(value, floor) / floor)) / decades,
    ticks: Array.from({ length: decades + 1 }, (_, at) => floor * 10 ** at),
  };
}

/** From 0 in four or five round steps. */
export function linearScale(values: readonly (number | undefined)[]): Scale {
  const most = values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
  const raw = (most || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= raw * (1 - 1e-9))!;
  const steps = Math.max(1, Math.ceil(most / step - 1e-9));
  return { at: (value) => value / (steps * step), ticks: Array.from({ length: steps + 1 }, (_, at) => at * step) };
}

/** From 1 at the top down in four even steps, for a figure that is best at 1. */
export function shareScale(values: readonly number[]): Scale {
  const least = Math.min(...values);
  const steps = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1];
  const step = steps.find((each) => 1 - least <= 4 * each) ?? 0.25;
  return { at: (value) => 1 - (1 - value) / (4 * step), ticks: [4, 3, 2, 1, 0].map((at) => 1 - at * step) };
}

const yOf = (scale: Scale, value: number): number => size.top + plotHeight * (1 - scale.at(value));

export function linePlot({ title, scale, lines, bands, limit, text }: PlotOptions): string {
  const seconds = Math.max(...lines.map(({ values }) => values.length));
  const xOf = (second: number) => size.left + (plotWidth * second) / seconds;
  const parts = [...bandMarks(bands, xOf), ...axis(scale, text, seconds, xOf)];
  if (limit) {
    const y = round(yOf(scale, limit.value));
    parts.push(
      `<line class="limit" x1="${size.left}" x2="${size.width - size.right}" y1="${y}" y2="${y}"/>`,
      `<text class="limit-name" x="${size.left + 6}" y="${round(Number(y) - 4)}">${escape(limit.name)}</text>`,
    );
  }
  for (const line of lines) parts.push(...lineMarks(line, scale, xOf, text));
  return svg(title, size.height, parts);
}

function lineMarks(
  line: Line,
  scale: Scale,
  xOf: (second: number) => number,
  text: (value: number) => string,
): string[] {
  const points = line.values.flatMap((value, second) =>
    value === undefined ? [] : [{ x: xOf(second + 0.5), y: yOf(scale, value), value, second }],
  );
  if (points.length === 0) return [];
  const path = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  const style = `style="stroke:var(--${line.colour})"`;
  const floor = round(size.top + plotHeight);
  const area = `${path}L${round(points.at(-1)!.x)} ${floor}L${round(points[0]!.x)} ${floor}Z`;
  return [
    ...(line.area ? [`<path class="area" d="${area}" style="fill:var(--${line.colour})"/>`] : []),
    `<path class="line${line.dashed ? ' dashed' : ''}" d="${path}" ${style}/>`,
    ...points.map(
      ({ x, y, value, second }) =>
        `<circle class="dot" cx="${round(x)}" cy="${round(y)}" r="5"><title>${escape(line.name)}, second ${second + 1}: ${escape(text(value))}</title></circle>`,
    ),
  ];
}

function axis(
  scale: Scale,
  text: (value: number) => string,
  seconds: number,
  xOf: (second: number) => number,
): string[] {
  const marks = scale.ticks.flatMap((tick) => {
    const y = round(yOf(scale, tick));
    return [
      `<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${y}" y2="${y}"/>`,
      `<text x="${size.left - 8}" y="${round(Number(y) + 4)}" text-anchor="end">${escape(text(tick))}</text>`,
    ];
  });
  return [...marks, ...secondMarks(seconds, xOf, size.height)];
}

function secondMarks(seconds: number, xOf: (second: number) => number, height: number): string[] {
  const step = [1, 2, 5, 10, 20, 60, 120, 300, 600].find((each) => seconds / each <= 10) ?? 600;
  const marks: string[] = [];
  for (let second = 0; second <= seconds; second += step) {
    marks.push(`<text x="${round(xOf(second))}" y="${height - 8}" text-anchor="middle">${second} s</text>`);
  }
  return marks;
}

function bandMarks(bands: readonly Band[], xOf: (second: number) => number, height = plotHeight): string[] {
  return bands.flatMap(({ from, to, name }) => {
    const [x, width] = [xOf(from), Math.max(1.5, xOf(to) - xOf(from))];
    return [
      `<rect class="${to > from ? 'band' : 'moment'}" x="${round(x)}" y="${size.top}" width="${round(width)}" height="${round(height)}"><title>${escape(name)}</title></rect>`,
      `<text class="band-name" x="${round(x)}" y="${size.top - 8}">${escape(name)}</text>`,
    ];
  });
}

export interface HeatOptions {
  readonly title: string;
  /** By row, then by second. */
  readonly rows: readonly (readonly number[])[];
  readonly bands: readonly Band[];
  readonly steps: readonly number[];
  readonly text: (value: number) => string;
}

/** One row a shard. Values below the first step are not drawn: empty is good. */
export function heatPlot({ title, rows, bands, steps, text }: HeatOptions): string {
  const seconds = rows[0]?.length ?? 0;
  const rowHeight = Math.min(14, Math.max(3, 240 / rows.length));
  const height = size.top + rowHeight * rows.length + size.bottom;
  const xOf = (second: number) => size.left + (plotWidth * second) / seconds;
  const every = [1, 2, 5, 10, 20, 50, 100, 200].find((each) => each * rowHeight >= 16) ?? 500;
  const cells = rows.flatMap((row, shard) =>
    row.flatMap((value, second) => {
      const step = steps.findLastIndex((least) => value >= least);
      if (step < 0) return [];
      const place = `x="${round(xOf(second))}" y="${round(size.top + shard * rowHeight)}" width="${round(plotWidth / seconds)}" height="${round(rowHeight)}"`;
      return [
        `<rect class="heat${step}" ${place}><title>partition ${shard}, second ${second + 1}: ${escape(text(value))}</title></rect>`,
      ];
    }),
  );
  const names = rows.flatMap((_, shard) =>
    shard % every === 0
      ? [
          `<text x="${size.left - 8}" y="${round(size.top + (shard + 0.5) * rowHeight + 4)}" text-anchor="end">${shard}</text>`,
        ]
      : [],
  );
  const frame = `<rect class="frame" x="${size.left}" y="${size.top}" width="${plotWidth}" height="${round(rowHeight * rows.length)}"/>`;
  return svg(title, height, [
    ...bandMarks(bands, xOf, rowHeight * rows.length),
    frame,
    ...cells,
    ...names,
    ...secondMarks(seconds, xOf, height),
  ]);
}

function svg(title: string, height: number, parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${size.width} ${round(height)}" role="img" aria-label="${escape(title)}">\n${parts.join('\n')}\n</svg>`;
}
