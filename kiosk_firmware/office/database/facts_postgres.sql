-- What was told, once each: (unit, epoch, seq) names a fact, `digest` is what it said. `boot` and `up_ms` (ms since that
-- boot) are the unit's other clock, '' and 0 where it told none.
-- A month's facts are one table, so that a month is let go of at once. A key over months must hold the month: that a name
-- is given once is held by `epochs` and `holes`, which each batch changes in the same transaction.
CREATE TABLE IF NOT EXISTS facts(
    unit TEXT NOT NULL, epoch TEXT NOT NULL, seq BIGINT NOT NULL, digest TEXT NOT NULL, type TEXT NOT NULL,
    at_ms BIGINT NOT NULL, timeq TEXT NOT NULL, heard_ms BIGINT NOT NULL, data TEXT NOT NULL,
    boot TEXT NOT NULL DEFAULT '', up_ms BIGINT NOT NULL DEFAULT 0, PRIMARY KEY(unit, epoch, seq, heard_ms)) PARTITION BY RANGE (heard_ms);
CREATE INDEX IF NOT EXISTS facts_by_time ON facts(unit, at_ms);
