"""Sign learners in: what the lobby asks about numbers, pictures, cards and settings is done here, and what the office
sends of a learner is taken up.

A card on an open reader signs its learner in once: until it was lifted, it says nothing new.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.core.events import MediaInserted, MediaTaken
from kiosk_firmware.unit.coach.progress import RunRecord
from kiosk_firmware.unit.lobby.phases import sign_in as s
from kiosk_firmware.unit.runtime.engine import Engine
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch
from kiosk_firmware.unit.shell.environment import SystemClock, UnitDescription
from kiosk_firmware.unit.shell.learner_registry import LearnerRecord, Learners, PicturesHashed, learner_of
from kiosk_firmware.unit.shell.learner_session import LearnerSession

Answers = tuple[s.AnyComingHeard, ...]


class ReceivedRecords(msgspec.Struct, frozen=True):
    """Arguments of the office's `learner.records`."""

    learner: str
    records: tuple[RunRecord, ...] = ()
    kept: LearnerRecord | None = None


class SignIn:
    """See the file's head."""

    def __init__(
        self,
        who: UnitDescription,
        folder: Path,
        engine: Engine,
        journal: Journal,
        post: Callable[[object], None],
        session: LearnerSession,
        needs_secret: bool = False,
    ) -> None:
        """Take `folder`, the unit's state, and `post`, the inbox's; `needs_secret`: a card's number alone signs nobody
        in.
        """
        self.learners = Learners(folder, who.site_key, SystemClock().utc_ms)
        self._engine, self._journal, self._post, self._sitting = engine, journal, post, session
        self._lying: set[str] = set()
        self._needs_secret = needs_secret

    # -- what the lobby asks -------------------------------------------------------------------------------------------

    def serve(self, request: s.AnyComingRequest) -> Answers:
        """Do it; what the lobby hears of it."""
        match request:
            case s.FindLearner(learner=learner):
                return (s.NumberFound(learner, self.learners.ask(learner)),)
            case s.PickPicture():
                return self._pick(request)
            case s.ForgetPictures():
                self.learners.forget()
            case s.KeepOwn(own=own):
                return self._suits(own)
        return ()

    def _pick(self, request: s.PickPicture) -> Answers:
        count, whole = self.learners.pick(request.name)
        if whole:
            learner, ask = request.learner, request.ask
            hashing = threading.Thread(
                target=lambda: self._post(self.learners.hashed(learner, ask, whole)), name="pictures", daemon=True
            )
            hashing.start()
        return (s.Picked(count),)

    def judged(self, hashed: PicturesHashed) -> Answers:
        """Return what came of three pictures."""
        match self.learners.judge(hashed):
            case "right":
                return (s.Recognised(hashed.learner),)
            case "set":
                self._told(self.learners.changed(self._sitting.named(hashed.learner), mark=hashed.mark))
                return (s.Recognised(hashed.learner, fresh=True),)
            case "again":
                return (s.Again(),)
            case "unequal":
                return (s.Unlike("choose"),)
            case _:
                return (s.Unlike(self.learners.ask(hashed.learner)),)

    def _suits(self, own: s.Own) -> Answers:
        if self._sitting.known:
            self._told(self.learners.changed(self._sitting.learner, own))
        return (s.Suits(own),)

    def _told(self, kept: LearnerRecord) -> None:
        self._engine.tell(RunFact("learner.kept", msgspec.to_builtins(kept), 2))

    # -- cards ---------------------------------------------------------------------------------------------------------

    def card(self, event: object) -> s.Recognised | s.CardUnproved | None:
        """Return the learner whose card has just come to a reader, or that it has no secret; None for all else."""
        if isinstance(event, MediaTaken):
            self._lying.discard(event.at)
        if not isinstance(event, MediaInserted) or event.at in self._lying:
            return None
        learner = learner_of(event.media.number)
        if not learner:
            return None
        self._lying.add(event.at)
        if self._needs_secret and not event.media.proved:
            self._engine.tell(RunFact("card.refused", {"at": event.at}, 2))
            return s.CardUnproved()
        return s.Recognised(learner, card=True)

    # -- turns ---------------------------------------------------------------------------------------------------------

    def began(self, learner: str) -> Answers:
        """Begin a session for somebody who is signed in: the office is told, and asked for what they did elsewhere."""
        known = self._sitting.begin(learner)
        self._engine.tell(RunFact("sitting.started", {"learner": known}))
        if not self._sitting.known:
            return ()
        self._engine.tell(RunFact("learner.asked", {"learner": known}))
        kept = self.learners.kept(known)
        return (s.Suits(kept.own),) if kept else ()

    def ended(self, why: str) -> None:
        """End the turn, and tell the office why."""
        self.learners.forget()
        self._engine.tell(RunFact("sitting.ended", {"learner": self._sitting.end(), "reason": why}))

    def spoke(self, language: str) -> None:
        """Keep the language that the learner wants from now on."""
        kept = self.learners.kept(self._sitting.learner)
        own = kept.own if kept else s.Own()
        if self._sitting.known and own.language != language:
            self._told(self.learners.changed(self._sitting.learner, msgspec.structs.replace(own, language=language)))

    # -- the office ----------------------------------------------------------------------------------------------------

    def erased(self, learner: object) -> tuple[bool, str]:
        """Forget a learner; one who is here now is not forgotten, and the office may ask again."""
        if not isinstance(learner, str) or not learner or learner == self._sitting.learner:
            return False, "this learner is here now" if learner else "learner is missing"
        self.learners.erase(learner)
        self._journal.forget(learner)
        return not self._journal.trouble, self._journal.trouble[:200]

    def sent(self, args: Mapping[str, Any]) -> tuple[bool, str]:
        """Take records and settings of a learner from the site's other units: what is known already stays as it is."""
        try:
            found = msgspec.convert(args, ReceivedRecords)
        except msgspec.ValidationError as error:
            return False, f"learner.records: {error}"[:200]
        if any(record.learner != found.learner for record in found.records):
            return False, "learner.records: a record is another learner's"
        rows = tuple((one.run, one.learner, msgspec.json.encode(one)) for one in found.records)
        self._journal.submit(Batch(SystemClock().utc_ms(), merged=rows))
        if found.kept is not None and found.kept.learner == found.learner:
            self.learners.keep(found.kept)
        return True, ""
