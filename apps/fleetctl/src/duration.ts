const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `90s`, `30m` or `4h`; undefined for anything else. */
export function durationMsOf(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * unitMs[unit]!;
}
