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

-- (said) What became of clearing codes, by the event that said it was about to happen. `visit` is the check before it. `became`: 0
-- nothing was said of it yet, 1 nobody knows, 2 it was told.
create table clearing (
    id     blob    primary key,
    visit  blob    not null,
    became integer not null
) strict, without rowid;
create index clearing_visit on clearing (visit);
create index clearing_open on clearing (became) where became = 0;

-- (said) Service records. Keyed by the registration too, since its keys seal their words. `added`: stamp of the event that
-- recorded it first, `said`: of the one that wrote it last. `clear`: JSON of odometer, cost, fuel and flag; `words`: JSON of the
-- rest, null once its customer was forgotten. `at`, `until`: the moment, or the day where no time was stated. `km`: odometer as
-- it counts, null where there is none or where it is flagged and nobody has accepted it.
create table service (
    registration blob not null,
    id           blob not null,
    added        blob,
    recorded     integer,
    by           text,
    import       blob,
    line         integer,
    said         blob,
    corrected    integer,
    day          text,
    time         text,
    at           integer,
    until        integer,
    kind         text,
    clear        text,
    words        text,
    words_key    blob,
    judged       text,
    judged_at    blob,
    km           real,
    removed      integer not null default 0,
    removed_at   blob,
    primary key (registration, id)
) strict;
create index service_id on service (id);
create index service_at on service (registration, at desc, id desc);
create index service_import on service (import) where import is not null;

-- (said) Service histories that were imported from files, as the table `import` has telemetry.
create table history (
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
    first_day    text,
    last_day     text,
    undone       integer,
    undone_at    blob,
    detail       text,
    primary key (registration, id)
) strict;
create index history_id on history (id);
create index history_at on history (registration, at desc, id desc);
create index history_file on history (file) where file is not null;

-- (local) Whether a stored file is an export: whoever is forgotten may be in it, so it goes with any of them.
alter table blob add column export integer not null default 0;
