-- Why nobody is asked: too many wait, or the same call waits already. Such a row is settled as it is made, so that a
-- repeated review meets the same answer.
alter table approval add column obstacle jsonb;

create index approval_open on approval (tenant, session_id) where state = 'pending';
