/** RolloutService and the files of a set, between their types and their bytes. */
import type { StartingSession, ToolStanding } from '@toolfleet/kernel';
import type { ManifestProblem, SetFile } from './set-codec.js';
import { wireType } from './wire.js';

export interface GiveVersions {
  readonly tool: string;
  /** None: the newest that are recorded, as many as `sample` says. */
  readonly sessions: readonly StartingSession[];
  readonly sample: number;
  /** 0: now. */
  readonly atMs: number;
  /** Not empty: as if `files` were all of that set. */
  readonly set: string;
  readonly files: readonly SetFile[];
}

export interface GivenVersion extends StartingSession {
  readonly version: string;
}

export interface StandingVersion {
  readonly version: string;
  readonly standing: ToolStanding;
  readonly current: boolean;
}

export interface GivenVersions {
  readonly given: readonly GivenVersion[];
  readonly versions: readonly StandingVersion[];
  readonly problems: readonly ManifestProblem[];
}

export interface VersionHolders {
  readonly holders: readonly { readonly tenant: string; readonly agent: string; readonly sessions: number }[];
  /** More sessions run than were looked at. */
  readonly truncated: boolean;
}

export interface SetFiles {
  /** 0: it was never applied. */
  readonly revision: number;
  readonly files: readonly SetFile[];
}

const type = (name: string) => wireType(`toolfleet.catalog.v1.${name}`);
const giveType = type('GiveVersionsRequest');
const givenType = type('GiveVersionsResponse');
const countType = type('CountHoldersRequest');
const countedType = type('CountHoldersResponse');
const getType = type('GetSetRequest');
const gotType = type('GetSetResponse');

export const encodeGiveVersions = (question: GiveVersions) => giveType.encode({ ...question });
export const encodeCountHolders = (tool: string, version: string) => countType.encode({ tool, version });
export const encodeGetSet = (set: string) => getType.encode({ set });

export function decodeGivenVersions(bytes: Uint8Array): GivenVersions {
  const { given, versions, problems } = givenType.decode(bytes) as never as GivenVersions;
  return {
    given: given.map(({ tenant, sessionId, version }) => ({ tenant, sessionId, version })),
    versions: versions.map(({ version, standing, current }) => ({ version, standing, current })),
    problems: problems.map(({ file, line, reason }) => ({ file, line, reason })),
  };
}

export function decodeVersionHolders(bytes: Uint8Array): VersionHolders {
  const { holders, truncated } = countedType.decode(bytes) as never as VersionHolders;
  return { holders: holders.map(({ tenant, agent, sessions }) => ({ tenant, agent, sessions })), truncated };
}

export function decodeSetFiles(bytes: Uint8Array): SetFiles {
  const { revision, files } = gotType.decode(bytes) as never as SetFiles;
  return { revision, files: files.map(({ path, content }) => ({ path, content })) };
}
