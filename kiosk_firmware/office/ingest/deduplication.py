"""One fact, many names: what the office has under each, so that a fact counts once however often it comes.

A fact is its words (a digest) under its first name (unit, epoch, seq). A file that is numbered anew gives it another
name and tells the earlier ones (`was`): one row is kept, and an alias for each other name. But an older copy that was
put back gives numbers again that other facts have. A fact whose first name says another one is its *namesake*, and is
known by that: two copies that are numbered anew, each by itself, share only the first name.
"""

from __future__ import annotations

from kiosk_firmware.office.database.connection import Database
from kiosk_firmware.office.ingest.epoch_completeness import EpochCompleteness
from kiosk_firmware.wire.envelope import ReceivedFact, parse_fact_name

Name = tuple[str, str, int]
"""Unit, epoch, number."""
A_LOOK = 500
_SAID = (
    "WITH wanted(unit, epoch, seq) AS (VALUES {}) SELECT facts.unit, facts.epoch, facts.seq, facts.digest FROM wanted"
    " JOIN facts ON facts.unit = wanted.unit AND facts.epoch = wanted.epoch AND facts.seq = wanted.seq"
)
_NAMED = "unit = ? AND epoch = ? AND seq = ?"
_KEPT = (
    f"SELECT digest FROM facts WHERE {_NAMED}",
    f"SELECT substr(reason, 6) FROM quarantine WHERE {_NAMED} AND reason LIKE 'fact:%'",
    f"SELECT digest FROM aliases WHERE {_NAMED}",
)


class Deduplication:
    """The names under which each fact arrived, on the store's own connection and within its transaction."""

    def __init__(self, db: Database, books: EpochCompleteness) -> None:
        self._db, self._books = db, books
        self._fresh: dict[Name, str] = {}

    def begin(self, facts: list[ReceivedFact]) -> None:
        """Begin a batch: read what its numbers that were heard before said, all in one look."""
        self._fresh = {}
        again = [
            (one.unit, one.fact.epoch, one.fact.seq)
            for one in facts
            if self._books.look(one.unit, one.fact.epoch).seqs.seen(one.fact.seq)
        ]
        for at in range(0, len(again), A_LOOK):
            part = again[at : at + A_LOOK]
            rows = self._db.execute(_SAID.format(", ".join(["(?, ?, CAST(? AS BIGINT))"] * len(part))), sum(part, ()))
            self._fresh.update(((unit, epoch, seq), digest) for unit, epoch, seq, digest in rows.fetchall())

    def keep(self, name: Name, digest: str) -> None:
        """Keep the digest of a new fact under this name; its row is written with the batch."""
        self._fresh[name] = digest

    def said(self, name: Name) -> str | None:
        """Return the digest under which a number was kept, or None where it was given up or never heard."""
        fresh = self._fresh.get(name)
        if fresh is not None:
            return fresh
        for asked in _KEPT:
            row = self._db.execute(asked, name).fetchone()
            if row is not None:
                return str(row[0])
        return None

    def told_before(self, heard: ReceivedFact) -> bool:
        """Return whether this fact is here under an earlier name. If it is not, it is, from now on, here under all of
        them.
        """
        own, digest = (heard.unit, heard.fact.epoch, heard.fact.seq), heard.digest
        names = [name for name in _earlier(heard) if name != own]
        said = [self.said(name) for name in names]
        if digest in said or (names and self._is_namesake(names[0], said[0], digest)):
            self._alias(own, digest)
            return True
        for name, there in zip(names, said, strict=True):
            if there is None:
                self._account(name)
                self._alias(name, digest)
        if names and said[0] is not None:
            self._insert("namesakes", names[0], digest)
        return False

    def _is_namesake(self, first: Name, there: str | None, digest: str) -> bool:
        """Return whether the fact is here though its first name says another one."""
        asked = f"SELECT 1 FROM namesakes WHERE {_NAMED} AND digest = ?"
        return there is not None and self._db.execute(asked, (*first, digest)).fetchone() is not None

    def _account(self, name: Name) -> None:
        """Count a number of an earlier epoch as missing no more: its fact came under another name."""
        seqs = self._books.change(name[0], name[1]).seqs
        seqs.found() if seqs.seen(name[2]) else seqs.hear(name[2])

    def _alias(self, name: Name, digest: str) -> None:
        self._fresh[name] = digest
        self._insert("aliases", name, digest)

    def _insert(self, table: str, name: Name, digest: str) -> None:
        """Insert a number; fail where another collector was faster: the batch is taken again, and finds what that one
        wrote.
        """
        self._db.execute(f"INSERT INTO {table}(unit, epoch, seq, digest) VALUES(?, ?, ?, ?)", (*name, digest))


def _earlier(heard: ReceivedFact) -> list[Name]:
    """Return the fact's earlier names, the first one first, each once."""
    told = map(parse_fact_name, dict.fromkeys(heard.fact.was.split(" ")))
    return [(heard.unit, *name) for name in told if name is not None]
