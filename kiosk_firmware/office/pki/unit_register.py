"""`trust.db`: which units there are, which codes are out, which certificates were given and taken back.

One connection, one thread at a time; each method is one transaction. Nothing is ever deleted but what waits: the
office must be able to say later who was trusted when.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from contextlib import closing
from importlib import resources
from pathlib import Path

import msgspec

from kiosk_firmware.office.pki.certificate_authority import Revocation
from kiosk_firmware.storage.read_only import connect
from kiosk_firmware.storage.schema_migration import Step, migrate
from kiosk_firmware.wire import one_time_codes
from kiosk_firmware.wire.certificates import Bearer

ID = re.compile(r"[a-z0-9-]{3,32}")
RESERVED = ("office", "relay", "broker", "root", "issuing")
"""No unit's id begins like this: those are the office's own names."""
CODE_MS = 24 * 3600 * 1000
MISSES, MISS_MS = 5, 60_000
"""So many wrong codes from one address close the desk to it for a minute."""
WAIT_LIMIT = 500
"""In the waiting room, at most: the oldest gives way."""
OF_ONE = 50
"""Of one address, so that nobody pushes others out; as many boards as a workshop sets up at once."""
REFUSALS, HOUR_MS = 100, 3_600_000
"""Of one address, written down within an hour."""
STEPS: tuple[Step, ...] = ()
"""What came after the first release; see `migrating`."""


def name_of(key: str, value: str) -> None:
    """Check the name of a unit or site (`key`). Raises ValueError: it may not be called this; says what is allowed."""
    if not ID.fullmatch(value):
        raise ValueError(f"{key} {value!r}: allowed are 3 to 32 of a-z, 0-9 and -")
    if value.startswith(RESERVED):
        raise ValueError(f"{key} {value!r}: that is the office's own; allowed are names not like {', '.join(RESERVED)}")


class RegisteredUnit(msgspec.Struct, frozen=True):
    """A unit as the register has it."""

    id: str
    site: str
    kind: str
    serial: str
    state: str


class EnrolmentCode(msgspec.Struct, frozen=True):
    """A code that is out: for whom, until when, whether it puts a new board in an old one's place, and the key that has
    redeemed it ("" while nobody has).
    """

    hash: str
    unit: str
    expires_ms: int
    replaces: bool
    fingerprint: str


class Register:
    """The register in one file."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it (mode 0600)."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        self._db = sqlite3.connect(path, timeout=10, check_same_thread=False)
        self._db.executescript(resources.files("kiosk_firmware.office.pki").joinpath("register.sql").read_text())
        migrate(self._db, STEPS)
        with self._db:
            self._db.execute("INSERT OR IGNORE INTO meta(key, value) VALUES('salt', ?)", (secrets.token_hex(16),))
        self._salt = bytes.fromhex(self._db.execute("SELECT value FROM meta WHERE key = 'salt'").fetchone()[0])

    def close(self) -> None:
        """Close the file; twice is fine."""
        self._db.close()

    def refused(self, now_ms: int, peer: str, why: str) -> None:
        """Log a refusal; of one address only so many an hour, so that whoever asks without end fills no disk."""
        asked = "SELECT count(*) FROM log WHERE what = 'refused' AND who = ? AND at_ms >= ?"
        (count,) = self._db.execute(asked, (peer, now_ms - HOUR_MS)).fetchone()
        if count < REFUSALS:
            self.log(now_ms, "refused", peer, why if count < REFUSALS - 1 else f"{why}; no more is written for a while")

    def log(self, now_ms: int, what: str, who: str, detail: str = "") -> None:
        """Write a line into the log."""
        with self._db:
            row = (now_ms, what, who, detail[:200])
            self._db.execute("INSERT INTO log(at_ms, what, who, detail) VALUES(?, ?, ?, ?)", row)

    # -- units

    def expect(self, unit: str, site: str, kind: str, now_ms: int, serial: str = "") -> RegisteredUnit:
        """Pre-register a unit; a known one keeps what it is.

        Raises:
            ValueError: an id that is not allowed, or a unit that is another site's.
        """
        name_of("unit", unit)
        name_of("site", site)
        with self._db:
            self._db.execute(
                "INSERT OR IGNORE INTO units(id, site, kind, serial, since_ms) VALUES(?, ?, ?, ?, ?)",
                (unit, site, kind, serial, now_ms),
            )
        known = self.unit(unit)
        if known.site != site:
            raise ValueError(f"unit {unit!r} is one of site {known.site}: allowed is that site, or another id")
        return known

    def unit(self, unit: str) -> RegisteredUnit:
        """Return a unit's row. Raises LookupError: nobody knows it."""
        row = self._db.execute("SELECT id, site, kind, serial, state FROM units WHERE id = ?", (unit,)).fetchone()
        if row is None:
            raise LookupError(f"unit {unit!r} is not in the register: allowed are those of `kiosk office enrol list`")
        return RegisteredUnit(*row)

    def units(self) -> list[RegisteredUnit]:
        """Return all of them, by id."""
        return [
            RegisteredUnit(*row)
            for row in self._db.execute("SELECT id, site, kind, serial, state FROM units ORDER BY id")
        ]

    def retire(self, unit: str, now_ms: int) -> None:
        """Retire a unit: nothing is expected of it any more; its codes are void."""
        with self._db:
            self._db.execute("UPDATE units SET state = 'retired', since_ms = ? WHERE id = ?", (now_ms, unit))
            self._db.execute("UPDATE codes SET expires_ms = 0 WHERE unit = ? AND fingerprint = ''", (unit,))

    def site_key(self, site: str) -> str:
        """Return the centre's key that hides learners' numbers: the same for all units of a site, made on first use."""
        with self._db:
            self._db.execute("INSERT OR IGNORE INTO site_keys(site, key) VALUES(?, ?)", (site, secrets.token_hex(32)))
        return str(self._db.execute("SELECT key FROM site_keys WHERE site = ?", (site,)).fetchone()[0])

    # -- codes

    def code(self, unit: str, now_ms: int, *, replaces: bool = False, lasts_ms: int = CODE_MS) -> str:
        """Make a new code for a unit, which makes the earlier ones void; only here it is ever seen. Raises
        LookupError.
        """
        self.unit(unit)
        made = one_time_codes.make_code()
        with self._db:
            self._db.execute("UPDATE codes SET expires_ms = 0 WHERE unit = ? AND fingerprint = ''", (unit,))
            self._db.execute(
                "INSERT INTO codes(hash, unit, expires_ms, replaces) VALUES(?, ?, ?, ?)",
                (one_time_codes.hash_code(made, self._salt), unit, now_ms + lasts_ms, replaces),
            )
        return made

    def find_code(self, typed: str) -> EnrolmentCode | None:
        """Return the code that was typed, redeemed or not. Raises ValueError for a slip of the finger."""
        row = self._db.execute(
            "SELECT hash, unit, expires_ms, replaces, fingerprint FROM codes WHERE hash = ?",
            (one_time_codes.hash_code(typed, self._salt),),
        ).fetchone()
        return EnrolmentCode(row[0], row[1], row[2], bool(row[3]), row[4]) if row else None

    def missed(self, peer: str, now_ms: int) -> None:
        """Count a try from this address with a code that is none."""
        with self._db:
            self._db.execute("DELETE FROM misses WHERE at_ms < ?", (now_ms - MISS_MS,))
            self._db.execute("INSERT INTO misses(peer, at_ms) VALUES(?, ?)", (peer, now_ms))

    def is_barred(self, peer: str, now_ms: int) -> bool:
        """Return whether this address must wait."""
        sql = "SELECT count(*) FROM misses WHERE peer = ? AND at_ms >= ?"
        return bool(self._db.execute(sql, (peer, now_ms - MISS_MS)).fetchone()[0] >= MISSES)

    # -- certificates

    def given(self, who: Bearer, fingerprint: str, chain: str, now_ms: int, code: EnrolmentCode | None = None) -> None:
        """Write down a certificate before it leaves; with its code, which is spent in the same transaction.

        Raises:
            ValueError: the code was spent by another key in between.
        """
        with self._db:
            if code is not None:
                spent = self._db.execute(
                    "UPDATE codes SET fingerprint = ? WHERE hash = ? AND fingerprint = ''", (fingerprint, code.hash)
                )
                if spent.rowcount != 1:
                    raise ValueError("the code was used already")
            if code is not None and code.replaces:
                self._revoke("name = ? AND revoked_ms IS NULL", (who.name,), now_ms)
            self._db.execute(
                "INSERT INTO certificates(serial, name, role, fingerprint, chain, until_ms) VALUES(?, ?, ?, ?, ?, ?)",
                (who.serial, who.name, who.role, fingerprint, chain, who.until_ms),
            )
            self._db.execute("UPDATE units SET state = 'trusted', since_ms = ? WHERE id = ?", (now_ms, who.name))
            self._db.execute("DELETE FROM waiting WHERE fingerprint = ?", (fingerprint,))

    def certificate(self, name: str, fingerprint: str) -> str:
        """Return the newest chain given to this name and key, "" where there is none that stands."""
        row = self._db.execute(
            "SELECT chain FROM certificates WHERE name = ? AND fingerprint = ? AND revoked_ms IS NULL "
            "ORDER BY until_ms DESC LIMIT 1",
            (name, fingerprint),
        ).fetchone()
        return str(row[0]) if row else ""

    def holder(self, fingerprint: str, now_ms: int) -> str:
        """Return the name that a key has by a certificate that stands, "" none: one key has one name."""
        row = self._db.execute(
            "SELECT name FROM certificates WHERE fingerprint = ? AND revoked_ms IS NULL AND until_ms > ? LIMIT 1",
            (fingerprint, now_ms),
        ).fetchone()
        return str(row[0]) if row else ""

    def standing(self, name: str, now_ms: int) -> list[tuple[str, int]]:
        """Return the serials of a name's certificates that are neither revoked nor past their end, with that end."""
        sql = "SELECT serial, until_ms FROM certificates WHERE name = ? AND revoked_ms IS NULL AND until_ms > ?"
        return list(self._db.execute(sql, (name, now_ms)))

    def is_revoked(self, serial: str) -> bool:
        """Return whether a serial is revoked, also one that was never given."""
        row = self._db.execute("SELECT revoked_ms FROM certificates WHERE serial = ?", (serial,)).fetchone()
        return row is None or row[0] is not None

    def revoke(self, name: str, now_ms: int) -> int:
        """Take back every certificate of a name; how many stood."""
        with self._db:
            return self._revoke("name = ? AND revoked_ms IS NULL", (name,), now_ms)

    def _revoke(self, where: str, values: tuple[str, ...], now_ms: int) -> int:
        sql = f"UPDATE certificates SET revoked_ms = ? WHERE {where}"
        return self._db.execute(sql, (now_ms, *values)).rowcount

    def revoked(self) -> list[Revocation]:
        """Return what the list must hold."""
        sql = "SELECT serial, revoked_ms, name FROM certificates WHERE revoked_ms IS NOT NULL"
        return [Revocation(*row) for row in self._db.execute(sql)]

    # -- the waiting room

    def wait(self, fingerprint: str, unit: str, serial: str, version: str, peer: str, now_ms: int) -> str:
        """Let somebody wait who asks without a code: the unit that an operator has said it is, or ""."""
        with self._db:
            self._db.execute(
                "INSERT INTO waiting(fingerprint, unit, serial, version, peer, asked_ms) VALUES(?, ?, ?, ?, ?, ?)"
                " ON CONFLICT(fingerprint) DO UPDATE SET asked_ms = ?",
                (fingerprint, unit[:32], serial[:40], version[:40], peer, now_ms, now_ms),
            )
            self._db.execute(
                "DELETE FROM waiting WHERE admitted = '' AND peer = ? AND fingerprint NOT IN "
                "(SELECT fingerprint FROM waiting WHERE peer = ? ORDER BY asked_ms DESC LIMIT ?)",
                (peer, peer, OF_ONE),
            )
            self._db.execute(
                "DELETE FROM waiting WHERE admitted = '' AND fingerprint NOT IN "
                "(SELECT fingerprint FROM waiting ORDER BY asked_ms DESC LIMIT ?)",
                (WAIT_LIMIT,),
            )
        sql = "SELECT admitted FROM waiting WHERE fingerprint = ?"
        return str(self._db.execute(sql, (fingerprint,)).fetchone()[0])

    def waiting(self) -> list[tuple[str, str, str, str, int]]:
        """Return (fingerprint, what it calls itself, board's serial, where it asked from, when), newest first; with the
        unit that was pre-registered for that board where there is one.
        """
        return list(
            self._db.execute(
                "SELECT w.fingerprint, coalesce(u.id, w.unit), w.serial, w.peer, w.asked_ms FROM waiting w "
                "LEFT JOIN units u ON u.serial <> '' AND u.serial = w.serial "
                "WHERE w.admitted = '' ORDER BY w.asked_ms DESC"
            )
        )

    def admit(self, fingerprint: str, unit: str) -> None:
        """Say who waits there. Raises LookupError: nobody waits with these digits, or no such unit is expected."""
        self.unit(unit)
        with self._db:
            done = self._db.execute("UPDATE waiting SET admitted = ? WHERE fingerprint = ?", (unit, fingerprint))
        if done.rowcount != 1:
            raise LookupError(f"nobody waits with {fingerprint!r}")


def registered_site(path: Path, unit: str) -> str:
    """Return the site of a unit by the register in that file, "" where there is no file or it knows no such unit."""
    if not path.exists():
        return ""
    with closing(connect(path)) as db:
        row = db.execute("SELECT site FROM units WHERE id = ?", (unit,)).fetchone()
    return str(row[0]) if row else ""
