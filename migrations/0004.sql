-- Raw evidence.

-- (said) Decodings of a visit's traffic that somebody kept, beside that of the check itself. `event` holds the report. Shown is
-- that of the greatest decoder, of several the last.
create table decoding (
    visit   blob    not null,
    stamp   blob    not null,
    decoder integer not null,
    event   blob    not null,
    primary key (visit, stamp)
);

-- Adapters.

-- (said) What was measured of adapters: the newest passport of each. `key`: by what it is known again, and `known_by` that in
-- words; `first`: when it was measured first; `passport`: JSON.
create table adapter (
    id       blob    primary key,
    key      text    not null,
    known_by text    not null,
    port     text    not null,
    first    integer not null,
    measured integer not null,
    passport text    not null,
    stamp    blob    not null
) strict, without rowid;
