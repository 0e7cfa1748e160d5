/**
 * Known mistakes that a world can be told to make. Each breaks one rule of the design; the simulation is worth its time only
 * while it catches every one of them.
 */
export const mutants = {
  settleAgain: 'an observation for a settled call is recorded again',
  ackBeforeCommit: 'a record is acknowledged before its events are durable',
  ackHighest: 'the offset behind the newest finished record is committed although an older one is unfinished',
  effectsBeforeCommit: 'effects leave before the events they follow from are durable',
  idAlone: 'an observation of a read names its call by the id alone',
  noFence: 'the store appends without looking at the sequence number',
  rerunWrites: 'a write found executing is run again whatever its tool promises',
  freshKey: 'each attempt of an idempotent write gets a new idempotency key',
  lateBeforeLedger: 'a late write is reported as not run without asking the ledger',
  noRecovery: 'the sessions of a gained partition are not picked up',
  fencedForgotten: 'a fenced owner forgets its session although the partition is still its own',
  retireAtCommit: 'a finished session is retired before its outcome is told',
  outcomeLater: 'a finished session read back takes new input before it tells its outcome',
  outcomeOfNow: 'an outcome tells how the session stands when it is sent, not when it ended',
  runsTogether: 'the end of a run and the message that opens the next are committed together',
  earlyIsLate: 'a message that overtook its session’s start is taken for news of a session that never was',
  anyEndBeside: 'a write that did not happen is told before the ledger holds that',
  takenOverIsDone: 'an executor whose call was taken over acknowledges records that joined it since',
  holdsNothing: 'a write is begun while another of its resource is executing',
  resolvedIsTold: 'the end of a write that was found out later counts as told once the ledger has it',
  foundHandedOver: 'an end that was found out later is handed over, so that it dies with its reader',
  looseWaves: 'all calls of a turn are sent at once',
  takenIsDone: 'a start that was handed over counts as done before its session is durable',
  writesHandedOver: 'a write is handed over, so that nothing but its dead executor knows that it began',
  neverGivenBack: 'what was handed over is not given back when its partition moves',
  neighbourForgotten: 'what was handed to a neighbour is not given back when the neighbour dies',
  misplaced: 'an observation goes to any partition',
} as const;

export type Mutant = keyof typeof mutants;
export const mutantNames = Object.keys(mutants) as Mutant[];
