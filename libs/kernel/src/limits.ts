/**
 * Every bound of the fleet, with its derivation. A bound that an operator may tune is a default here and a setting in the
 * app's config; the others are part of the protocol.
 */
export const limits = {
  /** Of a user's message, what a rule's pattern is asked of: four pages, 1 ms of RE2 in JavaScript. */
  userPatternChars: 16_384,
  /** Patterns of rules whose answer is kept with a message. */
  userPatternsKept: 64,
  /** Names of tenants, users, agents, tools: fits an index key, a label and a log line. */
  nameCharsMax: 64,
  /** Request ids are chosen by other teams: a UUID with a prefix fits. */
  requestIdCharsMax: 200,
  /** First message or later user message: 256 KiB is about 64,000 tokens, half of a common context. */
  inputBytesMax: 256 * 1024,
  rolesMax: 32,
  labelsMax: 32,
  /** A label's value: an address or a ticket's title fits. 32 of them with their names are at most 40 KiB. */
  labelCharsMax: 256,
  /** Calls of one model answer that are judged; the rest is refused. Providers stop at 128, waves above 32 help nobody. */
  toolCallsPerTurnMax: 32,
  /** Text and arguments of one model answer: with escapes still below one bus record. */
  modelAnswerBytesMax: 400 * 1024,
  /** Text of one call's arguments: 64 KiB, a quarter of an inbox record with room for four such calls. */
  argumentsBytesMax: 64 * 1024,
  /** What the conditions about one call may cost together, in members that loops look at (1 µs each, measured) and quarters
   * of characters that patterns look at: one loop over the largest arguments, or one pattern over their text, three times. */
  conditionStepsMax: 50_000,
  /** Compiled patterns of conditions that stay in memory: those of 500 rules, of some 10 KB each. */
  conditionPatternsKept: 1_000,
  /** Rules whose lists were compared for a tenant and tool are remembered for so many of these pairs: 20 MB with 500 rules. */
  rulePlacesMax: 4_096,
  /** Rules not enforced that are told of one call: of more nobody reads each. */
  ruleNotesMax: 8,
  /** Rules that an explanation names beside the one that decided: what a person compares. */
  nearRulesMax: 3,
  /** Calls that a session remembers one by one, for storms: twice the dozens that begin one. */
  recentCallsKept: 64,
  /** Reads before a write that are dozens: the longest run of the 114 retail tasks is 11. */
  stormReads: 24,
  /** Calls of two tools in turn: the longest run of the retail tasks is 5. */
  stormAlternations: 12,
  /** The same call with the same answer: no retail task makes one more than twice. A model that is told so may yet go on
   * with something else; one that has repeated itself for 16 of a session's 20 turns does not. */
  stormSameCalls: 4,
  stormSameCallsStop: 16,
  /** Once is a slip and twice is a misunderstanding. */
  stormForbidden: 3,
  /** How long an answer with a slowed call waits: a session of 20 turns takes a minute longer at most. */
  stormSlowMs: 3_000,
  /** What of a tool's answer travels in an observation; the rest is stored behind a handle. */
  observationBytesMax: 64 * 1024,
  /** Tokens of an observation where its tool states none: twenty of them leave room in a context of 200,000. */
  observationTokensMax: 8_000,
  /** Handles that a session may read from, the newest: those of the last turns. */
  artifactsKnownMax: 32,
  /** How long a part of an artifact may take: a row of 8 MiB, and a second for an expression over it. */
  readArtifactMs: 5_000,
  /** JMESPath of a manifest: the longest that people still read. */
  selectCharsMax: 2_000,
  /** What an executor reads of a tool's answer before it hangs up: the size of the artifact store's largest entry. */
  toolAnswerBytesMax: 8 * 1024 * 1024,
  /** Processes of one MCP server in one executor: of 100 MiB each they fill a pod of 2 GiB. */
  mcpProcessesMax: 16,
  /** Connections of one executor to one MCP server over HTTP: one a credential, so that of so many users. */
  mcpConnectionsMax: 256,
  /** Sockets to one MCP server: those of the calls that an executor runs at once, and a stream of events each. */
  mcpSocketsMax: 512,
  /** A server of a tenant that asks nothing for five minutes is started again when it does. */
  mcpIdleMs: 5 * 60_000,
  /** Rows of a SQL tool's answer where its manifest states none: 8 KiB each fill what an executor reads of an answer. */
  sqlRows: 1_000,
  sqlRowsMax: 10_000,
  /** Text of a SQL tool's statement: some 300 lines. */
  sqlStatementCharsMax: 16_000,
  /** Descriptors of a gRPC service within its record of the catalogue: 600 KB of base64, gzipped from about 3 MB. */
  grpcDescriptorsCharsMax: 600_000,
  /** Files of an applied set, together: what a gRPC server takes at once, 4 MiB, less room for names. */
  setBytesMax: 3 * 1024 * 1024,
  setFilesMax: 200,
  /** Applied sets of a fleet: a hundred teams. */
  setsMax: 100,
  /** Files of all applied sets: what a router keeps in memory beside the ten thousand tools that they describe. */
  setsBytesMax: 64 * 1024 * 1024,
  /** Revisions of an applied set that can be gone back to: a change every week for a year. */
  setRevisionsKept: 50,
  /** A record on the bus: Kafka's default of 1 MiB less headers. */
  recordBytesMax: 1_000_000,
  /** Tools shown to the model at once: above about 20, published accuracies of tool choice fall. */
  toolsOfferedMax: 20,
  /** Tools a session may have been shown in all, by find_tools. */
  toolsFoundMax: 60,
  /** Unused tools that the fleet archives in one pass, an hour apart: as many as a person looks through. */
  toolsArchivedAtOnce: 20,
  /** A fleet in which no call of any tool was recorded for a week says nothing about one of them. */
  usageSilenceDaysMax: 7,
  /** Versions of one tool at once: those of a quarter in which one changes every two weeks. */
  toolVersionsMax: 8,
  /** Rollouts of a fleet at once, each looked at every 5 s and a label of metrics: one for each of a hundred teams. */
  rolloutsMax: 100,
  /** Sessions whose versions are worked out for one question of an operator: 120 KB of names. */
  rolloutSessionsMax: 2_000,
  /** Running sessions that are looked at for who has a version, a third of those that a fleet runs at once: some seconds. */
  holdersLookedAtMax: 3_000,
  /** Flags of a fleet, each a label of a metric: at 16 µs each (measured) all of them take a session 3 ms. */
  flagsMax: 200,
  /** Rules of one flag, and what it may say: as many as a person still reads. */
  flagRulesMax: 50,
  flagVariantsMax: 8,
  /** How long a source of flags other than the catalogue may take, for all flags of a session: what a start waits unnoticed. */
  flagsAskedMs: 200,
  /** Tools that a session remembers as kept back by flags: of more a model is told that there is no such tool. */
  toolsKeptBackMax: 200,
  /** Session defaults where an agent states none. */
  stepsMax: 20,
  wallTimeMs: 10 * 60_000,
  tokensMax: 1_000_000,
  /** What tokens or money of a run may be exceeded by for its last word, as a share: the last of ten turns costs a tenth. */
  lastWordReserveShare: 0.1,
  /** Prompt, tools and messages of one request to a model where its route states nothing: of a context of 128,000 it leaves
   * 28,000 for the answer and for what the model's own tokeniser counts more than ours. */
  contextTokensMax: 100_000,
  /** Turns whose results stay whole when older ones are told as a summary: a look-up, the one that follows from it, a change. */
  contextTurnsWhole: 3,
  /** Calls that such a summary tells one by one, the newest; of about 60 tokens each they take a fortieth of a context. */
  summaryCallsMax: 40,
  /** Claims without an observation that are told of one answer, and kept of a session: enough to see what happened. */
  claimFlagsMax: 8,
  claimFlagsKept: 32,
  /** User messages that may wait in a session for the next turn. */
  pendingMessagesMax: 50,
  /** Calls listed in an outcome, newest: 200 of about 120 bytes keep the record far below its limit. */
  callsInOutcomeMax: 200,
  /** Calls of a session whose end it had to presume and may still hear of, newest: those of one turn. */
  unheardCallsMax: 32,
  /** How long a call may wait for an executor before it is not worth starting: a killed executor's partitions are taken over
   * after 6 to 10 s (measured), so this outlasts three such losses in a row. */
  callWaitMs: 30_000,
  /** How long a write waits for another one of the same resource, of another class, tenant or executor: a write takes its
   * class's timeout at most, 10 s by default, and a third of `callWaitMs` leaves time to run. */
  resourceWaitMs: 10_000,
  /** What a model is told to wait at most before it tries a held resource again; its session has 10 min in all. */
  resourceRetryMsMax: 60_000,
  /** When a declared read is asked whether a lost write happened, after the loss: within 8 s, a quarter of what is left of a
   * call's time by then, because its conflict key waits meanwhile. */
  reconcileAfterMs: [0, 500, 2_000, 5_500],
  /** And later, beside the session, after its first time: a tool that is down for a night is asked when it is back. */
  reconcileLaterMs: [15_000, 60_000, 600_000, 3_600_000, 6 * 3_600_000, 12 * 3_600_000],
  /** Of one such read where its tool has no timeout of its own. */
  reconcileReadMs: 5_000,
  /** Writes of unknown end that an executor looks at in one pass: ten a second at the pace of its sweep. */
  reconcileBatchMax: 50,
  /** How long a write of unknown end, with its arguments, is kept for people to settle: a month's statement of an account
   * shows what became of it, and what nobody asked about by then nobody will. */
  unknownWriteMsMax: 30 * 24 * 60 * 60_000,
  /** How long after a call's deadline its observation may still be on the way before the session settles the call
   * itself: two executor drains of a lane plus one broker restart (7 s, measured) would be 10 s; 5 s covers the bus. */
  observationGraceMs: 5_000,
  /** An approval that nobody gives is a denial after this. */
  approvalTtlMs: 15 * 60_000,
  /** A rule may give people less time or more: a day, as long as the longest session a team would keep open. */
  approvalMsMax: 24 * 60 * 60_000,
  /** Calls of one session that may wait for people at once: more than one turn of writes ever asks for; a person who is asked
   * a ninth time by the same session decides on none of them well. */
  openApprovalsOfSessionMax: 8,
  /** And of a tenant where its manifest states none: four pages of fifty, an hour's work at twenty seconds each. */
  openApprovalsOfTenant: 200,
  openApprovalsOfTenantMax: 10_000,
  /** When a call that met a full list is worth another try: people decide within minutes, so not sooner. */
  approvalsFullRetryMs: 60_000,
  /** A session that waited an hour for its tenant's share answers nobody any more. */
  waitingMsMax: 60 * 60_000,
  /** Sessions of the whole fleet that run at once: 100 KiB each in their owners' memory is 1 GiB over all orchestrators. */
  fleetSessionsMax: 10_000,
  /** Cost of finished sessions decays to 1/e in this time: ten sessions of a minute, so that shares are true within about a
   * tenth of a place, and a storm is forgotten after half an hour (e^-3 = 5 %). Nobody waits longer for a first place. */
  fairHorizonMs: 10 * 60_000,
  /** Until sessions have ended, their length is a guess: three model turns of three seconds. */
  sessionMsGuess: 10_000,
  /** A share is compared with the store once it is held for this: routing and the first commit take far less. */
  shareCheckedAfterMs: 30_000,
  /** A share whose session never appeared is given back after this: a restart of the router takes far less. */
  shareGivenUpAfterMs: 5 * 60_000,
  /** A receipt outlives its call's deadline by clock skew between machines. */
  clockSkewMs: 60_000,
  /** A token: HTTP servers take 16 KiB of headers, and one of 300 groups fills a quarter of that. */
  tokenBytesMax: 8 * 1024,
  /** Since its issue; who was told to leave is gone a day later, whatever an issuer wrote into a token. */
  tokenAgeMsMax: 24 * 60 * 60_000,
  /** Verified tokens that a process remembers: 1 KiB each. */
  tokensRemembered: 10_000,
  /** How long after its arrival a published request may be read: the retention of its topic. Its token must have counted
   * when the broker took the record, so an outage takes no request away. */
  publishedRequestMsMax: 3 * 24 * 60 * 60_000,
  /** Kinds of refused callers (tenant, way, reason) that are told apart within a minute; an attacker writes no more. */
  refusedCallersMax: 500,
  /** Sessions that are refused for want of room are audited as a count of each tenant, agent and reason, this often. */
  refusedCountedMs: 10_000,
  /** Of those kinds, how many are counted at a time, 500 bytes each; above, each session is audited by itself. */
  refusedKindsMax: 20_000,
  /** Partitions a tenant's records spread over: 4 of 8 locally; two tenants share all four of 64 with 1 in 635,376. */
  tenantSpan: 4,
  /** Partitions of every sharded topic: 32 cost 30 % more CPU on two cores and bring nothing there. */
  partitions: 8,
  /** Calls that an upstream is always given: as many as a breaker needs to see that it hangs. */
  upstreamFloor: 5,
  /** Before anything is known: most tools serve 20 calls at once, and under load the limit is at its ceiling in 2 s. */
  upstreamStart: 20,
  /** As many as an executor opens connections to one upstream. */
  upstreamCeiling: 128,
  /** Four times what 256 sessions ask at once: 5 s at an upstream that answers 200 a second, a sixth of what a call may wait.
   * They hold 64 MiB of arguments at the very most. */
  upstreamQueueMax: 1_024,
  /** One upstream that hangs leaves the others a quarter of what a class runs at once. */
  upstreamSharePercent: 75,
  /** Probes of one class under way at an upstream, beside that share: a breaker lets three go at once and gives them up after
   * an eighth of what the call may take, so that eight rounds of them hang at the very most where all may take as long. */
  upstreamProbesMax: 24,
  /** Calls that wait for their credential beside what their class runs at once: as many as wait for one upstream. */
  credentialWaitsMax: 1_024,
  /** Retries of one destination that a process may send each second whatever its traffic: ten processes add 100 a second to
   * a destination of thousands, and a session that comes alone is tried again at once. */
  retriesPerSecondMin: 10,
  /** How long a model turn waits for the budget of retries, beside its attempts: as long as a call waits for an executor.
   * A longer outage is told, not waited for. */
  retryWaitMs: 30_000,
  /** How long a client waits for a look-up in the database: a restart takes longer, a busy one answers within 100 ms. */
  lookUpMs: 2_000,
  /** Look-ups of one gateway at once: 32 for each of 8 connections, at 1 ms each a wait of 32 ms. */
  lookUpsMax: 256,
  /** How long a client waits for the bus: the election of a new leader takes less, the restart of an only broker more. */
  interactiveSendMs: 5_000,
  /** Tokens that an executor holds of exchanges, the newest: of as many users as sessions run, at some KiB each. */
  exchangedTokensMax: 10_000,
  /** An exchanged token is used no longer than this, whatever its life: a user who lost their rights keeps them so long. */
  exchangedTokenMsMax: 60 * 60_000,
  /** An exchanged token is not used in its last half minute: the clocks of two machines, and a call on its way. */
  exchangedTokenSkewMs: 30_000,
  /** The token of a session's user is kept no longer than this, whatever its life: the longest session that an agent may have. */
  subjectTokenMsMax: 24 * 60 * 60_000,
  /** An operator's word on a breaker is given anew each day, or forgotten. */
  breakerOverrideMsMax: 24 * 60 * 60_000,
  /** A day: longer than any incident; what should stay belongs into the settings or the catalogue. */
  tuningMsMax: 24 * 60 * 60_000,
  /** Changes in force at once: a hundred incidents of ten targets; reading and merging them stays below a millisecond. */
  tuningChangesMax: 1_000,
  /** Kill switches before those that are over are forgotten: a call looks at each of them, a microsecond at most. */
  killSwitchesKept: 100,
  /** Who and why, in one line of a table and a log. */
  tuningTextCharsMax: 200,
  /** Handlers of one consumer in one process: each holds a record, a signal and a timer, some 10 KiB. */
  consumerConcurrencyMax: 10_000,
  /** How old the calls of a class may start before its queue counts as standing. A killed executor's partitions are taken
   * over after 6 to 10 s (measured), so 10 s are no overload; after `callWaitMs`, 30 s, they are lost anyway: the middle. */
  queueAgeTargetMs: 20_000,
  /** Of that target by priority: low at 10 s, when it is no longer a take-over; high at 25 s, when what waits has as long
   * left as an interval before it is lost. */
  queueAgeTargetShares: { low: 0.5, normal: 1, high: 1.25 },
  /** How long a queue must stand above the target before calls are shed: half of a take-over, in which its backlog is
   * worked off at three times the rate of arrival. */
  queueAgeIntervalMs: 5_000,
  /** A model that is told to wait longer gives up; its session has 10 min in all. */
  queueTooOldRetryMsMax: 60_000,
  /** Tenants with a state of their own in one executor's queue; above, the one that was looked at longest ago is forgotten. */
  queueAgeTenantsMax: 1_000,
  /** Tenants that become labels of one consumer's queue age, the oldest; all others together are `other`. */
  tenantLabelsMax: 10,
  /** Wait of a session's uncommitted tail for the next turn's commit. */
  tailCommitMs: 1_000,
  /** Wait of what no session waits for (events, rejections, dead letters) for company on its way to the bus: as long as a
   * watcher takes for at once. Each record of the bus that comes alone wakes its readers, which costs as much as sending it. */
  besideTheWayMs: 100,
  /** Records that a process has handed to a neighbour and not heard of: those of 1,000 sessions with calls at once. The
   * next ones go over the bus. */
  neighbourRecordsMax: 2_048,
  /** And their bytes: 32 of the largest. */
  neighbourBytesMax: 32 * 1_000_000,
  /** Path of the socket they meet at: what systems have room for, the end of the text included (`sun_path`: 104 bytes on
   * macOS, 108 on Linux). */
  socketPathCharsMax: 103,
  /** A frame between neighbours: the largest record and what came with it. */
  neighbourFrameBytesMax: 4 * 1_024 * 1_024,
  /** How long the audit records for a partition gather into one record of the bus: nobody looks at the audit within a tenth of a
   * second, and each record of the bus costs as much as twenty of the audit's. */
  auditGatherMs: 100,
  /** Records gathered into one: of some 500 bytes each they stay far below a record of the bus. */
  auditGatheredMax: 200,
  /** What a person writes with a decision or a reason: a paragraph. */
  auditCommentCharsMax: 1_000,
  /** Entries behind the last signature: what a thief of the file could write anew without being found out. */
  auditCheckpointEntries: 1_000,
  /** How long an entry may stay unsigned. */
  auditCheckpointMs: 60_000,
  /** Entries that one statement appends: about 1 MB of text, some 30 ms. */
  auditAppendMax: 1_000,
  /** People whose data keys one pass looks at while the fleet's key is changed: 500 writes are a second at most, and at a pass
   * each 5 s a million people take three hours. */
  subjectKeysRewrappedAtOnce: 500,
  /** Rows of the book of quotas that one pass looks at, of 300 bytes: 5 ms. At a pass each 10 s a million users are gone
   * round in an hour and a half. */
  quotaRowsSweptAtOnce: 2_000,
  /** How long a process may use a person's data key before it looks whether that was destroyed. */
  subjectKeyCachedMs: 30_000,
} as const;
