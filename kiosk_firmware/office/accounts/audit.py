"""Keep the audit: what people did at the office: rows in a chain that is only ever added to.

Each row's `chain` is a hash over the row and the chain before it, so a row that was changed, taken out or slipped in
breaks the chain from there on; cutting rows off the end is seen by comparing with a head that was noted elsewhere
(`kiosk office audit` prints it). The database itself refuses to change or delete a row; the chain is for whoever has
the file.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection
from typing import Any

import msgspec

from kiosk_firmware.office.accounts.people_db import PeopleDb

FIRST = "0" * 64
_COLUMNS = "n, at_ms, who, act, about, reason, chain"


class AuditEntry(msgspec.Struct, frozen=True):
    """One row: who did what about what (a unit, a learner, an account, `all`), and why; `at_ms` UTC."""

    n: int
    at_ms: int
    who: str
    act: str
    about: str
    reason: str
    chain: str


class BrokenChainError(ValueError):
    """The chain does not hold; the message names the first row that does not fit."""


def chain_hash(before: str, row: tuple[Any, ...]) -> str:
    """Return the chain's hash after a row (n, at_ms, who, act, about, reason)."""
    said = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{said}".encode()).hexdigest()


class Audit:
    """Adds and reads."""

    def __init__(self, db: PeopleDb) -> None:
        self._db = db

    def note(self, at_ms: int, who: str, act: str, about: str = "", reason: str = "") -> None:
        """Add a row, durably; whatever it is about is done only after this has returned."""
        with self._db.change() as db:
            add(db, at_ms, who, act, about, reason)

    def rows(
        self, limit: int = 200, before: int = 1 << 62, of: Collection[str] | None = None
    ) -> tuple[AuditEntry, ...]:
        """Return the newest rows first, those below number `before`; `of` these people alone (None: of everybody)."""
        who = "" if of is None else f" AND who IN ({', '.join('?' * len(of))})"
        asked = f"SELECT {_COLUMNS} FROM audit WHERE n < ?{who} ORDER BY n DESC LIMIT ?"
        found = self._db.rows(asked, before, *(of or ()), limit)
        return tuple(AuditEntry(**dict(row)) for row in found)

    def verify(self) -> tuple[int, str]:
        """Walk the whole chain: how many rows, and its head.

        Raises:
            BrokenChainError: a row does not fit.
        """
        head, last = FIRST, 0
        for row in self._db.rows("SELECT n, at_ms, who, act, about, reason, chain FROM audit ORDER BY n"):
            if row["n"] != last + 1:
                raise BrokenChainError(f"row {last + 1} is missing")
            head, last = chain_hash(head, tuple(row)[:6]), row["n"]
            if head != row["chain"]:
                raise BrokenChainError(f"row {last} was changed")
        return last, head


def add(db: sqlite3.Connection, at_ms: int, who: str, act: str, about: str, reason: str) -> None:
    """Add a row within a transaction that goes on."""
    last = db.execute("SELECT n, chain FROM audit ORDER BY n DESC LIMIT 1").fetchone()
    n, before = (last["n"] + 1, last["chain"]) if last else (1, FIRST)
    row = (n, at_ms, who, act, about[:200], reason[:500])
    db.execute(f"INSERT INTO audit({_COLUMNS}) VALUES(?, ?, ?, ?, ?, ?, ?)", (*row, chain_hash(before, row)))
