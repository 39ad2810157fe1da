-- What people at the pages write; only the pages' process writes here. Instants are UTC ms; `sites` is a list with commas, "" is all.
CREATE TABLE IF NOT EXISTS accounts(
    name TEXT PRIMARY KEY, role TEXT NOT NULL, sites TEXT NOT NULL, hash TEXT NOT NULL, totp TEXT NOT NULL DEFAULT '',
    made_ms INTEGER NOT NULL, used_step INTEGER NOT NULL DEFAULT 0, off INTEGER NOT NULL DEFAULT 0);
-- `token` is a hash of the cookie: whoever reads this file cannot be anybody.
CREATE TABLE IF NOT EXISTS sessions(
    token TEXT PRIMARY KEY, name TEXT NOT NULL, csrf TEXT NOT NULL, made_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL);
-- Wrong words at the door, by account and by address.
CREATE TABLE IF NOT EXISTS tries(whom TEXT PRIMARY KEY, wrong INTEGER NOT NULL, last_ms INTEGER NOT NULL);
-- What was done, in a chain: `chain` covers the row and the chain before it. Rows are never changed and never go.
CREATE TABLE IF NOT EXISTS audit(
    n INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL, about TEXT NOT NULL,
    reason TEXT NOT NULL, chain TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS audit_is_never_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;
CREATE TRIGGER IF NOT EXISTS audit_never_goes BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit never goes'); END;
-- Commands to more than one site wait for a second person; `state` is open, sent or refused.
CREATE TABLE IF NOT EXISTS proposals(
    id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, name TEXT NOT NULL, args TEXT NOT NULL,
    units TEXT NOT NULL, ttl_ms INTEGER NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'open', decided_by TEXT NOT NULL DEFAULT '');
-- A learner's task that waits for the next class.
CREATE TABLE IF NOT EXISTS parked(
    site TEXT NOT NULL, learner TEXT NOT NULL, machine TEXT NOT NULL, skin TEXT NOT NULL, lesson TEXT NOT NULL,
    at_ms INTEGER NOT NULL, who TEXT NOT NULL, PRIMARY KEY(site, learner));
CREATE TABLE IF NOT EXISTS notes(
    id INTEGER PRIMARY KEY, unit TEXT NOT NULL, at_ms INTEGER NOT NULL, who TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS saved(
    who TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, PRIMARY KEY(who, name));
-- What the office saw by itself by its rules (alerts.toml); open while closed_ms is 0, `unit` empty for a whole site.
CREATE TABLE IF NOT EXISTS incidents(
    site TEXT NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL, about TEXT NOT NULL, opened_ms INTEGER NOT NULL,
    closed_ms INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(site, unit, kind, about, opened_ms));
-- What a person did about an alert that stands, by its own name.
CREATE TABLE IF NOT EXISTS tended(
    unit TEXT NOT NULL, kind TEXT NOT NULL, about TEXT NOT NULL, opened_ms INTEGER NOT NULL,
    acked_by TEXT NOT NULL DEFAULT '', owner TEXT NOT NULL DEFAULT '', silent_until_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(unit, kind, about, opened_ms));
-- Work that was announced: `scope` is a site's or a unit's id; nothing is alerted there meanwhile.
CREATE TABLE IF NOT EXISTS windows(
    id INTEGER PRIMARY KEY, scope TEXT NOT NULL, from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
    who TEXT NOT NULL, reason TEXT NOT NULL);
-- What has gone out by e-mail or webhook, so that nothing is told twice.
CREATE TABLE IF NOT EXISTS told(
    way TEXT NOT NULL, incident TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY(way, incident));
-- New versions on their way to units (office/updates): the plan as JSON; `wave` is the last one that was begun, -1 before the first.
CREATE TABLE IF NOT EXISTS rollouts(
    id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, version TEXT NOT NULL,
    sha256 TEXT NOT NULL, size INTEGER NOT NULL, plan TEXT NOT NULL, why TEXT NOT NULL, state TEXT NOT NULL,
    wave INTEGER NOT NULL DEFAULT -1, wave_ms INTEGER NOT NULL DEFAULT 0, ended_ms INTEGER NOT NULL DEFAULT 0,
    ended_why TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS rollout_units(
    rollout INTEGER NOT NULL, unit TEXT NOT NULL, wave INTEGER NOT NULL, sent_ms INTEGER NOT NULL DEFAULT 0,
    stage TEXT NOT NULL DEFAULT 'ordered', detail TEXT NOT NULL DEFAULT '', at_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(rollout, unit));
