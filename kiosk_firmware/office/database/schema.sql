-- The office's books. Portable between SQLite and PostgreSQL: text, integers, ON CONFLICT; instants are UTC ms.
CREATE TABLE IF NOT EXISTS units(
    unit TEXT PRIMARY KEY, site TEXT NOT NULL, place TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL DEFAULT '',
    fw TEXT NOT NULL DEFAULT '', online INTEGER NOT NULL DEFAULT 0, sid TEXT NOT NULL DEFAULT '',
    status_seq BIGINT NOT NULL DEFAULT 0, machine TEXT NOT NULL DEFAULT '', run TEXT NOT NULL DEFAULT '',
    first_ms BIGINT NOT NULL, seen_ms BIGINT NOT NULL, since_ms BIGINT NOT NULL, health TEXT NOT NULL DEFAULT '');
-- What was told lies in `facts` (facts_sqlite.sql, facts_postgres.sql).
-- How complete an epoch is: everything up to `upto` is here, `top` is the highest heard, `lost` will never come.
CREATE TABLE IF NOT EXISTS epochs(
    unit TEXT NOT NULL, epoch TEXT NOT NULL, upto BIGINT NOT NULL, top BIGINT NOT NULL, lost BIGINT NOT NULL,
    frozen_from BIGINT NOT NULL DEFAULT 0, PRIMARY KEY(unit, epoch));
CREATE TABLE IF NOT EXISTS holes(
    unit TEXT NOT NULL, epoch TEXT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, since_ms BIGINT NOT NULL,
    PRIMARY KEY(unit, epoch, first));
CREATE TABLE IF NOT EXISTS gone(
    unit TEXT NOT NULL, epoch TEXT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, told_ms BIGINT NOT NULL,
    PRIMARY KEY(unit, epoch, first, last));
-- One fact under two names: it came again under a new epoch. Either name is accounted for by the other.
CREATE TABLE IF NOT EXISTS aliases(
    unit TEXT NOT NULL, epoch TEXT NOT NULL, seq BIGINT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY(unit, epoch, seq));
-- A unit's boot whose clock was once right: instant minus time since boot. Earlier instants of that boot are mended by it.
CREATE TABLE IF NOT EXISTS boots(
    unit TEXT NOT NULL, boot TEXT NOT NULL, offset_ms BIGINT NOT NULL, PRIMARY KEY(unit, boot));
CREATE TABLE IF NOT EXISTS runs(
    unit TEXT NOT NULL, run TEXT NOT NULL, machine TEXT NOT NULL DEFAULT '', skin TEXT NOT NULL DEFAULT '',
    lesson TEXT NOT NULL DEFAULT '', learner TEXT NOT NULL DEFAULT '', purpose TEXT NOT NULL DEFAULT '',
    started_ms BIGINT NOT NULL DEFAULT 0, ended_ms BIGINT NOT NULL DEFAULT 0, outcome TEXT NOT NULL DEFAULT '',
    ms BIGINT NOT NULL DEFAULT 0, slips INTEGER NOT NULL DEFAULT 0, prompt_max INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0, step TEXT NOT NULL DEFAULT '', step_ms BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY(unit, run));
CREATE INDEX IF NOT EXISTS runs_by_time ON runs(started_ms);
CREATE INDEX IF NOT EXISTS runs_by_learner ON runs(learner);
-- What learners have set, as their units told it last: pictures (a keyed hash) and what suits them.
CREATE TABLE IF NOT EXISTS learners(
    site TEXT NOT NULL, learner TEXT NOT NULL, at_ms BIGINT NOT NULL, kept TEXT NOT NULL, PRIMARY KEY(site, learner));
CREATE TABLE IF NOT EXISTS devices(
    unit TEXT NOT NULL, device TEXT NOT NULL, lost INTEGER NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY(unit, device));
-- Codes of phones that units took; the same one at two units was used twice.
CREATE TABLE IF NOT EXISTS codes(
    site TEXT NOT NULL, code TEXT NOT NULL, unit TEXT NOT NULL, heard_ms BIGINT NOT NULL, PRIMARY KEY(site, code, unit));
CREATE INDEX IF NOT EXISTS codes_by_time ON codes(heard_ms);
-- An alert is open while closed_ms is 0; `about` names what it is about within its kind.
CREATE TABLE IF NOT EXISTS alerts(
    unit TEXT NOT NULL, kind TEXT NOT NULL, about TEXT NOT NULL, opened_ms BIGINT NOT NULL, closed_ms BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY(unit, kind, about, opened_ms));
CREATE INDEX IF NOT EXISTS alerts_open ON alerts(closed_ms);
CREATE TABLE IF NOT EXISTS quarantine(
    digest TEXT PRIMARY KEY, topic TEXT NOT NULL, unit TEXT NOT NULL, epoch TEXT NOT NULL, seq BIGINT NOT NULL,
    reason TEXT NOT NULL, heard_ms BIGINT NOT NULL, payload BYTEA NOT NULL);
CREATE INDEX IF NOT EXISTS quarantine_by_number ON quarantine(unit, epoch, seq);
CREATE TABLE IF NOT EXISTS commands(
    id TEXT PRIMARY KEY, unit TEXT NOT NULL, site TEXT NOT NULL, name TEXT NOT NULL, args TEXT NOT NULL,
    sent_ms BIGINT NOT NULL, expires_at BIGINT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS commands_by_name ON commands(name, sent_ms);
-- Configurations that the office wants, as they were signed, and what units last said of theirs.
CREATE TABLE IF NOT EXISTS configs(
    unit TEXT NOT NULL, version BIGINT NOT NULL, site TEXT NOT NULL, toml TEXT NOT NULL, document TEXT NOT NULL,
    wanted_ms BIGINT NOT NULL, PRIMARY KEY(unit, version));
CREATE TABLE IF NOT EXISTS reported(
    unit TEXT PRIMARY KEY, version BIGINT NOT NULL, phase TEXT NOT NULL, reason TEXT NOT NULL, toml TEXT NOT NULL,
    at_ms BIGINT NOT NULL);
-- How far units are with an update, by the name of its order; what they told last.
CREATE TABLE IF NOT EXISTS updates(
    unit TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, version TEXT NOT NULL, stage TEXT NOT NULL,
    detail TEXT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY(unit, name));
CREATE INDEX IF NOT EXISTS updates_by_name ON updates(name);
-- Whom the office has forgotten, so that what comes late of them is stored as a guest's.
CREATE TABLE IF NOT EXISTS erased(
    site TEXT NOT NULL, learner TEXT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY(site, learner));
