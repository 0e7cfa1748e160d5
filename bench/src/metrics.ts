/** What the services of a system tell of themselves at `/metrics`. */
import { unreachable } from '@toolfleet/kernel';
import type { SystemProcess } from './systems.js';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const scrapeMsMax = 5_000;

/** The text of every process that has figures. */
export function scrapeAll(processes: readonly SystemProcess[]): Promise<string[]> {
  const urls = processes.flatMap(({ metricsUrl }) => (metricsUrl === undefined ? [] : [metricsUrl]));
  return Promise.all(urls.map(scrape));
}

async function scrape(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(scrapeMsMax) });
  if (!response.ok) throw unreachable('METRICS_UNREACHABLE', `A service answered ${response.status} to a scrape.`);
  return response.text();
}

/** The samples of one metric, of all texts together. */
export function samplesOf(texts: readonly string[], name: string): readonly Sample[] {
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .map(sampleOf),
  );
}

/** What the metrics show together, in all processes and under all labels. */
export async function totalOf(processes: readonly SystemProcess[], ...names: readonly string[]): Promise<number> {
  const texts = await scrapeAll(processes);
  return names.flatMap((name) => samplesOf(texts, name)).reduce((total, { value }) => total + value, 0);
}

function sampleOf(line: string): Sample {
  const [, labels = '', value = ''] = /^\w+(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text]);
  return { labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
}
