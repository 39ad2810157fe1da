-- Requests for visits, their appointments, and every act. Portable: text, integers, partial unique indexes.
-- person: the learner as the office knows them, 16 hex digits. Days count from 1970 (UTC+8).

CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    site TEXT NOT NULL,
    number TEXT NOT NULL UNIQUE,
    wanted TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'kinship', 'approval', 'approved', 'returned', 'waiting',
        'signing', 'meeting', 'ended', 'stopped', 'waived')),
    reason TEXT NOT NULL DEFAULT '',
    next_day INTEGER NOT NULL DEFAULT 0,
    signed INTEGER NOT NULL DEFAULT 0
);

-- One request at a time that something will still become of.
CREATE UNIQUE INDEX IF NOT EXISTS one_open ON requests (person)
    WHERE state NOT IN ('draft', 'returned', 'ended', 'stopped', 'waived');

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
