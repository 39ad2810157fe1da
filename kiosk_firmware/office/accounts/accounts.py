"""Accounts: who somebody is, what they may do, and where.

Passwords are kept as argon2id (`passwords`), with a second factor (TOTP, RFC 6238) for administrators; a code counts
once. An unknown name costs as much time as a wrong word. There is no account until `kiosk office init` has made the
first one, and no default word anywhere.
"""

from __future__ import annotations

import base64
import hmac
import os
import re
import secrets
import sqlite3
from collections.abc import Callable, Collection
from typing import Literal, get_args

import msgspec
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.accounts.errors import ActRefusedError
from kiosk_firmware.office.accounts.passwords import hash_password, is_old, is_right
from kiosk_firmware.office.accounts.people_db import PeopleDb

Role = Literal["viewer", "teacher", "technician", "visits", "station", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
Can = Literal["see", "teach", "learner", "tend", "serve", "author", "export", "visit", "station", "manage"]
CAN: dict[Role, frozenset[Can]] = {
    "viewer": frozenset({"see"}),
    "teacher": frozenset({"see", "teach", "learner", "tend", "author", "export"}),
    "technician": frozenset({"see", "tend", "serve"}),
    "visits": frozenset({"visit"}),
    "station": frozenset({"station"}),
    "administrator": frozenset(get_args(Can)),
}
"""see: pages · teach: the class board · learner: one learner's record · tend: alerts, notes · serve: commands to
units · author: lessons · export: files · visit: decide, supervise and listen to real visits · station: a judicial
office's counter, where families ask for them (the account's name is the station's id) · manage: accounts, audit, the
second person's word.
"""
NAME = re.compile(r"[a-z][a-z0-9-]{2,31}")
SHORTEST = 12
"""Characters of a password."""
STEP_S = 30
DEMO = "demo"
VARIED = 5
"""Different characters of a password."""


class SignedInUser(msgspec.Struct, frozen=True):
    """A person who is signed in. `sites` empty: all."""

    name: str
    role: Role
    sites: frozenset[str] = frozenset()
    csrf: str = ""

    def can(self, what: Can) -> bool:
        """Return whether their role may."""
        return what in CAN[self.role]

    def sees(self, site: str) -> bool:
        """Return whether the site is theirs to see."""
        return not self.sites or site in self.sites

    def governs(self, sites: Collection[str]) -> bool:
        """Return whether an account of these sites (none: of all) is theirs to make, change, close or read of."""
        return not self.sites or (bool(sites) and self.sites.issuperset(sites))


class Accounts:
    """The accounts of one office. `now_ms`: UTC."""

    def __init__(self, db: PeopleDb, now_ms: Callable[[], int]) -> None:
        self._db, self._now_ms = db, now_ms
        self._nobody = hash_password(secrets.token_hex(16))
        self.ticket = ""
        """Of a demo: whoever knows it is the demo's own administrator while this process lives."""

    # -- accounts

    def make(self, by: str | SignedInUser, name: str, role: Role, sites: tuple[str, ...], word: str) -> str:
        """Make an account, or give an old one a new word; the secret of its second factor ("" without one).

        `by`: who does it at a page, within their own sites; or the name of a command on the office's machine.

        Raises:
            RefusedError: the name, role or word is none; or it reaches beyond the sites of whoever does it.
        """
        by = self._within(by, name, sites)
        if not NAME.fullmatch(name):
            raise ActRefusedError(f"name = {name!r}: allowed are 3 to 32 of a-z, 0-9 and -, beginning with a letter")
        if role not in ROLES:
            raise ActRefusedError(f"role = {role!r}: allowed are {', '.join(ROLES)}")
        if is_weak(word, name):
            raise ActRefusedError(
                f"the password is too weak: at least {SHORTEST} characters, {VARIED} different ones, not only figures"
            )
        secret = base64.b32encode(os.urandom(20)).decode() if role == "administrator" else ""
        row = (name, role, ",".join(sorted(sites)), hash_password(word), secret, self._now_ms())
        with self._db.change() as db:
            db.execute(
                "INSERT INTO accounts(name, role, sites, hash, totp, made_ms) VALUES(?, ?, ?, ?, ?, ?)"
                " ON CONFLICT(name) DO UPDATE SET role = excluded.role, sites = excluded.sites, hash = excluded.hash,"
                " totp = excluded.totp, off = 0",
                row,
            )
            db.execute("DELETE FROM sessions WHERE name = ?", (name,))
            audit.add(db, self._now_ms(), by, "account.made", name, f"{role} {','.join(sites)}".strip())
        return secret

    def _within(self, by: str | SignedInUser, name: str, *sites: Collection[str]) -> str:
        """Return the name of whoever acts, after a look whether the account, as it is and as it shall be, is theirs.

        Raises:
            RefusedError: it is not.
        """
        if isinstance(by, str):
            return by
        old = [person.sites for person, _ in self.all() if person.name == name]
        if not all(map(by.governs, (*old, *sites))):
            raise ActRefusedError(f"{name}: allowed are accounts of {', '.join(sorted(by.sites))} only")
        return by.name

    def shut(self, by: str | SignedInUser, name: str) -> None:
        """Close the account, and end the sessions of its holder.

        Raises:
            RefusedError: it is one's own, so that nobody locks the last one out; or of other sites.
        """
        by = self._within(by, name)
        if by == name:
            raise ActRefusedError("nobody closes their own account")
        with self._db.change() as db:
            db.execute("UPDATE accounts SET off = 1 WHERE name = ?", (name,))
            db.execute("DELETE FROM sessions WHERE name = ?", (name,))
            audit.add(db, self._now_ms(), by, "account.shut", name, "")

    def all(self) -> tuple[tuple[SignedInUser, bool], ...]:
        """Return everybody, and whether their account is off."""
        rows = self._db.rows("SELECT name, role, sites, off FROM accounts ORDER BY name")
        return tuple((_person(row, ""), bool(row["off"])) for row in rows)

    def is_right(self, name: str, word: str, code: str) -> bool:
        """Return whether these are the account's own words. Slow on purpose, and as slow for a name that is none."""
        rows = self._db.rows("SELECT * FROM accounts WHERE name = ? AND off = 0", name)
        kept = rows[0]["hash"] if rows else self._nobody
        if not is_right(word, kept) or not rows:
            return False
        if is_old(kept):
            self._renew(name, kept, word)
        return not rows[0]["totp"] or self._code(name, rows[0]["totp"], code)

    def _renew(self, name: str, kept: str, word: str) -> None:
        """Keep the password at today's cost, unless it was changed meanwhile."""
        new = hash_password(word)
        with self._db.change() as db:
            db.execute("UPDATE accounts SET hash = ? WHERE name = ? AND hash = ?", (new, name, kept))

    def _code(self, name: str, secret: str, code: str) -> bool:
        """Return whether the code is that of now or of the step before or after, later than the last one
        that counted.
        """
        step = self._now_ms() // 1000 // STEP_S
        for one in (step - 1, step, step + 1):
            if hmac.compare_digest(code_of(secret, one * STEP_S).encode(), code.strip().encode()):
                with self._db.change() as db:
                    used = "UPDATE accounts SET used_step = ? WHERE name = ? AND used_step < ?"
                    return db.execute(used, (one, name, one)).rowcount == 1
        return False

    def person(self, name: str, csrf: str = "") -> SignedInUser | None:
        """Return somebody by the name of their account, unless it is off; the demo's own is nobody's account."""
        if name == DEMO and self.ticket:
            return SignedInUser(DEMO, "administrator", frozenset(), csrf)
        rows = self._db.rows("SELECT name, role, sites FROM accounts WHERE name = ? AND off = 0", name)
        return _person(rows[0], csrf) if rows else None


def is_weak(word: str, name: str) -> bool:
    """Return whether people would try a password first: short, of few characters, of figures alone, or the name."""
    plain = word.strip()
    return len(plain) < SHORTEST or len(set(plain)) < VARIED or plain.isdecimal() or plain.lower() == name


def code_of(secret: str, at_s: int) -> str:
    """Return the second factor's six digits at an instant (UTC s)."""
    return TOTP(base64.b32decode(secret), 6, SHA1(), STEP_S).generate(at_s).decode()


def address_of(name: str, secret: str) -> str:
    """Return what an authenticator app reads, by hand or as a code."""
    return f"otpauth://totp/kiosk:{name}?secret={secret}&issuer=kiosk&digits=6&period={STEP_S}"


def _person(row: sqlite3.Row, csrf: str) -> SignedInUser:
    return SignedInUser(row["name"], row["role"], frozenset(filter(None, row["sites"].split(","))), csrf)
