-- What waits for people, and who waits for a place.

create table approval (
  tenant           text collate "C" not null,
  session_id       text collate "C" not null,
  call_id          text collate "C" not null,
  approvers_needed integer not null check (approvers_needed > 0),
  requested_at_ms  bigint not null,
  expires_at_ms    bigint not null,
  settled_at_ms    bigint,
  delivered_at_ms  bigint,
  state            text not null check (state in ('pending', 'approved', 'denied', 'expired')),
  tool             text not null,
  arguments_digest text not null,
  policy_revision  text not null,
  -- [{approver, approve, atMs, comment}], in the order they were given.
  votes            jsonb not null default '[]',
  payload          bytea not null,
  primary key (tenant, session_id, call_id),
  check ((state = 'pending') = (settled_at_ms is null))
)
with (fillfactor = 80);

create index approval_pending on approval (tenant, requested_at_ms, session_id, call_id) where state = 'pending';
create index approval_due on approval (expires_at_ms) where state = 'pending';
create index approval_undelivered on approval (settled_at_ms) where state <> 'pending' and delivered_at_ms is null;

create table waiting_session (
  tenant        text collate "C" not null,
  session_id    text collate "C" not null,
  priority      integer not null,
  entered_at_ms bigint not null,
  expires_at_ms bigint not null,
  payload       bytea not null,
  -- Which of two sessions of one millisecond came first.
  arrival       bigint not null generated always as identity,
  primary key (tenant, session_id)
);

create index waiting_session_next on waiting_session (tenant, priority desc, entered_at_ms, arrival);
create index waiting_session_due on waiting_session (expires_at_ms);
