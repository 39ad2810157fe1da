"""Tokens by which other programs read from the office: made by an administrator, shown once, kept as a hash.

A token reads and does nothing else, at the sites that it was made for; whoever may govern all of these may close it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

import msgspec

from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.accounts.accounts import NAME, SignedInUser
from kiosk_firmware.office.accounts.errors import ActRefusedError
from kiosk_firmware.office.accounts.people_db import PeopleDb

PREFIX = "kiosk-"
SEEN_MS = 60_000
"""How exactly it is written down when a token was last used."""


class ApiToken(msgspec.Struct, frozen=True):
    """A token as the page lists it; `sites` empty: all."""

    name: str
    sites: frozenset[str]
    by: str
    made_ms: int
    used_ms: int
    off: bool


class ApiTokens:
    """The tokens of one office. `now_ms`: UTC."""

    def __init__(self, db: PeopleDb, now_ms: Callable[[], int]) -> None:
        self._db, self._now_ms = db, now_ms

    def make(self, by: SignedInUser, name: str, sites: tuple[str, ...]) -> str:
        """Make a token; return it, the only time that it is known.

        Raises:
            RefusedError: the name is none or taken, or the sites are not theirs; says what is allowed.
        """
        if not NAME.fullmatch(name):
            raise ActRefusedError(f"name = {name!r}: allowed are 3 to 32 of a-z, 0-9 and -, beginning with a letter")
        if not by.governs(sites):
            raise ActRefusedError(f"sites = {', '.join(sites)!r}: allowed are {', '.join(sorted(by.sites))}")
        if self._db.rows("SELECT 1 FROM api_tokens WHERE name = ?", name):
            raise ActRefusedError(f"name = {name!r}: there is or was such a token; allowed is another name")
        token = PREFIX + secrets.token_urlsafe(32)
        row = (name, _hash_token(token), ",".join(sorted(sites)), by.name, self._now_ms())
        with self._db.change() as db:
            db.execute("INSERT INTO api_tokens(name, hash, sites, who, made_ms) VALUES(?, ?, ?, ?, ?)", row)
            audit.add(db, self._now_ms(), by.name, "token.made", name, ",".join(sorted(sites)))
        return token

    def shut(self, by: SignedInUser, name: str) -> None:
        """Close a token.

        Raises:
            RefusedError: there is none that is theirs to close.
        """
        if name not in {one.name for one in self.of(by)}:
            raise ActRefusedError("name: allowed is a token of one's own sites")
        with self._db.change() as db:
            db.execute("UPDATE api_tokens SET off = 1 WHERE name = ?", (name,))
            audit.add(db, self._now_ms(), by.name, "token.shut", name, "")

    def of(self, person: SignedInUser) -> tuple[ApiToken, ...]:
        """Return the tokens that are the person's to see, by name."""
        rows = self._db.rows("SELECT name, sites, who, made_ms, used_ms, off FROM api_tokens ORDER BY name")
        found = (
            ApiToken(row["name"], _sites(row["sites"]), row["who"], row["made_ms"], row["used_ms"], bool(row["off"]))
            for row in rows
        )
        return tuple(one for one in found if person.governs(one.sites))

    def who(self, token: str) -> SignedInUser | None:
        """Return who reads by a token: somebody who may see, at its sites; None where it is none, or closed."""
        if not token.startswith(PREFIX):
            return None
        rows = self._db.rows(
            "SELECT name, sites, used_ms FROM api_tokens WHERE hash = ? AND off = 0", _hash_token(token)
        )
        if not rows:
            return None
        now = self._now_ms()
        if now - rows[0]["used_ms"] > SEEN_MS:
            with self._db.change() as db:
                db.execute("UPDATE api_tokens SET used_ms = ? WHERE name = ?", (now, rows[0]["name"]))
        return SignedInUser(f"token:{rows[0]['name']}", "viewer", _sites(rows[0]["sites"]))


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _sites(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split(",")))
