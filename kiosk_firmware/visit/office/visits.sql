-- Requests for visits, their appointments, what became of them, and every act. Portable: text, integers, partial unique
-- indexes. person: the learner as the office knows them, 16 hex digits; relative: a number of the judicial office's own
-- register. No name stands here. Days count from 1970 (UTC+8), instants are UTC ms, 0: not (yet).

CREATE TABLE IF NOT EXISTS requests (
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

-- One request at a time that something will still become of.
CREATE UNIQUE INDEX IF NOT EXISTS one_open ON requests (person)
    WHERE state NOT IN ('draft', 'returned', 'ended', 'stopped', 'waived');

-- Who comes, as the clerk saw them: kinship, and the proof that lay on the counter ('' where it was proven before).
CREATE TABLE IF NOT EXISTS comers (
    request INTEGER NOT NULL REFERENCES requests (id),
    relative TEXT NOT NULL,
    kin TEXT NOT NULL,
    proof TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (request, relative)
);

-- Kinship that an officer once found proven.
CREATE TABLE IF NOT EXISTS relatives (
    person TEXT NOT NULL, relative TEXT NOT NULL, kin TEXT NOT NULL, PRIMARY KEY (person, relative)
);

CREATE TABLE IF NOT EXISTS suspensions (person TEXT PRIMARY KEY, until_day INTEGER NOT NULL);

-- A visit takes one half hour of its unit and of its station; nobody else has it then. slot: day * 48 + half hour.
CREATE TABLE IF NOT EXISTS appointments (
    request INTEGER PRIMARY KEY REFERENCES requests (id),
    unit TEXT NOT NULL,
    station TEXT NOT NULL,
    slot INTEGER NOT NULL CHECK (slot >= 0),
    UNIQUE (unit, slot),
    UNIQUE (station, slot)
);

CREATE TABLE IF NOT EXISTS acts (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    request INTEGER NOT NULL REFERENCES requests (id),
    move TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT ''
);

-- The call itself, as the unit tells it.
CREATE TABLE IF NOT EXISTS calls (
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

-- Of a token only the hash is kept: whoever reads this file cannot be anybody. used_ms: when it opened a line. Those
-- that did stay, so no two lines share an id: sessions are numbered from it.
CREATE TABLE IF NOT EXISTS tokens (
    id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, request INTEGER NOT NULL REFERENCES requests (id), whose TEXT NOT NULL,
    until_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL DEFAULT 0
);

-- A visit's own key pair; when the private one is gone, no copy of its recording can be read any more.
CREATE TABLE IF NOT EXISTS seals (request INTEGER PRIMARY KEY REFERENCES requests (id), private TEXT NOT NULL, public TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS recordings (
    request INTEGER PRIMARY KEY REFERENCES requests (id),
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    seconds INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('coming', 'whole', 'gone')),
    until_ms INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS reviews (
    request INTEGER PRIMARY KEY REFERENCES requests (id),
    due_ms INTEGER NOT NULL,
    who TEXT NOT NULL DEFAULT '',
    at_ms INTEGER NOT NULL DEFAULT 0,
    found TEXT NOT NULL DEFAULT ''
);
