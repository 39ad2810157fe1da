"""Roll-outs: which units get which version, in which waves, and when it stops by itself.

    proposed ──(second person)──► going ──► done
        └──► stopped ◄──────────────┘   by a person, or because too many units went back

The first wave is the canary: few units, chosen by chance or by name. The next ones are shares of all. A wave follows
when every unit of the one before has ended, or when those that are silent were waited for; never when too many went
wrong. The plan and how far each unit is stand in `people.db`, every step of it in the audit.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from kiosk_firmware.office.accounts import audit
from kiosk_firmware.office.accounts.accounts import SignedInUser
from kiosk_firmware.office.accounts.errors import ActRefusedError
from kiosk_firmware.office.accounts.people_db import PeopleDb
from kiosk_firmware.office.accounts.two_person_approval import Proposals
from kiosk_firmware.office.rollouts.bundle_store import Artefact, Kind

State = Literal["proposed", "going", "done", "stopped"]
PROPOSED = "rollout.start"
DAY_MS = 86_400_000
_WINDOW = re.compile(r"([01]\d|2[0-3]):[0-5]\d ([01]\d|2[0-4]):[0-5]\d")


class RolloutPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The course of a roll-out. `canary`: units of the first wave, by number; `canaries` names them instead. `shares`:
    of all units, in percent, growing to 100. It stops when more than `most` units went wrong, or more than `most_share`
    percent of those that have ended. `patience_days`: so long a wave waits for silent units. `window`: "HH:MM HH:MM" of
    UTC+8, "" for each unit's usual one.
    """

    canary: int = 1
    canaries: tuple[str, ...] = ()
    shares: tuple[int, ...] = (10, 50, 100)
    most: int = 10
    most_share: int = 2
    patience_days: int = 3
    window: str = ""

    def check(self, units: Sequence[str]) -> None:
        """Check the plan. Raises RefusedError: a value that is not allowed; says which are."""
        rising = list(self.shares) == sorted(set(self.shares))
        if not self.shares or not rising or self.shares[-1] != 100 or self.shares[0] < 1:
            raise ActRefusedError(f"shares = {self.shares}: allowed are growing numbers of percent that end with 100")
        if not 1 <= self.canary <= max(1, len(units)) or not 0 <= self.most <= 10_000:
            raise ActRefusedError(f"canary = {self.canary}: allowed are 1 to {len(units)}")
        if not 0 <= self.most_share <= 100 or not 1 <= self.patience_days <= 60:
            raise ActRefusedError("most_share, patience_days: allowed are 0 to 100 percent and 1 to 60 days")
        if self.window and not _WINDOW.fullmatch(self.window):
            raise ActRefusedError(f"window = {self.window!r}: allowed is as in '18:00 07:00'")
        if unknown := set(self.canaries) - set(units):
            raise ActRefusedError(f"canaries = {', '.join(sorted(unknown))}: allowed are units of the roll-out")

    def waves(self, units: Iterable[str], seed: int) -> dict[str, int]:
        """Return each unit's wave, from 0. By chance, so that a wave is no site and no kind; `seed` makes
        it its own.
        """
        rest = sorted(set(units))
        random.Random(seed).shuffle(rest)
        first = [unit for unit in rest if unit in self.canaries] if self.canaries else rest[: self.canary]
        order = [*first, *(unit for unit in rest if unit not in first)]
        ends = [len(first), *(max(len(first), -(-len(order) * share // 100)) for share in self.shares)]
        return {unit: next(n for n, end in enumerate(ends) if at < end) for at, unit in enumerate(order)}


class Rollout(msgspec.Struct, frozen=True):
    """A row. `wave`: the last one that was begun, -1 before the first. `ended_why`: a person's words, or the office's
    own as `#key|first|second|names`, which a page says in its language.
    """

    id: int
    at_ms: int
    who: str
    kind: Kind
    version: str
    sha256: str
    size: int
    plan: RolloutPlan
    why: str
    state: State
    wave: int = -1
    wave_ms: int = 0
    ended_ms: int = 0
    ended_why: str = ""

    @property
    def order(self) -> str:
        """The name that its orders have on the units."""
        return f"rollout-{self.id}"


_COLUMNS = ", ".join(Rollout.__struct_fields__)


class RolloutTarget(msgspec.Struct, frozen=True):
    """A unit of a roll-out: its wave, when it was told, and what it last said; `stage` is "ordered" before it was told,
    "sent" until it speaks.
    """

    unit: str
    wave: int
    sent_ms: int = 0
    stage: str = "ordered"
    detail: str = ""
    at_ms: int = 0


class Rollouts:
    """Those of one office. `now_ms`: UTC."""

    def __init__(self, db: PeopleDb, proposals: Proposals, now_ms: Callable[[], int]) -> None:
        """Go on with what was under way."""
        self._db, self._proposals, self._now_ms = db, proposals, now_ms

    def make(self, who: SignedInUser, what: Artefact, units: dict[str, str], plan: RolloutPlan, why: str) -> Rollout:
        """Write one down for these units (unit → site). Within one site it goes at once, else after a second person's
        word.

        Raises:
            RefusedError: the plan, the reason or the units are none.
        """
        if not units or not why.strip():
            raise ActRefusedError("a roll-out needs units" if why.strip() else "a reason")
        plan.check(tuple(units))
        alone, now = len(set(units.values())) == 1, self._now_ms()
        columns = "at_ms, who, kind, version, sha256, size, plan, why, state"
        text, state = msgspec.json.encode(plan).decode(), "going" if alone else "proposed"
        row = (now, who.name, what.kind, what.version, what.sha256, what.size, text, why.strip(), state)
        with self._db.change() as db:
            done = db.execute(f"INSERT INTO rollouts({columns}) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            id_ = int(done.lastrowid or 0)
            waves = plan.waves(units, id_)
            db.executemany(
                "INSERT INTO rollout_units(rollout, unit, wave) VALUES(?, ?, ?)",
                [(id_, unit, wave) for unit, wave in waves.items()],
            )
            said = f"{what.kind} {what.version}: {len(units)} units, {max(waves.values()) + 1} waves"
            audit.add(db, now, who.name, "rollout.made", f"rollout-{id_} {said}", why.strip())
        if not alone:
            self._proposals.ask(who, PROPOSED, {"rollout": id_}, sorted(units), 0, why.strip())
        return self.one(id_)

    def one(self, id_: int) -> Rollout:
        """Return the roll-out of that id. Raises LookupError: there is none."""
        rows = self._db.rows(f"SELECT {_COLUMNS} FROM rollouts WHERE id = ?", id_)
        if not rows:
            raise LookupError(f"roll-out {id_}: there is none")
        return _rollout(rows[0])

    def all(self, limit: int = 50) -> tuple[Rollout, ...]:
        """Return the roll-outs, the newest first."""
        rows = self._db.rows(f"SELECT {_COLUMNS} FROM rollouts ORDER BY id DESC LIMIT ?", limit)
        return tuple(_rollout(row) for row in rows)

    def targets(self, id_: int) -> tuple[RolloutTarget, ...]:
        """Return its units, by wave and name."""
        columns = ", ".join(RolloutTarget.__struct_fields__)
        rows = self._db.rows(f"SELECT {columns} FROM rollout_units WHERE rollout = ? ORDER BY wave, unit", id_)
        return tuple(RolloutTarget(**dict(row)) for row in rows)

    # -- steps

    def agreed(self, id_: int) -> None:
        """Start a roll-out to which a second person agreed (that stands in the audit already), unless it was stopped
        meanwhile.
        """
        with self._db.change() as db:
            db.execute("UPDATE rollouts SET state = 'going' WHERE id = ? AND state = 'proposed'", (id_,))

    def stop(self, id_: int, who: str, why: str, said: str = "") -> bool:
        """End it; `who` is "" where the office does so by itself, and `said` its reason for the audit. Whether it was
        still to be stopped.
        """
        return self._end(id_, "stopped", who, why, said or why)

    def finish(self, id_: int, why: str, said: str) -> bool:
        """End the roll-out: all waves are through."""
        return self._end(id_, "done", "", why, said)

    def _end(self, id_: int, state: State, who: str, why: str, said: str) -> bool:
        now = self._now_ms()
        going = "id = ? AND state IN ('proposed', 'going')"
        ended = f"UPDATE rollouts SET state = ?, ended_ms = ?, ended_why = ? WHERE {going}"
        with self._db.change() as db:
            done = db.execute(ended, (state, now, why[:300], id_)).rowcount == 1
            if done:
                audit.add(db, now, who, f"rollout.{state}", f"rollout-{id_}", said)
        return done

    def begin(self, rollout: Rollout, wave: int, said: str, sent: Sequence[RolloutTarget]) -> None:
        """Begin the next wave with these units."""
        now = self._now_ms()
        with self._db.change() as db:
            next_ = "UPDATE rollouts SET wave = ?, wave_ms = ? WHERE id = ? AND state = 'going'"
            db.execute(next_, (wave, now, rollout.id))
            self._keep(db, rollout.id, sent)
            audit.add(db, now, "", "rollout.wave", rollout.order, said)

    def heard(self, id_: int, targets: Sequence[RolloutTarget]) -> None:
        """Write down how far units are."""
        if targets:
            with self._db.change() as db:
                self._keep(db, id_, targets)

    def _keep(self, db: sqlite3.Connection, id_: int, targets: Sequence[RolloutTarget]) -> None:
        kept = "UPDATE rollout_units SET sent_ms = ?, stage = ?, detail = ?, at_ms = ? WHERE rollout = ? AND unit = ?"
        db.executemany(kept, [(t.sent_ms, t.stage, t.detail, t.at_ms, id_, t.unit) for t in targets])


def _rollout(row: sqlite3.Row) -> Rollout:
    return Rollout(**{**dict(row), "plan": msgspec.json.decode(row["plan"], type=RolloutPlan)})
