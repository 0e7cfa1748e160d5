-- The audit: a chain of entries for each tenant, the keys of the people in them, and what was used on each day.

-- The end of a tenant's chain. An entry is appended by moving it on from what its writer saw, so a chain cannot fork.
create table audit_head (
  tenant         text collate "C" primary key,
  seq            bigint not null default 0,
  hash           bytea not null,
  -- The last entry that a checkpoint signs.
  checkpoint_seq bigint not null default 0,
  -- The last entry that retention has deleted.
  truncated_seq  bigint not null default 0
)
-- Rewritten with every batch of the tenant's entries.
with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

create table audit_entry (
  tenant text collate "C" not null,
  seq    bigint not null,
  at_ms  bigint not null,
  -- Of what the entry tells: a second record of the same fact makes no second entry. Its first half is the session's.
  key    uuid not null,
  hash   bytea not null,
  -- JSON as it was hashed; never parsed to be stored again.
  body   text not null,
  primary key (tenant, seq)
)
with (fillfactor = 100);

create unique index audit_entry_key on audit_entry (tenant, key);

create table audit_checkpoint (
  tenant    text collate "C" not null,
  seq       bigint not null,
  -- truncated: everything up to here was deleted by retention.
  kind      text not null check (kind in ('head', 'truncated')),
  at_ms     bigint not null,
  hash      bytea not null,
  key_id    text not null,
  signature bytea not null,
  primary key (tenant, seq, kind)
);

-- A person's data key, wrapped by the fleet's. An erased one stays without key and without whose it was.
create table subject_key (
  tenant          text collate "C" not null,
  key_id          text collate "C" not null,
  -- Whose it is, as nobody can tell without the fleet's key.
  pseudonym       text collate "C",
  wrapped         bytea,
  created_at_ms   bigint not null,
  destroyed_at_ms bigint,
  primary key (tenant, key_id),
  check ((wrapped is null) = (pseudonym is null) and (wrapped is null) = (destroyed_at_ms is not null))
);

create unique index subject_key_live on subject_key (tenant, pseudonym);

-- What was called on a day (UTC), added up as entries are appended, so that nobody has to read them.
create table tool_usage (
  tenant     text collate "C" not null,
  tool       text collate "C" not null,
  version    text collate "C" not null,
  -- Executors, who tell of failures, know no agent: theirs are under the empty name.
  agent      text collate "C" not null,
  day        date not null,
  -- Calls that were let through or sent to people, and those of them that write.
  calls      bigint not null,
  writes     bigint not null,
  -- Calls that were begun and did not end well.
  failures   bigint not null,
  last_at_ms bigint not null,
  primary key (tenant, tool, version, agent, day)
)
with (fillfactor = 70);

create index tool_usage_tool on tool_usage (tool, day);

create table session_usage (
  tenant   text collate "C" not null,
  agent    text collate "C" not null,
  day      date not null,
  sessions bigint not null,
  -- Those that did not end completed.
  failures bigint not null,
  primary key (tenant, agent, day)
)
with (fillfactor = 70);
