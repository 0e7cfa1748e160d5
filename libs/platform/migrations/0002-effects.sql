-- The effect ledger and the large observations.

create table effect (
  tenant           text collate "C" not null,
  session_id       text collate "C" not null,
  call_id          text collate "C" not null,
  epoch            bigint not null,
  since_ms         bigint not null,
  settled_at_ms    bigint,
  -- Which call of begin() made the entry, so that its own retry after a lost connection knows its work.
  claim            uuid not null,
  state            text not null check (state in ('executing', 'done', 'failed', 'unknown')),
  owner_id         text not null,
  tool             text not null,
  arguments_digest text not null,
  observation      bytea,
  primary key (tenant, session_id, call_id),
  check ((state = 'executing') = (observation is null))
)
-- Written once and settled once: room for that second version on the same page.
with (fillfactor = 80);

create table artifact (
  tenant        text collate "C" not null,
  session_id    text collate "C" not null,
  handle        text collate "C" not null,
  created_at_ms bigint not null,
  call_id       text not null,
  content_type  text not null,
  bytes         bytea not null,
  primary key (tenant, session_id, handle)
);
