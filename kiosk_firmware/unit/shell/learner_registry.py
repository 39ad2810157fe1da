"""Learners as this unit knows them: by number, by card, by three pictures; and what suits each.

A picture code is one of few hundred, so it is kept as a slow hash (scrypt) under the site's key, and tries are counted
on the disk: after five that were wrong the number is barred for ten minutes. The same hash is good on every unit of the
site, which hears of it through the office; without the site's key it says nothing. The newest of two that differ wins.

A centre card carries the learner's number in its own: `9900700000` and the six digits. Whoever holds the card needs no
pictures.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from hardware.transport.durable_json import DurableJson
from kiosk_firmware.system.state_folders import screen_folder
from kiosk_firmware.unit.lobby.phases.sign_in import CODE, Ask, Own
from kiosk_firmware.unit.runtime.run_facts import pseudonym

TRIES = 5
BARRED_MS = 10 * 60_000
CARD = re.compile(r"9900700000(\d{6})")
_COST = 2**14
Found = Literal["right", "wrong", "again", "unequal", "set"]


class LearnerRecord(msgspec.Struct, frozen=True):
    """A learner's settings, as facts and the office's answers carry them. `at_ms`: when it was set, UTC; `mark`: the
    picture code's hash, empty for none.
    """

    learner: str
    at_ms: int
    mark: str = ""
    language: str = ""
    steady: bool = False
    voice: bool = False
    hold: bool = False
    met: tuple[str, ...] = ()

    @property
    def own(self) -> Own:
        """The settings alone."""
        return Own(self.language, self.steady, self.voice, self.hold, self.met)


class PicturesHashed(msgspec.Struct, frozen=True):
    """Through the inbox: three pictures have been hashed, for this learner (by number) and purpose."""

    learner: str
    ask: Ask
    mark: str


def learner_of(number: str) -> str:
    """Return whose centre card has this number: `l-` and six digits; empty for any other card."""
    found = CARD.fullmatch(number)
    return f"l-{found[1]}" if found else ""


class Learners:
    """One file in `folder`: `learners.json`. Called on one thread; `hashed` may be called on any."""

    def __init__(self, folder: Path, site_key: bytes, utc_ms: Callable[[], int]) -> None:
        """Begin with no pictures pressed."""
        self._memory = DurableJson(screen_folder(folder) / "learners.json")
        self._key, self._utc_ms = site_key, utc_ms
        self._picked: list[str] = []
        self._first = ""

    def __repr__(self) -> str:
        return f"Learners({len(self._memory.get('kept', {}))} known)"

    # -- what is known -------------------------------------------------------------------------------------------------

    def kept(self, learner: str) -> LearnerRecord | None:
        """Return what is kept of a learner, by pseudonym."""
        row = self._memory.get("kept", {}).get(learner)
        return msgspec.convert(row, LearnerRecord) if row else None

    def keep(self, kept: LearnerRecord) -> bool:
        """Keep it if it is newer than what stands; whether it was."""
        before = self.kept(kept.learner)
        if before is not None and (before.at_ms, before.mark) >= (kept.at_ms, kept.mark):
            return False
        rows = self._memory.get("kept", {})
        self._memory.keep(kept={**rows, kept.learner: msgspec.to_builtins(kept)})
        return True

    def erase(self, learner: str) -> None:
        """Keep nothing of a learner any more, by pseudonym."""
        rows = {name: dict(self._memory.get(name, {})) for name in ("kept", "tries")}
        for one in rows.values():
            one.pop(learner, None)
        self._memory.keep(**rows)

    def changed(self, learner: str, own: Own | None = None, mark: str | None = None) -> LearnerRecord:
        """Change a learner's settings or pictures from now on; what to tell the office."""
        before = self.kept(learner) or LearnerRecord(learner, 0)
        own = own or before.own
        at_ms = max(self._utc_ms(), before.at_ms + 1)
        kept = LearnerRecord(
            learner,
            at_ms,
            before.mark if mark is None else mark,
            own.language,
            own.steady,
            own.voice,
            own.hold,
            own.met,
        )
        self.keep(kept)
        return kept

    # -- pictures ------------------------------------------------------------------------------------------------------

    def ask(self, learner: str) -> Ask:
        """Return what somebody who typed this number (`l-…`) is asked for; what was pressed before is forgotten."""
        self.forget()
        known = pseudonym(self._key, learner)
        if self._is_barred(known):
            return "barred"
        kept = self.kept(known)
        return "check" if kept is not None and kept.mark else "choose"

    def forget(self) -> None:
        """Forget the pressed pictures: nobody presses them any more."""
        self._picked, self._first = [], ""

    def pick(self, name: str) -> tuple[int, tuple[str, ...]]:
        """Take a picture that was pressed; return how many there are, and all of them once the code is complete (then
        none is held).
        """
        self._picked.append(name)
        count = len(self._picked)
        if count < CODE:
            return count, ()
        whole, self._picked = tuple(self._picked), []
        return count, whole

    def hashed(self, learner: str, ask: Ask, pictures: tuple[str, ...]) -> PicturesHashed:
        """Hash a code; it takes a tenth of a second on purpose."""
        said = f"pictures:{learner}:{','.join(pictures)}".encode()
        keyed = hmac.new(self._key, said, hashlib.sha256).digest()
        mark = hashlib.scrypt(keyed, salt=b"kiosk-learner", n=_COST, r=8, p=1, dklen=32).hex()
        return PicturesHashed(learner, ask, mark)

    def judge(self, hashed: PicturesHashed) -> Found:
        """Return what came of three pictures: right or wrong; wanted again; not the same twice, or set."""
        known = pseudonym(self._key, hashed.learner)
        match hashed.ask:
            case "choose":
                self._first = hashed.mark
                return "again"
            case "repeat":
                same = hmac.compare_digest(self._first, hashed.mark)
                self._first = ""
                return "set" if same else "unequal"
            case _:
                if self._is_barred(known):
                    return "wrong"
                kept = self.kept(known)
                right = kept is not None and hmac.compare_digest(kept.mark, hashed.mark)
                self._note_try(known, right)
                return "right" if right else "wrong"

    def _note_try(self, known: str, right: bool) -> None:
        tries = dict(self._memory.get("tries", {}))
        wrong, since = tries.pop(known, (0, 0))
        if not right:
            wrong += 1
            tries[known] = (0, self._utc_ms()) if wrong >= TRIES else (wrong, since)
        self._memory.keep(tries=tries)

    def _is_barred(self, known: str) -> bool:
        """Return where the clock was set back, the bar begins anew and never gets longer."""
        wrong, since = self._memory.get("tries", {}).get(known, (0, 0))
        if not since or wrong:
            return False
        now = self._utc_ms()
        if now < since:
            self._memory.keep(tries={**self._memory.get("tries", {}), known: (0, now)})
            return True
        return bool(now - since < BARRED_MS)
