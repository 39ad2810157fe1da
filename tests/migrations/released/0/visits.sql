CREATE TABLE acts (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    request INTEGER NOT NULL REFERENCES requests (id),
    move TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE TABLE appointments (
    request INTEGER PRIMARY KEY REFERENCES requests (id),
    unit TEXT NOT NULL,
    station TEXT NOT NULL,
    slot INTEGER NOT NULL CHECK (slot >= 0),
    UNIQUE (unit, slot),
    UNIQUE (station, slot)
);
CREATE TABLE calls (
    request INTEGER PRIMARY KEY REFERENCES requests (id),
    accepted_ms INTEGER NOT NULL DEFAULT 0,
    unit_signed_ms INTEGER NOT NULL DEFAULT 0,
    station_signed_ms INTEGER NOT NULL DEFAULT 0,
    begun_ms INTEGER NOT NULL DEFAULT 0,
    over_ms INTEGER NOT NULL DEFAULT 0,
    told_ms INTEGER NOT NULL DEFAULT 0,
    phase TEXT NOT NULL DEFAULT '',
    left_ms INTEGER NOT NULL DEFAULT -1,
    ending TEXT NOT NULL DEFAULT '',
    owed TEXT NOT NULL DEFAULT '' -- a word that the unit must still hear: why the visit will not be
);
CREATE TABLE comers (
    request INTEGER NOT NULL REFERENCES requests (id),
    relative TEXT NOT NULL,
    kin TEXT NOT NULL,
    proof TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (request, relative)
);
CREATE TABLE recordings (
    request INTEGER PRIMARY KEY REFERENCES requests (id),
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    seconds INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('coming', 'whole', 'gone')),
    until_ms INTEGER NOT NULL
);
CREATE TABLE relatives (
    person TEXT NOT NULL, relative TEXT NOT NULL, kin TEXT NOT NULL, PRIMARY KEY (person, relative)
);
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    site TEXT NOT NULL,
    station TEXT NOT NULL DEFAULT '', -- where it was handed in
    number TEXT NOT NULL UNIQUE,
    wanted TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'kinship', 'approval', 'approved', 'returned', 'waiting',
        'signing', 'meeting', 'ended', 'stopped', 'waived')),
    reason TEXT NOT NULL DEFAULT '',
    next_day INTEGER NOT NULL DEFAULT 0,
    signed INTEGER NOT NULL DEFAULT 0,
    counts INTEGER NOT NULL DEFAULT 0, -- it used the month up
    rest_s INTEGER NOT NULL DEFAULT 0, -- left by a cut line, offered again
    seconds INTEGER NOT NULL DEFAULT 0 -- of talk, where it is the rest of an earlier one
);
CREATE TABLE reviews (
    request INTEGER PRIMARY KEY REFERENCES requests (id),
    due_ms INTEGER NOT NULL,
    who TEXT NOT NULL DEFAULT '',
    at_ms INTEGER NOT NULL DEFAULT 0,
    found TEXT NOT NULL DEFAULT ''
);
CREATE TABLE seals (request INTEGER PRIMARY KEY REFERENCES requests (id), private TEXT NOT NULL, public TEXT NOT NULL);
CREATE TABLE suspensions (person TEXT PRIMARY KEY, until_day INTEGER NOT NULL);
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, request INTEGER NOT NULL REFERENCES requests (id), whose TEXT NOT NULL,
    until_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX one_open ON requests (person)
    WHERE state NOT IN ('draft', 'returned', 'ended', 'stopped', 'waived');
