-- The first schema. A released migration never changes: write 0002.sql instead.
-- Each table says whether it is (journal) the journal itself, (said) made by applying events and made anew by `rebuild`,
-- or (local) this device's own, which neither travels nor is rebuilt.
-- Stamps are 24 bytes, clock then device, most significant first, so that `>` finds the last writer.

-- (journal) One row per event; core/src/journal/mod.rs defines every column. Never updated, never deleted from.
create table journal (
    arrival     integer primary key autoincrement,
    id          blob    not null unique check (length(id) = 16),
    device      blob    not null check (length(device) = 16),
    seq         integer not null check (seq > 0),
    version     integer not null check (version > 0),
    hlc         integer not null check (hlc >= 0),
    kind        text    not null,
    actor       text    not null,
    correlation blob    not null check (length(correlation) = 16),
    causation   blob    check (length(causation) = 16),
    subject     blob    check (length(subject) = 16),
    payload     text    not null,
    prev_hash   blob    not null check (length(prev_hash) = 32),
    hash        blob    not null check (length(hash) = 32),
    unique (device, seq)
) strict;
create index journal_hlc on journal (hlc);
create index journal_subject on journal (subject) where subject is not null;
create index journal_correlation on journal (correlation);
create trigger journal_is_append_only before update on journal begin select raise(abort, 'the journal is append-only'); end;
create trigger journal_keeps_all before delete on journal begin select raise(abort, 'the journal is append-only'); end;

-- (journal) Events of other devices that may not enter yet, since their clock runs more than a day ahead.
create table quarantine (
    id          blob    not null,
    device      blob    not null,
    seq         integer not null,
    version     integer not null,
    hlc         integer not null,
    kind        text    not null,
    actor       text    not null,
    correlation blob    not null,
    causation   blob,
    subject     blob,
    payload     text    not null,
    prev_hash   blob    not null,
    hash        blob    not null,
    received    integer not null,
    primary key (device, seq)
) strict, without rowid;

-- (said) Devices whose events are held.
create table device (
    id      blob primary key,
    name    text,
    name_at blob
) strict, without rowid;

-- (said) Customers. A forgotten one keeps its id and nothing else.
create table person (
    id         blob    primary key,
    forgotten  integer not null default 0,
    name       text, name_at    blob,
    phone      text, phone_at   blob,
    email      text, email_at   blob,
    address    text, address_at blob,
    note       text, note_at    blob,
    sort       text    not null default ''
) strict, without rowid;
create index person_sort on person (forgotten, sort, id);

-- (said) Keys that were erased; what they sealed counts as absent, whether or not this device ever held the key.
create table erased_key (
    key blob primary key
) strict, without rowid;

-- (said) What each registration of a vehicle says. Two registrations of one VIN are one vehicle.
create table registration (
    id            blob primary key,
    vehicle       blob not null,
    vin           text, vin_at   blob,
    plate         text, plate_at blob, plate_key blob,
    name          text, name_at  blob, name_key  blob,
    cleared       blob,
    owner         blob, owner_at blob
) strict, without rowid;
create index registration_vin on registration (vin) where vin is not null;
create index registration_vehicle on registration (vehicle);
create index registration_owner on registration (owner) where owner is not null;

-- (said) Vehicles as shown, made from their registrations and visits.
create table vehicle (
    id              blob    primary key,
    vin             text,
    plate           text,
    name            text,
    owner           blob,
    state           integer not null,
    reason          text    not null,
    last_visit      blob,
    last_seen       integer,
    visits          integer not null,
    odometer_km     real,
    odometer_source text,
    odometer_at     integer,
    sort            text    not null,
    search          text    not null
) strict, without rowid;
create index vehicle_worst on vehicle (state desc, sort, id);
create index vehicle_owner on vehicle (owner) where owner is not null;

-- (said) Visits. `event` is the event whose payload holds the whole check.
create table visit (
    id              blob    primary key,
    stamp           blob    not null,
    event           blob    not null,
    registration    blob    not null,
    started         integer not null,
    ended           integer not null,
    port            text    not null,
    adapter         text    not null,
    voltage         real,
    protocol        text,
    protocol_name   text,
    vin             text,
    vin_problem     text,
    ecus            integer not null,
    codes           integer not null,
    partial         integer not null,
    state           integer not null,
    reason          text    not null,
    summary         text    not null,
    note            text,
    decoder         integer not null,
    traffic         text    not null,
    odometer_km     real,
    odometer_source text,
    odometer_at     integer
) strict, without rowid;
create index visit_registration on visit (registration, ended desc, id desc);

-- (said) The parts of a visit's check, `place` counting from 0 in the order of the report.
create table ecu (
    visit        blob    not null references visit (id) on delete cascade,
    place        integer not null,
    id           text    not null,
    name         text    not null,
    named_itself integer not null,
    supported    text    not null,
    calibrations text    not null,
    cvns         text    not null,
    primary key (visit, place)
) strict, without rowid;

-- A value is told by `form`: number (number, unit), enumerated (number, text), flag (number 0 or 1), text (text), raw (text, hex).
create table reading (
    visit   blob    not null references visit (id) on delete cascade,
    place   integer not null,
    ecu     text    not null,
    request text    not null,
    raw     text    not null,
    at      integer not null,
    pid     text    not null,
    name    text,
    label   text,
    form    text    not null,
    number  real,
    unit    text,
    text    text,
    primary key (visit, place)
) strict, without rowid;

create table trouble_code (
    visit blob    not null references visit (id) on delete cascade,
    place integer not null,
    code  text    not null,
    class text    not null,
    ecu   text    not null,
    primary key (visit, place)
) strict, without rowid;
create index trouble_code_code on trouble_code (code);

create table freeze_frame (
    visit blob    not null references visit (id) on delete cascade,
    place integer not null,
    ecu   text    not null,
    frame integer not null,
    cause text    not null,
    primary key (visit, place)
) strict, without rowid;

create table freeze_item (
    visit  blob    not null,
    place  integer not null,
    item   integer not null,
    pid    text    not null,
    name   text,
    label  text,
    form   text    not null,
    number real,
    unit   text,
    text   text,
    primary key (visit, place, item),
    foreign key (visit, place) references freeze_frame (visit, place) on delete cascade
) strict, without rowid;

create table readiness (
    visit     blob    not null references visit (id) on delete cascade,
    place     integer not null,
    ecu       text    not null,
    mil       integer not null,
    dtc_count integer not null,
    ignition  text    not null,
    primary key (visit, place)
) strict, without rowid;

create table readiness_test (
    visit     blob    not null,
    place     integer not null,
    test      integer not null,
    name      text    not null,
    available integer not null,
    complete  integer not null,
    primary key (visit, place, test),
    foreign key (visit, place) references readiness (visit, place) on delete cascade
) strict, without rowid;

create table coverage (
    visit    blob    not null references visit (id) on delete cascade,
    place    integer not null,
    ecu      text,
    request  text    not null,
    question text    not null,
    outcome  text    not null,
    detail   text,
    primary key (visit, place)
) strict, without rowid;

-- (local) Keys that seal personal fields, each wrapped by the master key. Deleting a row is what forgetting means.
-- `retired`: the vehicle has changed hands since; nothing more is sealed with it.
create table person_key (
    key     blob primary key,
    subject blob not null,
    wrapped blob not null,
    retired integer not null default 0
) strict, without rowid;
create index person_key_subject on person_key (subject);

-- (local) This device's own settings.
create table setting (
    name  text primary key,
    value text not null
) strict, without rowid;

-- (local) Stored files by the BLAKE3 of their content. `vehicle`: it shows personal data of that vehicle's owner,
-- who was `owner`, and a plate and a name that these keys sealed.
-- `doomed`: to be deleted, file and row, by the scrub that follows forgetting.
create table blob (
    hash     text    primary key,
    name     text    not null,
    media    text    not null,
    bytes    integer not null,
    deflated integer not null,
    stored   integer not null,
    vehicle  blob,
    owner    blob,
    plate_key blob,
    name_key blob,
    doomed   integer not null default 0
) strict, without rowid;
create index blob_vehicle on blob (vehicle) where vehicle is not null;
