-- How long calls took, so that a version can be compared with another; and what was counted of a tool when a rollout began.

alter table tool_usage
  -- Calls that ended at an executor, however they did.
  add column runs bigint not null default 0,
  add column latency_ms bigint not null default 0;

create table rollout_watch (
  rollout          text collate "C" not null,
  -- Of its manifest: a changed one is watched anew.
  digest           text collate "C" not null,
  tool             text collate "C" not null,
  since_ms         bigint not null,
  -- The daily figures from this day on are compared; `counted` is what they said when the rollout began, by version.
  since_day        date not null,
  counted          jsonb not null,
  -- Set once; it stays so for this manifest.
  taken_back_at_ms bigint,
  because          text collate "C",
  primary key (rollout, digest)
);
