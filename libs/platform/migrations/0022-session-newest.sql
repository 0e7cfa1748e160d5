-- The list of a tenant's newest sessions names tenant and session under the other name of the same order, "POSIX". Equal
-- columns in two indexes leave the planner a choice: until a table is analyzed it takes either for a session's look-up by its
-- key, and this one then has it read all sessions of the tenant. Without the choice there is nothing to take wrongly.

drop index session_newest;

create index session_newest on session (tenant collate "POSIX", created_at_ms desc, session_id collate "POSIX" desc);
