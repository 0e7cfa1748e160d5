/**
 * The sticky assignment as kafkajs wants it: each member says at its join what it holds, the leader decides. kafkajs's own
 * round robin moves about half of all partitions whenever a third member comes or goes.
 */
import type { Assigner, Cluster, PartitionAssigner } from 'kafkajs';
import { AssignerProtocol } from 'kafkajs';
import type { GroupMemberClaim } from './sticky-assignment.js';
import { assignSticky } from './sticky-assignment.js';

const { MemberAssignment, MemberMetadata } = AssignerProtocol;
/** All members of a group, by whatever client, must know one protocol by this name: change it when the format of the claims changes. */
export const protocolName = 'FleetSticky1';
export const protocolVersion = 1;

type Held = Readonly<Record<string, readonly number[]>>;

/** `held` is asked at every join. */
export function stickyAssigner(held: () => Held): PartitionAssigner {
  return ({ cluster }: { cluster: Cluster }): Assigner => ({
    name: protocolName,
    version: protocolVersion,
    assign: ({ members }) => {
      const claims = members.map(({ memberId, memberMetadata }) => claimOf(memberId, memberMetadata));
      const topics = new Set(claims.flatMap((claim) => claim.topics));
      const partitions = new Map(
        Array.from(topics, (topic) => [
          topic,
          cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
        ]),
      );
      const assignment = assignSticky(claims, partitions);
      return Promise.resolve(
        Array.from(assignment, ([memberId, byTopic]) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({
            version: protocolVersion,
            assignment: byTopic,
            userData: Buffer.alloc(0),
          }),
        })),
      );
    },
    protocol: ({ topics }) => ({
      name: protocolName,
      metadata: MemberMetadata.encode({
        version: protocolVersion,
        topics,
        userData: Buffer.from(JSON.stringify(held())),
      }),
    }),
  });
}

function claimOf(id: string, metadata: Buffer): GroupMemberClaim {
  const decoded = MemberMetadata.decode(metadata);
  return { id, topics: decoded?.topics ?? [], held: heldFrom(decoded?.userData) };
}

/** A claim that cannot be read is no claim: the assignment stays even, only less sticky. */
export function heldFrom(userData: Buffer | string | undefined): Held {
  try {
    const held: unknown = JSON.parse(userData?.toString() ?? '{}');
    const entries = Object.entries(typeof held === 'object' && held !== null ? held : {});
    return Object.fromEntries(entries.filter((entry): entry is [string, number[]] => Array.isArray(entry[1])));
  } catch {
    return {};
  }
}
