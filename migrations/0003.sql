-- Workers and the outbox; telemetry; findings, decisions, alerts.

-- (local) Ids that this database writes under, or wrote under before a restore gave it another. `until`: events of such a former
-- id count as this device's up to that arrival; what comes back of it later, from others, was acted upon when it happened.
create table own_device (
    device blob    primary key,
    until  integer not null
) strict, without rowid;

-- How workers and timelines find events of some kinds, of all subjects or of one, newest first: a timeline reads only these until
-- it knows which events it shows.
create index journal_kind on journal (kind, arrival, hlc);
create index journal_timeline on journal (subject, kind, arrival, hlc) where subject is not null;

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

-- (local) Messages for the world outside. `key` keeps one from being put in twice. `about`: JSON, what it is made of when it is
-- sent, with no personal data in it. `state`: waiting, sending, sent, dead, dropped. `next_at`: not before; of one that is being
-- sent, the end of the lease, after which it is taken up again. `attempts` counts all, `tries` those that count against the
-- limit, `since` is when the time to try began, and `begun` when it was put in: all three begin anew when a person has it tried again. `place` is the order.
create table outbox (
    place      integer primary key autoincrement,
    id         blob    not null unique,
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
    since      integer not null,
    begun      integer not null,
    attempts   integer not null default 0,
    tries      integer not null default 0,
    last_error text    not null default ''
) strict;
create index outbox_due on outbox (state, channel, next_at);
create index outbox_alert on outbox (alert) where alert is not null;
create index outbox_event on outbox (event);

-- (local) Each attempt to send a message, the newest of them. `error` is null while it runs (or ran, when the program ended), and
-- empty where the message was taken.
create table outbox_attempt (
    message blob    not null references outbox (id) on delete cascade,
    attempt integer not null,
    at      integer not null,
    error   text,
    primary key (message, attempt)
) strict, without rowid;

-- What the security monitor has flagged is read from the journal itself.
create index journal_risk on journal (arrival) where kind = 'risk.flagged';

-- (local) What the security monitor has learned of each actor at each door; `habit`: JSON, see `monitor.rs`. Nothing personal.
create table habit (
    actor text    not null,
    door  text    not null,
    seen  integer not null,
    habit text    not null,
    primary key (actor, door)
) strict, without rowid;

-- Tables with long texts have a rowid: looking for a key among rows that overflow their pages would read every one on the way.

-- (said) What each diagnosis says; a visit has one, a recording one per time that something was found. `source`: the visit or the
-- recording. `findings`, `absent`, `limits`: JSON as in the event.
create table diagnosis (
    event        blob    not null primary key,
    stamp        blob    not null,
    registration blob    not null,
    source       blob    not null,
    from_visit   integer not null,
    at           integer not null,
    findings     text    not null,
    absent       text    not null,
    limits       text    not null
) strict;
create index diagnosis_registration on diagnosis (registration, at desc);
create index diagnosis_source on diagnosis (source);

-- (said) Readings that cannot be right: each signal and kind of flaw once per visit or recording.
create table reading_flag (
    source       blob    not null,
    ecu          text    not null,
    signal       text    not null,
    what         text    not null,
    stamp        blob    not null,
    registration blob,
    from_visit   integer not null,
    reason       text    not null,
    at           integer not null,
    samples      integer not null,
    primary key (source, ecu, signal, what)
) strict, without rowid;

-- (said) Decisions of the rules. `made` is null until the event that makes it has come. `detail`: JSON, what the event says of it.
-- `press`: who wrote severity and action last. `gone`: when the evidence was read that the finding is not there any more.
-- `due`: when somebody is to be reminded that it waits; null: never.
create table decision (
    id           blob    not null primary key,
    registration blob,
    made         blob,
    made_at      integer,
    at           integer,
    key          text,
    title        text,
    detail       text,
    severity     integer not null default 0,
    action       text,
    press        blob,
    asked        integer,
    escalations  integer not null default 0,
    escalated_at integer,
    escalated_stamp blob,
    answer       text,
    answer_at    integer,
    answer_by    text,
    answer_stamp blob,
    note         text,
    note_key     blob,
    note_of      blob,
    overtaken    integer not null default 0,
    gone         integer,
    due          integer
) strict;
create index decision_registration on decision (registration, key) where registration is not null;
create index decision_made on decision (made_at desc, id desc) where made_at is not null;
create index decision_waiting on decision (made_at desc, id desc, asked, answer, overtaken)
    where made_at is not null and asked is not null and answer is null and overtaken = 0;
create index decision_due on decision (due, made) where due is not null;

-- (said) Alerts. `created` is null until the event that raises it has come. `finding`, `source`: JSON, as last seen. `press`: who
-- wrote the severity last. `standing`: open, acknowledged or snoozed, by the last writer, with who and when. `called`: the last
-- time that it was escalated because nobody saw to it, which changes nothing of how it stands; `nth`: which in a row that was. `closed_read`: when what closed it was read.
-- `due`: when it is escalated if nobody sees to it by then; null: never.
create table alert (
    id             blob    not null primary key,
    registration   blob,
    created        blob,
    raised         integer,
    key            text,
    title          text,
    severity       integer not null default 0,
    press          blob,
    finding        text,
    source         text,
    seen           integer,
    seen_stamp     blob,
    times          integer not null default 0,
    standing       text    not null default 'open',
    standing_at    integer,
    standing_by    text,
    standing_until integer,
    standing_stamp blob,
    called_nth     integer not null default 0,
    called_at      integer,
    called_stamp   blob,
    closed         integer not null default 0,
    closed_at      integer,
    closed_by      text,
    closed_why     text,
    closed_word    text,
    closed_key     blob,
    closed_of      blob,
    closed_read    integer,
    closed_stamp   blob,
    escalations    integer not null default 0,
    due            integer
) strict;
create index alert_worst on alert (closed, severity desc, raised desc, id desc, standing, standing_until) where raised is not null;
create index alert_raised on alert (raised desc, id desc) where raised is not null;
create index alert_closed on alert (closed_at desc, id desc, raised) where closed_at is not null and raised is not null;
create index alert_registration on alert (registration, key) where registration is not null;
create index alert_due on alert (due, standing, created) where due is not null;

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

-- (local) What runs or ran as a recording, until it is sealed. `story`: the event that began it. `ended`: it is over, and only
-- sealing is left. `sealed`: values of it that are in blocks. `marks`: JSON, an array of time and label.
create table capture (
    recording    blob    primary key,
    story        blob    not null,
    registration blob,
    vin          text,
    started      integer not null,
    ended        integer,
    port         text    not null,
    actor        text    not null,
    sealed       integer not null default 0,
    marks        text    not null default '[]'
) strict, without rowid;

-- (local) Signals of a capture by the number that its batches know them by.
create table capture_signal (
    recording blob    not null references capture (recording) on delete cascade,
    number    integer not null,
    signal    text    not null,
    label     text    not null,
    unit      text    not null,
    primary key (recording, number)
) strict, without rowid;

-- (local) The tail: batches of samples as they came, one or two a second, until they are sealed. `samples`: packed, see the
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

-- (local) Signals that have blocks. `subject`: the registration whose they are, or the recording where that is not known.
create table series (
    id      integer primary key,
    subject blob    not null,
    signal  text    not null,
    unit    text    not null,
    label   text    not null,
    unique (subject, signal, unit)
) strict;

-- (local) Each time that samples of a recording were sealed; `event` names the blocks in the journal by their hashes.
create table sealing (
    id        integer primary key,
    recording blob    not null,
    event     blob    not null
) strict;
create index sealing_recording on sealing (recording);

-- (local) Sealed blocks, never changed. `hash`, `hours`: see the module of blocks. `data_hash`: what stays of single values that
-- retention dropped; null while they are there.
create table block (
    id        integer primary key,
    series    integer not null references series (id),
    sealing   integer not null references sealing (id),
    codec     integer not null,
    from_ms   integer not null,
    to_ms     integer not null,
    n         integer not null,
    hash      blob    not null,
    data_hash blob,
    hours     blob    not null
) strict;
create index block_series on block (series, from_ms, to_ms, n);
create index block_sealing on block (sealing);
create index block_dropped on block (series, to_ms) where data_hash is not null;

-- (local) The single values of blocks and their minutes, apart so that looking for blocks reads neither.
create table block_data (
    block integer primary key references block (id) on delete cascade,
    data  blob    not null
) strict;
create table block_minutes (
    block   integer primary key references block (id) on delete cascade,
    minutes blob    not null
) strict;
