-- Notes, photos, measurements and recordings; registrations that a person says are one vehicle; orders of the list of vehicles.

-- `attached`: the registration that this one, while it has no VIN, is a part of. No foreign key: its event may come later.
alter table registration add column attached    blob;
alter table registration add column attached_at blob;
create index registration_attached on registration (attached) where attached is not null;

-- What a list is ordered by, in lower case; empty: last in either direction.
alter table vehicle add column sort_plate text not null default '';
alter table vehicle add column sort_name  text not null default '';
create index vehicle_by_plate on vehicle (sort_plate = '', sort_plate, id);
create index vehicle_by_name  on vehicle (sort_name = '', sort_name, id);
create index vehicle_by_vin   on vehicle (vin is null, vin, id);
create index vehicle_by_seen  on vehicle (last_seen is null, last_seen, id);

create index visit_vin on visit (vin) where vin is not null;
create index visit_odometer on visit (registration, odometer_at desc, id desc) where odometer_km is not null;

-- (said) Notes of the shop. Keyed by the registration too, since its keys seal the text. `added` is null until the event
-- that adds it has come; without a text (its key was erased, or is not held here) a note is not shown.
-- `start` is the text's beginning, and the text stands last, so that a list does not read it.
create table note (
    registration blob    not null,
    id           blob    not null,
    added        blob,
    visit        blob,
    at           integer,
    by           text,
    edited       integer,
    removed      integer not null default 0,
    removed_at   blob,
    text_at      blob,
    text_key     blob,
    bytes        integer,
    start        text,
    text         text,
    primary key (registration, id)
) strict;
create index note_id on note (id);
create index note_at on note (registration, at desc, id desc);

-- (said) Photos. `key` is the one that sealed the caption when the photo was added: it says whose time the photo is from, and
-- once it is erased the photo is `gone`.
create table photo (
    registration blob    not null,
    id           blob    not null,
    added        blob,
    visit        blob,
    at           integer,
    by           text,
    file         text,
    media        text,
    bytes        integer,
    thumbnail    text,
    width        integer,
    height       integer,
    key          blob,
    gone         integer not null default 0,
    caption      text,
    caption_at   blob,
    caption_key  blob,
    removed      integer not null default 0,
    removed_at   blob,
    primary key (registration, id)
) strict, without rowid;
create index photo_id on photo (id);
create index photo_at on photo (registration, at desc, id desc);
create index photo_file on photo (file) where file is not null;
create index photo_thumbnail on photo (thumbnail) where thumbnail is not null;

-- (said) Measurements by hand; `measured` as in the contract, `km` for an odometer.
-- `confirmed`: it contradicted those around it, and a person said that it is right.
create table measurement (
    registration blob    not null,
    id           blob    not null,
    added        blob,
    at           integer,
    by           text,
    measured     text,
    km           real,
    confirmed    integer not null default 0,
    removed      integer not null default 0,
    removed_at   blob,
    primary key (registration, id)
) strict, without rowid;
create index measurement_id on measurement (id);
create index measurement_at on measurement (registration, at desc, id desc);

-- `loose`: it was put here and nothing has taken it up yet; it goes after a day.
alter table blob add column loose integer not null default 0;

-- (said) What live sessions recorded. `registration`: whose, if known. `signals`: JSON, an array of id, label and unit.
-- `marks`: JSON, an array of time and label. `file`: BLAKE3 of the stored file with the samples.
create table recording (
    id           blob    primary key,
    stamp        blob    not null,
    registration blob,
    vin          text,
    started      integer not null,
    ended        integer not null,
    port         text    not null,
    samples      integer not null,
    signals      text    not null,
    marks        text    not null,
    file         text    not null,
    cut_short    integer not null
) strict, without rowid;
create index recording_registration on recording (registration, started desc, id desc) where registration is not null;
create index recording_vin on recording (vin) where registration is null and vin is not null;
create index recording_started on recording (started desc, id desc);
