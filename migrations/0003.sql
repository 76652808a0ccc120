-- Workers and the outbox; telemetry; findings, decisions, alerts.

-- How workers and timelines find events of some kinds.
create index journal_kind on journal (kind);

-- Workers begin here: what happened before there were any is history, not news.
insert into setting (name, value) select 'workers_from', cast(coalesce(max(arrival), 0) as text) from journal;

-- (local) How far each worker is. `arrival`: events up to it are handled; `tail`: batches of the telemetry tail up to it;
-- `hears`: whether it hears telemetry; `moved`: when it last finished something. `attempts`, `next_at` and `failed_why` are of
-- the event it is at, `stalled` since when it has been at that for too long; `failed_at` stays when a failure is over.
create table worker (
    name         text    primary key,
    arrival      integer not null,
    tail         integer not null default 0,
    hears        integer not null default 0,
    paused       integer not null default 0,
    handled      integer not null default 0,
    moved        integer not null default 0,
    attempts     integer not null default 0,
    next_at      integer,
    stalled      integer,
    stalled_at   text    not null default '',
    failed_at    integer,
    failed_why   text
) strict, without rowid;

-- (local) What workers gave up on. `arrival` is 0 and `tail` says which batch where it was telemetry. `again`: a person wants
-- it tried again.
create table worker_dead (
    worker   text    not null,
    arrival  integer not null,
    tail     integer not null default 0,
    attempts integer not null,
    at       integer not null,
    cause    text    not null,
    again    integer not null default 0,
    primary key (worker, arrival, tail)
) strict, without rowid;
create index worker_dead_at on worker_dead (at);

-- (local) Messages for the world outside. `key` keeps one from being sent twice. `about`: JSON, what it is made of when it is sent,
-- with no personal data in it. `state`: waiting, sending, sent, dead, dropped.
create table outbox (
    id         blob    primary key,
    key        text    not null unique,
    channel    text    not null,
    event      blob    not null,
    alert      blob,
    vehicle    blob,
    subject    text    not null,
    about      text    not null,
    created    integer not null,
    state      text    not null,
    state_at   integer not null,
    next_at    integer not null,
    attempts   integer not null default 0,
    last_error text    not null default ''
) strict, without rowid;
create index outbox_due on outbox (state, next_at);
create index outbox_created on outbox (created desc, id desc);
create index outbox_alert on outbox (alert) where alert is not null;

-- (local) Each attempt to send a message.
create table outbox_attempt (
    message blob    not null references outbox (id) on delete cascade,
    attempt integer not null,
    at      integer not null,
    error   text    not null,
    primary key (message, attempt)
) strict, without rowid;

-- (said) The newest diagnosis of each registration by source; `findings`, `limits`: JSON as in the event.
create table diagnosis (
    registration blob    not null,
    source       blob    not null,
    from_visit   integer not null,
    stamp        blob    not null,
    event        blob    not null,
    at           integer not null,
    findings     text    not null,
    limits       text    not null,
    primary key (registration, source)
) strict, without rowid;
create index diagnosis_at on diagnosis (registration, at desc);

-- (said) Decisions of the rules. `made` is null until the event that makes it has come.
create table decision (
    id           blob    primary key,
    registration blob,
    made         blob,
    at           integer,
    key          text,
    title        text,
    severity     integer,
    action       text,
    rule         text,
    detail       text,
    asked        integer not null default 0,
    escalated    blob,
    answer       text,
    answer_at    integer,
    answer_by    text,
    answer_stamp blob,
    note         text,
    note_key     blob,
    overtaken    integer not null default 0
) strict, without rowid;
create index decision_registration on decision (registration, at desc) where registration is not null;
create index decision_key on decision (registration, key) where registration is not null;
create index decision_waiting on decision (at desc) where asked = 1 and answer is null and overtaken = 0;

-- (said) Alerts. `created` is null until the event that raises it has come. `finding`: JSON, as last seen.
create table alert (
    id           blob    primary key,
    registration blob,
    created      blob,
    raised       integer,
    key          text,
    title        text,
    severity     integer not null default 0,
    finding      text,
    source       text,
    decision     blob,
    seen         integer,
    seen_stamp   blob,
    times        integer not null default 0,
    acknowledged integer not null default 0,
    ack_at       integer,
    ack_by       text,
    ack_stamp    blob,
    snoozed      integer,
    snoozed_by   text,
    snooze_stamp blob,
    closed       integer not null default 0,
    closed_at    integer,
    closed_by    text,
    closed_why   text,
    closed_key   blob,
    closed_stamp blob,
    escalations  integer not null default 0
) strict, without rowid;
create index alert_open on alert (closed, severity desc, raised desc) where created is not null;
create index alert_registration on alert (registration, key) where registration is not null;

-- (said) Ranges of telemetry that retention leaves alone.
create table pin (
    id           blob    primary key,
    registration blob    not null,
    from_ms      integer not null,
    to_ms        integer not null,
    reason       text    not null,
    pinned       integer not null,
    stamp        blob    not null
) strict, without rowid;
create index pin_registration on pin (registration) where pinned = 1;

-- (local) What runs or ran as a recording, until it is sealed. `story`: the event that began it.
create table capture (
    recording    blob    primary key,
    story        blob    not null,
    registration blob,
    started      integer not null,
    port         text    not null,
    ended        integer,
    owner        text    not null
) strict, without rowid;

-- (local) Signals of series. `subject`: the registration whose they are, or the recording where that is not known.
create table series (
    id      integer primary key,
    subject blob    not null,
    signal  text    not null,
    label   text    not null,
    unit    text    not null,
    unique (subject, signal)
) strict;

-- (local) The tail: batches of samples as they came, one or so a second, until they are sealed. `samples`: packed, see the
-- module of the tail.
create table tail (
    id        integer primary key autoincrement,
    recording blob    not null,
    from_ms   integer not null,
    to_ms     integer not null,
    n         integer not null,
    samples   blob    not null
) strict;
create index tail_recording on tail (recording, id);

-- (local) Sealed blocks. `event` names them in the journal by `hash`; `data_hash` is what stays of values that retention dropped.
create table block (
    id        integer primary key,
    series    integer not null references series (id),
    recording blob    not null,
    event     blob    not null,
    codec     integer not null,
    from_ms   integer not null,
    to_ms     integer not null,
    n         integer not null,
    hash      blob    not null,
    data_hash blob    not null,
    dropped   integer not null default 0,
    hours     blob    not null
) strict;
create index block_series on block (series, from_ms);
create index block_recording on block (recording);
create index block_event on block (event);

-- (local) The values of blocks, apart so that looking for blocks does not read them, and their minutes.
create table block_data (
    block integer primary key references block (id) on delete cascade,
    data  blob    not null
) strict;
create table block_minutes (
    block   integer primary key references block (id) on delete cascade,
    minutes blob    not null
) strict;
