-- Tables of the second release; 0001.sql explains the words in brackets.

-- (said) What live sessions recorded. `registration`: whose, if known. `signals`: JSON, an array of id, label and unit.
-- `marks`: JSON, an array of time and label. `file`: BLAKE3 of the stored file with the samples.
create table recording (
    id           blob    primary key,
    stamp        blob    not null,
    registration blob,
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
create index recording_started on recording (started desc, id desc);
