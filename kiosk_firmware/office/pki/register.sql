-- Who is who. A code is kept as a slow hash; a certificate whole, so that a grant whose answer was lost can be given again.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS units(
    id TEXT PRIMARY KEY, site TEXT NOT NULL, kind TEXT NOT NULL, serial TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'expected' CHECK (state IN ('expected', 'trusted', 'retired')), since_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS codes(
    hash TEXT PRIMARY KEY, unit TEXT NOT NULL REFERENCES units(id), expires_ms INTEGER NOT NULL,
    replaces INTEGER NOT NULL DEFAULT 0, fingerprint TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS certificates(
    serial TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, fingerprint TEXT NOT NULL, chain TEXT NOT NULL,
    until_ms INTEGER NOT NULL, revoked_ms INTEGER
);
CREATE INDEX IF NOT EXISTS certificates_by_name ON certificates(name);
CREATE TABLE IF NOT EXISTS waiting(
    fingerprint TEXT PRIMARY KEY, unit TEXT NOT NULL, serial TEXT NOT NULL, version TEXT NOT NULL,
    peer TEXT NOT NULL, asked_ms INTEGER NOT NULL, admitted TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS site_keys(site TEXT PRIMARY KEY, key TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS misses(peer TEXT NOT NULL, at_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS log(at_ms INTEGER NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL, detail TEXT NOT NULL);
