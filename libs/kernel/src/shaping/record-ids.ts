/** Ids by which a model can name a record in its next call: they must reach it as they are, or its call hits nothing. */

/** The field that the manifest names; without one `id`, `record_id`, `orderId` and their like. */
export function isRecordId(key: string, named?: string): boolean {
  return named === undefined ? /(?:^id|_id|[a-z]Id|ID)s?$/.test(key) : key === named;
}

/** Which field of the rows is their id: the named one, else the first that looks like one and stands in every row. */
export function recordIdOf(rows: readonly Readonly<Record<string, unknown>>[], named?: string): string | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const candidates = named === undefined ? Object.keys(first).filter((key) => isRecordId(key)) : [named];
  return candidates.find((key) => rows.every((row) => ['string', 'number'].includes(typeof row[key])));
}
