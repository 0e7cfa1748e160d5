/** Percentiles by nearest rank: always a value that was measured, never one between two. */
export function percentilesOf<Rank extends number>(values: readonly number[], ranks: readonly Rank[]): number[] {
  const sorted = Float64Array.from(values).toSorted();
  return ranks.map((rank) => sorted[Math.max(0, Math.ceil((rank / 100) * sorted.length) - 1)] ?? Number.NaN);
}
