-- What runs come to, by day of UTC+8 (a number since 1970): of each site, and of all ('' is the site then). Kept in the
-- commit that stores the facts; `kiosk office sums` makes them anew. Only practice of learners, when it is over.
-- `t0` to `t15`: runs by how long they took, each class √2 times the one before; the first ends at 8 s, the last is open.
CREATE TABLE IF NOT EXISTS sum_lessons(
    site TEXT NOT NULL, day BIGINT NOT NULL, machine TEXT NOT NULL, lesson TEXT NOT NULL, runs BIGINT NOT NULL,
    done BIGINT NOT NULL, unaided BIGINT NOT NULL, prompts BIGINT NOT NULL, slips BIGINT NOT NULL, t0 BIGINT NOT NULL,
    t1 BIGINT NOT NULL, t2 BIGINT NOT NULL, t3 BIGINT NOT NULL, t4 BIGINT NOT NULL, t5 BIGINT NOT NULL,
    t6 BIGINT NOT NULL, t7 BIGINT NOT NULL, t8 BIGINT NOT NULL, t9 BIGINT NOT NULL, t10 BIGINT NOT NULL,
    t11 BIGINT NOT NULL, t12 BIGINT NOT NULL, t13 BIGINT NOT NULL, t14 BIGINT NOT NULL, t15 BIGINT NOT NULL,
    PRIMARY KEY(site, day, machine, lesson));
-- `kind` empty: the step itself; else how many slips of that kind. `stopped`: runs that were left there.
CREATE TABLE IF NOT EXISTS sum_steps(
    site TEXT NOT NULL, machine TEXT NOT NULL, lesson TEXT NOT NULL, day BIGINT NOT NULL, step TEXT NOT NULL,
    kind TEXT NOT NULL, ended BIGINT NOT NULL, prompted BIGINT NOT NULL, slips BIGINT NOT NULL, ms BIGINT NOT NULL,
    stopped BIGINT NOT NULL, PRIMARY KEY(site, machine, lesson, day, step, kind));
CREATE TABLE IF NOT EXISTS sum_skills(
    site TEXT NOT NULL, day BIGINT NOT NULL, skill TEXT NOT NULL, tried BIGINT NOT NULL, shown BIGINT NOT NULL,
    PRIMARY KEY(site, day, skill));
-- Each learner's way with a lesson (where `machine` is empty: with a skill, or with all): the first attempt, the first one
-- a day later; `weeks`: the Mondays of weeks with an attempt.
CREATE TABLE IF NOT EXISTS learner_lessons(
    site TEXT NOT NULL, learner TEXT NOT NULL, machine TEXT NOT NULL, lesson TEXT NOT NULL, first_ms BIGINT NOT NULL,
    last_day BIGINT NOT NULL, first_alone BIGINT NOT NULL, later_ms BIGINT NOT NULL, later_alone BIGINT NOT NULL,
    alone BIGINT NOT NULL, mastered BIGINT NOT NULL, weeks TEXT NOT NULL,
    PRIMARY KEY(site, learner, machine, lesson));
CREATE INDEX IF NOT EXISTS learner_lessons_by_day ON learner_lessons(last_day);
-- The same counted, by the day of each learner's last attempt: who practised since a day is a sum.
CREATE TABLE IF NOT EXISTS sum_learners(
    site TEXT NOT NULL, day BIGINT NOT NULL, machine TEXT NOT NULL, lesson TEXT NOT NULL, learners BIGINT NOT NULL,
    alone BIGINT NOT NULL, mastered BIGINT NOT NULL, both_times BIGINT NOT NULL, first_only BIGINT NOT NULL,
    later_only BIGINT NOT NULL, neither BIGINT NOT NULL, PRIMARY KEY(site, day, machine, lesson));
-- How many learners practised in a week; `day` is its Monday.
CREATE TABLE IF NOT EXISTS sum_weeks(
    site TEXT NOT NULL, day BIGINT NOT NULL, machine TEXT NOT NULL, lesson TEXT NOT NULL, learners BIGINT NOT NULL,
    PRIMARY KEY(site, day, machine, lesson));
-- What this database is: `sums` says from which day on the sums can be made anew, `sample` that nothing in it is real.
CREATE TABLE IF NOT EXISTS properties(name TEXT PRIMARY KEY, value TEXT NOT NULL);
