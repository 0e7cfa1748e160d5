/** Keeps a group from failing as one: the server refuses a statement as a whole, whichever of its rows it dislikes. */
import { databaseFaultOf } from './database-fault.js';

/** Writes the group together and, when the server refuses that, each item alone: then only the culprit fails. */
export async function writeGroup<T, R>(
  items: readonly T[],
  write: (group: readonly T[]) => Promise<PromiseSettledResult<R>[]>,
): Promise<PromiseSettledResult<R>[]> {
  try {
    return await write(items);
  } catch (error) {
    const reason = databaseFaultOf(error);
    if (reason.kind !== 'broken' || items.length === 1) {
      return items.map(() => ({ status: 'rejected', reason }));
    }
  }
  const results: PromiseSettledResult<R>[] = [];
  for (const item of items) {
    // oxlint-disable-next-line no-await-in-loop -- rare, and later items may depend on earlier ones
    results.push(...(await writeGroup([item], write)));
  }
  return results;
}
