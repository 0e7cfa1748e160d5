-- Sealed tokens of users whose sessions may call tools that are reached with them; gone soon after the session has ended.

create table subject_token (
  tenant        text collate "C" not null,
  session_id    text collate "C" not null,
  stored_at_ms  bigint not null,
  expires_at_ms bigint not null,
  sealed        bytea not null,
  primary key (tenant, session_id)
);

create index subject_token_due on subject_token (expires_at_ms);
