-- An analyze of the tables that grow with the work reads and sorts 300 rows for each step of the columns' finest statistics, by
-- default 30,000: half a second of a core each minute, in which every session waits. They are reached by their keys, and what
-- the planner has to choose it chooses as well from 3,000 rows; of what is never looked for it needs none.

do $$
declare
  grown record;
begin
  for grown in
    select attrelid::regclass as relation,
      attname as name,
      case when atttypid in ('bytea'::regtype, 'jsonb'::regtype) or attname = 'body' then 0 else 10 end as steps
    from pg_attribute
    where attrelid in ('session'::regclass, 'session_event'::regclass, 'effect'::regclass, 'audit_entry'::regclass)
      and attnum > 0
      and not attisdropped
  loop
    execute format('alter table %s alter column %I set statistics %s', grown.relation, grown.name, grown.steps);
  end loop;
end
$$;
