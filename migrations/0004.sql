-- Raw evidence.

-- (said) Decodings of a visit's traffic that somebody kept, beside that of the check itself. `event` holds the report. Shown is
-- that of the greatest decoder, of several the last.
create table decoding (
    visit   blob    not null,
    stamp   blob    not null,
    decoder integer not null,
    event   blob    not null,
    primary key (visit, stamp)
) strict, without rowid;
