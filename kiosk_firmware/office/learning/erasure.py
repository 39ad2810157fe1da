"""Forgetting: one learner when it is asked for, single facts of all when they are old (`[retention]` in office.toml).

A fact keeps its number and its hash, so that nothing seems lost and nothing is taken twice; what it said goes. An
erased learner's runs stay as those of a guest, whom no report counts. What a unit tells later of the time before
(it was away, or was put back from a copy) is stored as a guest's at once: the pseudonym is remembered for that alone.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from kiosk_firmware.office.database.connection import Database
from kiosk_firmware.office.fleet.commands import Commands, OutgoingMessage
from kiosk_firmware.office.learning.learning_sums import LearningSums
from kiosk_firmware.wire import facts as f
from kiosk_firmware.wire.envelope import Fact
from kiosk_firmware.wire.messages import ENCODE, Command

GUEST = "guest"
FORGOTTEN = "forgotten"
"""The type of a fact that says nothing any more."""
DAY_MS = 86_400_000
SLACK_MS = 2 * DAY_MS
ERASE_MS = 30 * DAY_MS
"""How long a unit has to forget somebody."""
OF_LEARNERS = (
    "run.started",
    "run.ended",
    "step.ended",
    "sitting.started",
    "sitting.ended",
    "learner.asked",
    "learner.kept",
    "teacher.called",
)
"""Facts of one person's practice; those of devices and units say nothing of anybody."""


class Erasure:
    """On the store's own connection; `hidden` within its transaction, the others in one of their own."""

    def __init__(self, db: Database, commands: Commands) -> None:
        """Read whom to forget; `commands` writes down what units are told."""
        self._db, self._commands, self._sums = db, commands, LearningSums(db)
        self._erased: dict[tuple[str, str], int] = {}
        self._mark: tuple[int, int] = (0, 0)
        self._retired_ms = 0
        self._late: dict[tuple[str, int], int] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the erased learners anew at the begin of a batch: somebody else (the command line, another collector)
        may have erased one.
        """
        mark = tuple(self._db.execute("SELECT count(*), coalesce(max(at_ms), 0) FROM erased").fetchone())
        if mark != self._mark:
            rows = self._db.execute("SELECT site, learner, at_ms FROM erased").fetchall()
            self._erased = {(str(site), str(learner)): int(at_ms) for site, learner, at_ms in rows}
            self._mark = mark

    def hidden(self, site: str, fact: Fact, data: msgspec.Struct) -> tuple[Fact, msgspec.Struct]:
        """Return a new fact as it is stored: of somebody who was erased after it happened, as a guest's."""
        until = self._erased.get((site, getattr(data, "learner", "")))
        if until is None or fact.at_ms > until:
            return fact, data
        changed = {"learner": GUEST, "mark": ""} if isinstance(data, f.LearnerKept) else {"learner": GUEST}
        data = msgspec.structs.replace(data, **changed)
        return msgspec.structs.replace(fact, data=ENCODE(data)), data

    def heard(self, unit: str, at_ms: int, heard_ms: int) -> None:
        """Note a new fact that came much later than it happened, so that it is looked for when its time has
        come, too.
        """
        if heard_ms - at_ms > SLACK_MS:
            name = unit, heard_ms // DAY_MS
            self._late[name] = min(at_ms, self._late.get(name, at_ms))

    def erase(self, site: str, learner: str, now_ms: int) -> list[OutgoingMessage]:
        """Forget a learner of a site, by pseudonym; what the site's units are to be told.

        Raises:
            ValueError: no pseudonym.
        """
        if len(learner) != 16 or set(learner) - set("0123456789abcdef"):
            raise ValueError(f"learner {learner!r}: allowed are the 16 hex digits of a pseudonym")
        with self._change():
            self._remember(site, learner, now_ms)
            rows = self._db.execute("SELECT unit FROM units WHERE site = ? ORDER BY unit", (site,)).fetchall()
            units = [str(row[0]) for row in rows]
            for unit in units:
                self._unit(unit, learner)
            self._sums.forget(site, learner)
            self._db.execute("DELETE FROM learners WHERE site = ? AND learner = ?", (site, learner))
            return [self._erase_message(site, unit, learner, now_ms) for unit in units]

    def _erase_message(self, site: str, unit: str, learner: str, now_ms: int) -> OutgoingMessage:
        command = Command(f"erase-{secrets.token_hex(8)}", "learner.erase", {"learner": learner}, now_ms + ERASE_MS)
        return self._commands.send(site, unit, command, now_ms)

    def _remember(self, site: str, learner: str, now_ms: int) -> None:
        again = "INSERT INTO erased(site, learner, at_ms) VALUES(?, ?, ?) ON CONFLICT(site, learner) DO UPDATE"
        self._db.execute(f"{again} SET at_ms = excluded.at_ms", (site, learner, now_ms))
        self._mark = (-1, 0)  # read again at the next batch, also if this one is undone
        self._erased[site, learner] = now_ms

    def _unit(self, unit: str, learner: str) -> None:
        quoted = f'%"{learner}"%'
        kept = "UPDATE facts SET type = ?, data = '{}' WHERE unit = ? AND type = 'learner.kept' AND data LIKE ?"
        self._db.execute(kept, (FORGOTTEN, unit, quoted))
        named = "UPDATE facts SET data = replace(data, ?, ?) WHERE unit = ? AND data LIKE ?"
        self._db.execute(named, (f'"{learner}"', f'"{GUEST}"', unit, quoted))
        own = self._db.execute("SELECT unit, run FROM runs WHERE unit = ? AND learner = ?", (unit, learner)).fetchall()
        with self._sums.changed((str(of), str(run)) for of, run in own):
            self._db.execute("UPDATE runs SET learner = ? WHERE unit = ? AND learner = ?", (GUEST, unit, learner))
        self._db.execute("DELETE FROM commands WHERE unit = ? AND args LIKE ?", (unit, quoted))

    def retire(self, before_ms: int) -> int:
        """Let single facts of learners go that happened, and were heard, before an instant; how many."""
        with self._change():
            gone = self._retire_facts(before_ms)
        self._retired_ms = before_ms
        return gone

    def _since(self) -> dict[str, int]:
        """Return by unit the instant before which all is gone already. After a start of the office all is looked at
        once.
        """
        usual = max(0, self._retired_ms - SLACK_MS)
        found: defaultdict[str, int] = defaultdict(lambda: usual)
        for (unit, _), at_ms in self._late.items():
            found[unit] = min(at_ms, found[unit])
        return found

    @contextmanager
    def _change(self) -> Iterator[None]:
        self._db.begin()
        try:
            yield
        except BaseException:
            self._db.rollback()
            raise
        self._db.commit()

    def _retire_facts(self, before_ms: int) -> int:
        units = [row[0] for row in self._db.execute("SELECT unit FROM units").fetchall()]
        marks = ", ".join("?" * len(OF_LEARNERS))
        old = (
            "UPDATE facts SET type = ?, data = '{}' WHERE unit = ? AND at_ms >= ? AND at_ms < ? AND heard_ms < ?"
            f" AND type IN ({marks})"
        )
        since = self._since()
        gone = 0
        for unit in units:
            values = (FORGOTTEN, unit, since[unit], before_ms, before_ms, *OF_LEARNERS)
            gone += self._db.execute(old, values).rowcount
        self._late = {name: at_ms for name, at_ms in self._late.items() if (name[1] + 1) * DAY_MS > before_ms}
        ended = "UPDATE runs SET learner = ? WHERE started_ms > 0 AND started_ms < ? AND learner NOT IN ('', ?)"
        self._db.execute(ended, (GUEST, before_ms, GUEST))
        self._sums.retired(before_ms)
        self._db.execute("DELETE FROM learners WHERE at_ms < ?", (before_ms,))
        self._db.execute("UPDATE quarantine SET payload = ? WHERE heard_ms < ?", (b"", before_ms))
        self._db.execute("DELETE FROM commands WHERE expires_at < ?", (before_ms,))
        return gone
