/**
 * Who gets which partition after a rebalance: as even as can be for each topic, and of all even answers one that moves few
 * partitions. Every partition that moves costs aborted handlers and a recovery. Pure; run by the group's leader.
 */
export interface GroupMemberClaim {
  readonly id: string;
  readonly topics: readonly string[];
  /** What it holds now, by topic. Only a wish: two members may claim one partition, and a claim may be out of date. */
  readonly held: Readonly<Record<string, readonly number[]>>;
}

/** By member, by topic. */
export type GroupAssignment = Map<string, Record<string, number[]>>;

export function assignSticky(
  members: readonly GroupMemberClaim[],
  partitionsOf: ReadonlyMap<string, readonly number[]>,
): GroupAssignment {
  const assignment: GroupAssignment = new Map(members.map(({ id }) => [id, {}]));
  const totals = new Map(members.map(({ id }) => [id, 0]));
  for (const [topic, partitions] of [...partitionsOf].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const takers = members.filter((member) => member.topics.includes(topic));
    for (const [id, taken] of assignTopic(topic, partitions, takers, totals)) {
      (assignment.get(id) ?? {})[topic] = taken;
      totals.set(id, (totals.get(id) ?? 0) + taken.length);
    }
  }
  return assignment;
}

function assignTopic(
  topic: string,
  partitions: readonly number[],
  takers: readonly GroupMemberClaim[],
  totals: ReadonlyMap<string, number>,
): Map<string, number[]> {
  const free = new Set(partitions);
  const heldBy = ({ held }: GroupMemberClaim) => held[topic] ?? [];
  const load = ({ id }: GroupMemberClaim) => totals.get(id) ?? 0;
  // Who holds most comes first, so that the places above the even share go where they move nothing; then who is least
  // loaded by other topics, so that the remainders of many topics do not pile up on one member.
  const inOrder = takers.toSorted(
    (a, b) => heldBy(b).length - heldBy(a).length || load(a) - load(b) || (a.id < b.id ? -1 : 1),
  );
  const share = Math.floor(partitions.length / Math.max(1, takers.length));
  const larger = partitions.length - share * takers.length;
  const quotas = new Map(inOrder.map(({ id }, index) => [id, index < larger ? share + 1 : share]));
  const taken = new Map<string, number[]>();
  for (const member of inOrder) {
    const quota = quotas.get(member.id) ?? 0;
    const kept: number[] = [];
    for (const partition of heldBy(member)) if (kept.length < quota && free.delete(partition)) kept.push(partition);
    taken.set(member.id, kept);
  }
  const rest = [...free];
  for (const [id, kept] of taken) kept.push(...rest.splice(0, (quotas.get(id) ?? 0) - kept.length));
  return taken;
}
