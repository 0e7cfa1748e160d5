/**
 * A process that died left its group nothing to notice but its silence, so its partitions stand still until its session
 * times out. kafkajs has no static membership, which would give them back to its next life at once; here that next life
 * first takes its former self out of the group. It is known by its client id, see `KafkaConnection.replica`.
 */
import { createRequire } from 'node:module';

interface Coordinator {
  describeGroups(request: { groupIds: readonly string[] }): Promise<{
    groups: readonly { members: readonly { memberId: string; clientId: string }[] }[];
  }>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
}

interface ConsumerGroup {
  readonly groupId: string;
  readonly cluster: { findGroupCoordinator(request: { groupId: string }): Promise<Coordinator> };
}

type Join = (this: ConsumerGroup) => Promise<void>;

/** Client ids by the group whose next join here is the first. */
const due = new Map<string, string>();

/** For the next join of this group in this process, which must be its first: a rejoin would put out a living member. */
export function replacePredecessor(groupId: string, clientId: string): void {
  due.set(groupId, clientId);
}

const require = createRequire(import.meta.url);
const { prototype } = require('kafkajs/src/consumer/consumerGroup.js') as { prototype: Record<symbol, Join> };
const joinSymbol = Object.getOwnPropertySymbols(prototype).find(({ description }) => description?.endsWith(':join'));
const join = prototype[joinSymbol!]!;

prototype[joinSymbol!] = async function joinInPlaceOfPredecessor(this: ConsumerGroup): Promise<void> {
  const clientId = due.get(this.groupId);
  due.delete(this.groupId);
  // Without it the session timeout does the same, only later.
  if (clientId !== undefined) await removeMembers(this, clientId).catch(() => undefined);
  await join.call(this);
};

async function removeMembers({ groupId, cluster }: ConsumerGroup, clientId: string): Promise<void> {
  const coordinator = await cluster.findGroupCoordinator({ groupId });
  const { groups } = await coordinator.describeGroups({ groupIds: [groupId] });
  const members = groups.flatMap((group) => group.members).filter((member) => member.clientId === clientId);
  await Promise.all(members.map(({ memberId }) => coordinator.leaveGroup({ groupId, memberId })));
}
