"""The door: a session for whoever has the right words, a wait for whoever tries too often.

A session is a cookie of which only a hash is kept, so the database gives nobody away. Wrong words are counted by
account and by address; after too many the door stays shut for a while, for right words too. A session ends when nobody
has used it for an hour, and after twelve hours in any case.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable

from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.accounts.accounts import DEMO, Accounts, SignedInUser
from kiosk_firmware.office.accounts.people_db import PeopleDb

TRIES, MANY, SHUT_MS = 5, 20, 15 * 60_000
"""Wrong words for one account, and from one address (many people may share it); how long it then stays shut."""
IDLE_MS, LONGEST_MS = 60 * 60_000, 12 * 3_600_000
SEEN_MS = 60_000
"""How exactly it is written down when a session was last used."""


class LoginSessions:
    """Sessions. `now_ms`: UTC."""

    def __init__(self, db: PeopleDb, accounts: Accounts, now_ms: Callable[[], int]) -> None:
        """Take the database; sessions of an earlier life of the process go on, but those of a demo."""
        self._db, self._accounts, self._now_ms = db, accounts, now_ms
        self._spent, self._spending = False, threading.Lock()
        with db.change() as change:
            change.execute("DELETE FROM sessions WHERE name = ?", (DEMO,))

    def enter(self, name: str, word: str, code: str, address: str) -> str | None:
        """Return the cookie of a new session; None: wrong, or shut for a while."""
        whom = (f"name:{name[:40]}", f"from:{address[:60]}")
        if self._is_shut(whom):
            return None
        if not self._accounts.is_right(name, word, code):
            self._wrong(whom, name)
            return None
        with self._db.change() as db:
            db.execute("DELETE FROM tries WHERE whom IN (?, ?)", whom)
        return self._begin(name)

    def by_ticket(self, ticket: str) -> str | None:
        """Return the cookie of a demo's own person, once; None: there is no demo, that is not its ticket, or it is
        spent.
        """
        own = self._accounts.ticket
        if not own or not hmac.compare_digest(ticket.encode(), own.encode()):
            return None
        with self._spending:
            if self._spent:
                return None
            self._spent = True
        return self._begin(DEMO)

    def _begin(self, name: str) -> str:
        cookie, now = secrets.token_urlsafe(32), self._now_ms()
        with self._db.change() as db:
            db.execute("DELETE FROM sessions WHERE seen_ms < ? OR made_ms < ?", (now - IDLE_MS, now - LONGEST_MS))
            row = (_hash_cookie(cookie), name, secrets.token_urlsafe(24), now, now)
            db.execute("INSERT INTO sessions(token, name, csrf, made_ms, seen_ms) VALUES(?, ?, ?, ?, ?)", row)
            audit.add(db, now, name, "entered", "", "")
        return cookie

    def who(self, cookie: str) -> SignedInUser | None:
        """Return whose session it is; None: nobody's, or its time is over."""
        now = self._now_ms()
        rows = self._db.rows("SELECT * FROM sessions WHERE token = ?", _hash_cookie(cookie)) if cookie else []
        if not rows or now - rows[0]["seen_ms"] > IDLE_MS or now - rows[0]["made_ms"] > LONGEST_MS:
            return None
        if now - rows[0]["seen_ms"] > SEEN_MS:
            with self._db.change() as db:
                db.execute("UPDATE sessions SET seen_ms = ? WHERE token = ?", (now, rows[0]["token"]))
        return self._accounts.person(rows[0]["name"], rows[0]["csrf"])

    def leave(self, cookie: str) -> None:
        """End the session."""
        with self._db.change() as db:
            db.execute("DELETE FROM sessions WHERE token = ?", (_hash_cookie(cookie),))

    def _is_shut(self, whom: tuple[str, str]) -> bool:
        since = self._now_ms() - SHUT_MS
        tries = "SELECT 1 FROM tries WHERE whom = ? AND wrong >= ? AND last_ms > ?"
        return any(self._db.rows(tries, one, most, since) for one, most in zip(whom, (TRIES, MANY), strict=True))

    def _wrong(self, whom: tuple[str, str], name: str) -> None:
        now = self._now_ms()
        with self._db.change() as db:
            for one in whom:
                db.execute(
                    "INSERT INTO tries(whom, wrong, last_ms) VALUES(?, 1, ?)"
                    " ON CONFLICT(whom) DO UPDATE SET last_ms = excluded.last_ms,"
                    " wrong = CASE WHEN last_ms < ? THEN 1 ELSE wrong + 1 END",
                    (one, now, now - SHUT_MS),
                )
            audit.add(db, now, "", "refused", name[:40], whom[1].removeprefix("from:"))


def _hash_cookie(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
