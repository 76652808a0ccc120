-- Bringing one's own data.

-- (said) Telemetry that was imported from files. Keyed by the registration too, since its keys seal the file's name. `imported`
-- is null until the event has come. The values are in blocks of the recording that has the same number. `said`: JSON, the
-- signals, the mapping and the account of the rows. `undone`: when it was taken back first, `undone_at` the stamp of that.
create table import (
    registration blob not null,
    id           blob not null,
    imported     blob,
    at           integer,
    by           text,
    name         text,
    name_key     blob,
    file         text,
    bytes        integer,
    layout       text,
    rows         integer,
    samples      integer,
    rejected     integer,
    from_ms      integer,
    to_ms        integer,
    undone       integer,
    undone_at    blob,
    said         text,
    primary key (registration, id)
) strict;
create index import_id on import (id);
create index import_at on import (registration, at desc, id desc);
create index import_file on import (file) where file is not null;

-- (local) Imports whose blocks are in no signal of a vehicle: still being read, left by a process that ended, or taken back.
create table import_stage (
    import blob primary key
) strict, without rowid;

-- (local) Whether a stored file is an export: whoever is forgotten may be in it, so it goes with any of them.
alter table blob add column export integer not null default 0;
