-- Applied sets of manifests: revisions are only ever added, the last fifty of a set are kept. The version counts changes of
-- any set, so that what was checked together is stored only if nothing else came between.

create table catalogue_version (
  only_row boolean primary key default true check (only_row),
  version  bigint not null
);

insert into catalogue_version (version) values (0);

create table manifest_set_revision (
  set_name          text collate "C" not null,
  revision          integer not null,
  at_ms             bigint not null,
  actor             text not null,
  reason            text not null,
  digest            text not null,
  file_count        integer not null,
  byte_count        integer not null,
  restored_revision integer not null,
  -- The files, as gzipped JSON.
  content           bytea not null,
  primary key (set_name, revision)
);
