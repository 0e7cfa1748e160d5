-- A session's head and its events. Ids are compared as bytes (collate "C"): faster, and the same order everywhere.

create table session (
  tenant          text collate "C" not null,
  session_id      text collate "C" not null,
  partition       integer not null,
  seq             integer not null,
  -- The seq with which the last commit began: lets an upsert compare itself with the row it finds (see session-sql.ts).
  commit_seq      integer not null,
  active          boolean not null,
  next_wake_at_ms bigint,
  created_at_ms   bigint not null,
  updated_at_ms   bigint not null,
  status          text not null,
  agent           text not null,
  user_id         text not null,
  request_id      text not null,
  usage           jsonb not null
)
-- A head is rewritten on every turn. No index names a column that changes each time, and a third of every page stays free,
-- so these updates stay on their page (HOT) and touch no index. Only the end of a session, which clears `active`, does.
with (fillfactor = 67, autovacuum_vacuum_scale_factor = 0.05);

-- What the owner of a partition takes up again: small, however many sessions have ended.
create index session_active on session (partition, tenant, session_id) where active;
create index session_newest on session (tenant, created_at_ms desc, session_id desc);
-- After the other indexes: a plan made while the table is empty costs them all the same, and the newest one wins.
alter table session add primary key (tenant, session_id);

create table session_event (
  tenant     text collate "C" not null,
  session_id text collate "C" not null,
  seq        integer not null,
  type       text not null,
  at_ms      bigint not null,
  payload    bytea not null,
  -- The fence: of two owners only one can write a seq.
  primary key (tenant, session_id, seq)
)
-- Append only: rows never change, so statistics matter only to the vacuum that freezes them.
with (fillfactor = 100);
