CREATE TABLE alerts(
    unit TEXT NOT NULL, kind TEXT NOT NULL, about TEXT NOT NULL, opened_ms BIGINT NOT NULL, closed_ms BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY(unit, kind, about, opened_ms));
CREATE TABLE aliases(
    unit TEXT NOT NULL, epoch TEXT NOT NULL, seq BIGINT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY(unit, epoch, seq));
CREATE TABLE boots(
    unit TEXT NOT NULL, boot TEXT NOT NULL, offset_ms BIGINT NOT NULL, PRIMARY KEY(unit, boot));
CREATE TABLE codes(
    site TEXT NOT NULL, code TEXT NOT NULL, unit TEXT NOT NULL, heard_ms BIGINT NOT NULL, PRIMARY KEY(site, code, unit));
CREATE TABLE commands(
    id TEXT PRIMARY KEY, unit TEXT NOT NULL, site TEXT NOT NULL, name TEXT NOT NULL, args TEXT NOT NULL,
    sent_ms BIGINT NOT NULL, expires_at BIGINT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '');
CREATE TABLE configs(
    unit TEXT NOT NULL, version BIGINT NOT NULL, site TEXT NOT NULL, toml TEXT NOT NULL, document TEXT NOT NULL,
    wanted_ms BIGINT NOT NULL, PRIMARY KEY(unit, version));
CREATE TABLE devices(
    unit TEXT NOT NULL, device TEXT NOT NULL, lost INTEGER NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY(unit, device));
CREATE TABLE epochs(
    unit TEXT NOT NULL, epoch TEXT NOT NULL, upto BIGINT NOT NULL, top BIGINT NOT NULL, lost BIGINT NOT NULL,
    frozen_from BIGINT NOT NULL DEFAULT 0, PRIMARY KEY(unit, epoch));
CREATE TABLE erased(
    site TEXT NOT NULL, learner TEXT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY(site, learner));
CREATE TABLE facts(
    unit TEXT NOT NULL, epoch TEXT NOT NULL, seq BIGINT NOT NULL, digest TEXT NOT NULL, type TEXT NOT NULL,
    at_ms BIGINT NOT NULL, timeq TEXT NOT NULL, heard_ms BIGINT NOT NULL, data TEXT NOT NULL,
    boot TEXT NOT NULL DEFAULT '', up_ms BIGINT NOT NULL DEFAULT 0, PRIMARY KEY(unit, epoch, seq));
CREATE TABLE gone(
    unit TEXT NOT NULL, epoch TEXT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, told_ms BIGINT NOT NULL,
    PRIMARY KEY(unit, epoch, first, last));
CREATE TABLE holes(
    unit TEXT NOT NULL, epoch TEXT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, since_ms BIGINT NOT NULL,
    PRIMARY KEY(unit, epoch, first));
CREATE TABLE learner_lessons(
    site TEXT NOT NULL, learner TEXT NOT NULL, machine TEXT NOT NULL, lesson TEXT NOT NULL, first_ms BIGINT NOT NULL,
    last_day BIGINT NOT NULL, first_alone BIGINT NOT NULL, later_ms BIGINT NOT NULL, later_alone BIGINT NOT NULL,
    alone BIGINT NOT NULL, mastered BIGINT NOT NULL, weeks TEXT NOT NULL,
    PRIMARY KEY(site, learner, machine, lesson));
CREATE TABLE learners(
    site TEXT NOT NULL, learner TEXT NOT NULL, at_ms BIGINT NOT NULL, kept TEXT NOT NULL, PRIMARY KEY(site, learner));
CREATE TABLE namesakes(
    unit TEXT NOT NULL, epoch TEXT NOT NULL, seq BIGINT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY(unit, epoch, seq, digest));
CREATE TABLE properties(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE quarantine(
    digest TEXT PRIMARY KEY, topic TEXT NOT NULL, unit TEXT NOT NULL, epoch TEXT NOT NULL, seq BIGINT NOT NULL,
    reason TEXT NOT NULL, heard_ms BIGINT NOT NULL, payload BYTEA NOT NULL);
CREATE TABLE reported(
    unit TEXT PRIMARY KEY, version BIGINT NOT NULL, phase TEXT NOT NULL, reason TEXT NOT NULL, toml TEXT NOT NULL,
    at_ms BIGINT NOT NULL);
CREATE TABLE runs(
    unit TEXT NOT NULL, run TEXT NOT NULL, machine TEXT NOT NULL DEFAULT '', skin TEXT NOT NULL DEFAULT '',
    lesson TEXT NOT NULL DEFAULT '', learner TEXT NOT NULL DEFAULT '', purpose TEXT NOT NULL DEFAULT '',
    started_ms BIGINT NOT NULL DEFAULT 0, ended_ms BIGINT NOT NULL DEFAULT 0, outcome TEXT NOT NULL DEFAULT '',
    ms BIGINT NOT NULL DEFAULT 0, slips INTEGER NOT NULL DEFAULT 0, prompt_max INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0, step TEXT NOT NULL DEFAULT '', step_ms BIGINT NOT NULL DEFAULT 0, told TEXT NOT NULL DEFAULT '', skills TEXT NOT NULL DEFAULT '',
    PRIMARY KEY(unit, run));
CREATE TABLE sum_learners(
    site TEXT NOT NULL, day BIGINT NOT NULL, machine TEXT NOT NULL, lesson TEXT NOT NULL, learners BIGINT NOT NULL,
    alone BIGINT NOT NULL, mastered BIGINT NOT NULL, both_times BIGINT NOT NULL, first_only BIGINT NOT NULL,
    later_only BIGINT NOT NULL, neither BIGINT NOT NULL, PRIMARY KEY(site, day, machine, lesson));
CREATE TABLE sum_lessons(
    site TEXT NOT NULL, day BIGINT NOT NULL, machine TEXT NOT NULL, lesson TEXT NOT NULL, runs BIGINT NOT NULL,
    done BIGINT NOT NULL, unaided BIGINT NOT NULL, prompts BIGINT NOT NULL, slips BIGINT NOT NULL, t0 BIGINT NOT NULL,
    t1 BIGINT NOT NULL, t2 BIGINT NOT NULL, t3 BIGINT NOT NULL, t4 BIGINT NOT NULL, t5 BIGINT NOT NULL,
    t6 BIGINT NOT NULL, t7 BIGINT NOT NULL, t8 BIGINT NOT NULL, t9 BIGINT NOT NULL, t10 BIGINT NOT NULL,
    t11 BIGINT NOT NULL, t12 BIGINT NOT NULL, t13 BIGINT NOT NULL, t14 BIGINT NOT NULL, t15 BIGINT NOT NULL,
    PRIMARY KEY(site, day, machine, lesson));
CREATE TABLE sum_skills(
    site TEXT NOT NULL, day BIGINT NOT NULL, skill TEXT NOT NULL, tried BIGINT NOT NULL, shown BIGINT NOT NULL,
    PRIMARY KEY(site, day, skill));
CREATE TABLE sum_steps(
    site TEXT NOT NULL, machine TEXT NOT NULL, lesson TEXT NOT NULL, day BIGINT NOT NULL, step TEXT NOT NULL,
    kind TEXT NOT NULL, ended BIGINT NOT NULL, prompted BIGINT NOT NULL, slips BIGINT NOT NULL, ms BIGINT NOT NULL,
    stopped BIGINT NOT NULL, PRIMARY KEY(site, machine, lesson, day, step, kind));
CREATE TABLE sum_weeks(
    site TEXT NOT NULL, day BIGINT NOT NULL, machine TEXT NOT NULL, lesson TEXT NOT NULL, learners BIGINT NOT NULL,
    PRIMARY KEY(site, day, machine, lesson));
CREATE TABLE units(
    unit TEXT PRIMARY KEY, site TEXT NOT NULL, place TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL DEFAULT '',
    fw TEXT NOT NULL DEFAULT '', online INTEGER NOT NULL DEFAULT 0, sid TEXT NOT NULL DEFAULT '',
    status_seq BIGINT NOT NULL DEFAULT 0, machine TEXT NOT NULL DEFAULT '', run TEXT NOT NULL DEFAULT '',
    first_ms BIGINT NOT NULL, seen_ms BIGINT NOT NULL, since_ms BIGINT NOT NULL, health TEXT NOT NULL DEFAULT '');
CREATE TABLE updates(
    unit TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, version TEXT NOT NULL, stage TEXT NOT NULL,
    detail TEXT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY(unit, name));
CREATE INDEX alerts_open ON alerts(closed_ms);
CREATE INDEX codes_by_time ON codes(heard_ms);
CREATE INDEX commands_by_name ON commands(name, sent_ms);
CREATE INDEX facts_by_time ON facts(unit, at_ms);
CREATE INDEX learner_lessons_by_day ON learner_lessons(last_day);
CREATE INDEX quarantine_by_number ON quarantine(unit, epoch, seq);
CREATE INDEX runs_by_learner ON runs(learner);
CREATE INDEX runs_by_time ON runs(started_ms);
CREATE INDEX updates_by_name ON updates(name);
