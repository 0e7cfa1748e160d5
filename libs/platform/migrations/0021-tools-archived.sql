-- When the fleet archived a version of a tool that nobody called; null: it did not.

alter table tool_first_seen add column archived_at_ms bigint;

create index tool_archived on tool_first_seen (tool, version) where archived_at_ms is not null;
