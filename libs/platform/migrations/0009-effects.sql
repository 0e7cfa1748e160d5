-- One write of a resource at a time, and the writes whose end nobody knows.

alter table effect
  -- What the entry holds while it executes; null: nothing, and always once it is settled. A row that holds nothing is
  -- still updated in place.
  add column holds text collate "C",
  -- Later than this no try of the call can still be under way, so what it holds is free although nobody settled it.
  add column holds_until_ms bigint;

create unique index effect_holds on effect (holds) where holds is not null;

-- A row from before its call is settled as unknown until its real end was told. The ledger alone says how the call stands.
create table open_effect (
  tenant         text collate "C" not null,
  session_id     text collate "C" not null,
  call_id        text collate "C" not null,
  tool           text not null,
  tool_class     text not null,
  opened_at_ms   bigint not null,
  tries          int not null default 0,
  -- Null: only a person can settle it.
  next_try_at_ms bigint,
  -- The encoded call, which the question whether it happened is made from.
  call           bytea not null,
  primary key (tenant, session_id, call_id)
);

create index open_effect_due on open_effect (tool_class, next_try_at_ms) where next_try_at_ms is not null;
create index open_effect_by_age on open_effect (tenant, opened_at_ms, session_id, call_id);
