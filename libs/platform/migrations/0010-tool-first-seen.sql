-- Since when each version of a tool is in the catalogue. One that has left it loses its row: its age begins anew.

create table tool_first_seen (
  tool             text collate "C" not null,
  version          text collate "C" not null,
  first_seen_at_ms bigint not null,
  primary key (tool, version)
);
