-- What all replicas were granted of each quota in the slices of the last window, oldest first; `slice` numbers the last.
-- One row a quota, a few hundred bytes: rows of quotas that the catalogue no longer has are not worth a sweep.

create table quota_window (
  id      text collate "C" primary key,
  slice   bigint not null default 0,
  granted bigint[] not null default array_fill(0::bigint, array[32])
)
-- Rewritten in place every few milliseconds at worst: half of each page stays free for that.
with (fillfactor = 50);
