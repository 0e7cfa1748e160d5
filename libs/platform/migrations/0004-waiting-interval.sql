-- How fast each tenant's line moves, as its single writer last told it: whoever shows a waiting session estimates its wait.

create table waiting_interval (
  tenant      text collate "C" primary key,
  interval_ms double precision not null check (interval_ms > 0 and interval_ms < 'infinity'),
  told_at_ms  bigint not null
)
with (fillfactor = 50);
