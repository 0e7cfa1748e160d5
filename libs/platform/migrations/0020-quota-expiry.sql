-- When a window has passed as a whole: its row says nothing from then on, and a fresh one would say the same. A row that
-- never booked anything is kept for as long as the longest window, 30 days, and a day.

alter table quota_window
  add column expires_at_ms bigint not null
    default (extract(epoch from clock_timestamp()) * 1000)::bigint + 31 * 86400000::bigint;
