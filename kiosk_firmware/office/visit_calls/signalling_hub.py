"""The hub of a visit's three ends: what is for another end is passed on, what moves the visit is written down first.

Nothing here is worth keeping over a crash: who sits where comes again by itself, what stands is in the books. Browsers
speak through `come`, `hear` and `gone`, units through `heard`, time through `tick`; each from any thread, one at a
time. A unit is believed only on its own topic, about a visit at its own place, and its sign-in only with its token; a
browser only for the end whose token it came with.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

import msgspec

from kiosk_firmware.core.hosts.visit import Standing
from kiosk_firmware.office.visit_calls.browser_sessions import CLOSE_FLOOD, CLOSE_OVER, BrowserSession, BrowserSessions
from kiosk_firmware.office.visit_calls.invitations import Invitations
from kiosk_firmware.visit.office.appointments import Appointment
from kiosk_firmware.visit.office.appointments import StoredRequest as Request
from kiosk_firmware.visit.office.call_records import HERE, Whose
from kiosk_firmware.visit.office.service import VisitService
from kiosk_firmware.visit.office.visits_db import VisitRefusedError
from kiosk_firmware.visit.wire.messages import (
    ENCODE,
    Accepted,
    Answered,
    Down,
    End,
    Kept,
    Left,
    Offered,
    OfficerCommand,
    Peer,
    Piece,
    SignedIn,
    StatusReport,
    ToStation,
    Up,
    Withdrawn,
    up,
)
from kiosk_firmware.wire import message_bounds, topics

log = logging.getLogger(__name__)
AGAIN_S, QUIET_AGAIN_S = 15.0, 600.0
"""An invitation is said again: until it is accepted; and after, since a unit may have been set up anew."""
PIECE_S = 20.0
"""A piece of a recording is asked for again after so long."""
EXPIRE_S = 600.0
LIMIT = 64 * 1024
"""Bytes of a browser's word: a description of a session has 10,000."""


class Here(msgspec.Struct, frozen=True, tag=True):
    """A browser's sign of life."""


Audit = Callable[[str, str, str, str], None]
_browser = msgspec.json.Decoder(Offered | Left | OfficerCommand | Here)


class CallHub:
    """Of one office. `audit(who, act, about, reason)` writes down what an officer does; `words`: topics and payloads
    for the broker. `clock`: monotonic seconds.
    """

    def __init__(
        self, room: VisitService, inviting: Invitations, audit: Audit, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the books' word for how everything stands."""
        self.room, self.inviting, self._audit, self._clock = room, inviting, audit, clock
        self.words: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._seats = BrowserSessions(clock)
        self._last: dict[int, tuple[StatusReport, float]] = {}
        self._next: dict[str, float] = {}
        """When something is due again, by its name."""

    # -- browsers -----------------------------------------------------------------------------------------------------

    def come(self, token: str, over: bool, made: Callable[[Request, Whose], BrowserSession]) -> BrowserSession:
        """Seat a browser by its token; `made(request, whose)` makes its seat.

        Raises:
            RefusedError: the token is worth nothing; the visit is open in another window; it is over.
        """
        with self._lock:
            kept, whose = self.room.calls.redeem(token)
            call = self.room.calls.call(kept.id)
            if call.over_ms:
                raise VisitRefusedError("the visit is over", "over")
            seat = made(kept, whose)
            self._seats.take(seat, over)
            self._welcome(kept, seat, bool(call.unit_signed_ms))
        return seat

    def _welcome(self, kept: Request, seat: BrowserSession, unit_here: bool) -> None:
        number = kept.case.number
        seat.say(ENCODE(Peer(visit=number, end="unit", here=unit_here)))
        if seat.whose == "officer":
            there = bool(self._seats.of(kept.id, "station"))
            seat.say(ENCODE(Peer(visit=number, end="station", here=there)))
        if kept.id in self._last:
            seat.say(ENCODE(self._by_now(*self._last[kept.id])))
        self._present(kept, seat.whose, True)

    def _by_now(self, word: StatusReport, heard_s: float) -> StatusReport:
        """Return the unit's last report as it would be now: its clock has run on since."""
        passed_ms = round((self._clock() - heard_s) * 1000) if word.running else 0
        return msgspec.structs.replace(word, left_ms=max(0, word.left_ms - passed_ms))

    def _present(self, kept: Request, end: End, here: bool) -> None:
        """Say who is there to whoever should know: the unit always, officers of the station, the family of an officer
        where the policy lets nobody watch unseen.
        """
        word = Peer(visit=kept.case.number, end=end, here=here)
        self._down(kept, word)
        if end == "station":
            self._tell(kept.id, word, officers_only=True)
        elif not self.room.policy.watched:
            self._tell(kept.id, word, station_only=True)

    def hear(self, seat: BrowserSession, data: bytes) -> None:
        """Handle a browser's message; what is none, or not its to say, is dropped and noted in the log."""
        with self._lock:
            if not seat.may_speak(self._clock()):
                seat.close(CLOSE_FLOOD)
                return
            try:
                word: Offered | Left | OfficerCommand | Here = message_bounds.decode(
                    data if len(data) <= LIMIT else b"", _browser
                )
            except msgspec.DecodeError as error:
                log.warning("visit %s: the %s says what is no word: %s", seat.number, seat.whose, error)
                return
            self._handle_word(seat, word)

    def _handle_word(self, seat: BrowserSession, word: Offered | Left | OfficerCommand | Here) -> None:
        if isinstance(word, Here) or word.visit != seat.number or self.room.calls.call(seat.request).over_ms:
            return
        kept = self.room.store.one(seat.request)
        match word:
            case Offered(end=end) if end == seat.whose:
                seat.sessions.add(word.session)
                self._down(kept, word)
            case Left(end=end) if end == seat.whose == "station":
                self._down(kept, word)
            case OfficerCommand() if seat.whose == "officer":
                self._pass_command(kept, seat.who, word)
            case _:
                log.warning("visit %s: not the %s's to say: %s", seat.number, seat.whose, type(word).__name__)

    def _pass_command(self, kept: Request, who: str, word: OfficerCommand) -> None:
        """Pass on an officer's act: into the audit, into the visit's own history, then to the unit."""
        about = word.end if word.act in ("mute", "unmute") else word.reason
        self._audit(who, f"visit.{word.act}", kept.case.number, about)
        self.room.store.note(kept.id, who, f"call.{word.act}", about)
        self._down(kept, word)

    def gone(self, seat: BrowserSession) -> None:
        """Take a browser whose line is closed off its seat."""
        with self._lock:
            if self._seats.leave(seat) and not self._seats.of(seat.request, seat.whose):
                self._present(self.room.store.one(seat.request), seat.whose, False)

    # -- units --------------------------------------------------------------------------------------------------------

    def heard(self, topic: str, payload: bytes) -> None:
        """Handle a unit's message on `call/up`."""
        address = topics.parse(topic)
        try:
            word: Up = message_bounds.decode(payload, up)
            kept = self.room.store.by_number(word.visit)
        except (msgspec.DecodeError, VisitRefusedError) as error:
            log.warning("%s: %s", topic, error)
            return
        with self._lock:
            one = self.room.store.appointment(kept.id)
            if address is None or one is None or (address.site, address.unit) != (kept.site, one.unit):
                log.warning("%s speaks of visit %s, which is not there", topic, word.visit)
                return
            self._take_up(kept, one, word)

    def _take_up(self, kept: Request, one: Appointment, word: Up) -> None:
        match word:
            case Accepted(token=token) if self.inviting.is_token(token, kept, one):
                self.room.calls.accepted(kept.id)
                for whose in sorted({seat.whose for seat in self._seats.of(kept.id)}):
                    self._down(kept, Peer(visit=word.visit, end=whose, here=True))
            case SignedIn(token=token, signed=True) if self.inviting.is_token(token, kept, one):
                self._signed_in(kept, word)
            case Answered():
                self._answered(kept, word)
            case StatusReport():
                self._note_state(kept, word)
            case Kept():
                self.room.recordings.kept(kept.id, word)
                self._fetch(kept)
            case Piece():
                if self.room.recordings.took(kept.id, word):
                    self._fetch(kept)
            case Left():
                self._tell(kept.id, word)

    def _signed_in(self, kept: Request, word: SignedIn) -> None:
        """Note that somebody is there: the one that was invited, or it is as if nobody were."""
        if word.learner != kept.person:
            log.warning("visit %s: somebody else has signed in", word.visit)
            return
        try:
            self.room.calls.signed(kept, "unit", "unit")
        except VisitRefusedError as error:
            log.info("visit %s: %s", word.visit, error)
            return
        self._tell(kept.id, Peer(visit=word.visit, end="unit", here=True))

    def _answered(self, kept: Request, word: Answered) -> None:
        if word.end != "unit":
            for seat in self._seats.of(kept.id, word.end):
                if word.session in seat.sessions:
                    seat.say(ENCODE(word))

    def _note_state(self, kept: Request, word: StatusReport) -> None:
        if not self.room.calls.told(kept, word):
            log.warning("visit %s: its unit speaks of a place that it has no more", word.visit)
            return
        self._last[kept.id] = word, self._clock()
        self._tell(kept.id, word)
        if word.phase == "over":
            self._close(kept.id)

    def _close(self, request: int) -> None:
        self._last.pop(request, None)
        for seat in self._seats.of(request):
            self._seats.leave(seat)
            seat.close(CLOSE_OVER)

    def _fetch(self, kept: Request) -> None:
        """Ask for the next piece, or say that all is here; asked for again by `tick` where no answer comes."""
        wanted = self.room.recordings.wanted(kept.id, kept.case.number)
        if wanted is not None:
            self._next[f"piece {kept.id}"] = self._clock() + PIECE_S
            self._down(kept, wanted)

    # -- words --------------------------------------------------------------------------------------------------------

    def _tell(self, request: int, word: ToStation, officers_only: bool = False, station_only: bool = False) -> None:
        for seat in self._seats.of(request):
            if not (officers_only and seat.whose == "station") and not (station_only and seat.whose == "officer"):
                seat.say(ENCODE(word))

    def _down(self, kept: Request, word: Down) -> None:
        one = self.room.store.appointment(kept.id)
        if one is not None:
            self._send(kept.site, one.unit, word)

    def _send(self, site: str, unit: str, word: Down) -> None:
        self.words.put((topics.topic(site, unit, "call", topics.DOWN), ENCODE(word)))

    def withdraw(self, kept: Request, one: Appointment, reason: str) -> None:
        """Tell the unit that may know of it, and everybody who sits there, that a visit has no place any more."""
        with self._lock:
            self.room.calls.withdraw(kept, one, reason)
            self._tell(kept.id, Withdrawn(visit=kept.case.number, reason=reason))
            self._close(kept.id)
            self._pay()

    def rebook(
        self, who: str, kept: Request, seen: Standing, unit: str, station: str, at: tuple[int, int], reason: str
    ) -> None:
        """Give a visit another time or place: its unit before hears that it will not be there, its unit now is invited
        at the next tick, and everybody who looks at it hears so.

        Raises:
            RefusedError: as `CallBook.rebook`.
        """
        with self._lock:
            self.room.calls.rebook(who, kept, seen, unit, station, at, reason)
            self._tell(kept.id, Withdrawn(visit=kept.case.number, reason="moved"))
            self._close(kept.id)
            self._pay()
            self._next.pop(f"invite {kept.id} {unit}", None)

    def forget(self, site: str, person: str) -> int:
        """Forget a learner: their visits end, and nothing of them is kept. How many there were."""
        with self._lock:
            for kept in self.room.store.of_person(person):
                one = self.room.store.appointment(kept.id)
                if kept.site == site and one is not None and kept.case.state in HERE:
                    self._down(kept, Withdrawn(visit=kept.case.number, reason="taken_back"))
                if kept.site == site:
                    self._close(kept.id)
            return self.room.forget(site, person)

    # -- time ---------------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Return whether somebody waits for a word."""
        return bool(self._seats.visits()) or bool(self.room.recordings.coming())

    def up(self) -> None:
        """Say anew what a unit may have missed: the broker is there (again)."""
        with self._lock:
            self._next.clear()
            for request in self._seats.visits():
                kept = self.room.store.one(request)
                for whose in sorted({seat.whose for seat in self._seats.of(request)}):
                    self._down(kept, Peer(visit=kept.case.number, end=whose, here=True))

    def tick(self) -> None:
        """Do once a second what is due."""
        with self._lock:
            for kept, one, call in self.room.calls.standing():
                every = QUIET_AGAIN_S if call.accepted_ms else AGAIN_S
                if not call.over_ms and self._is_due(f"invite {kept.id} {one.unit}", every):
                    self._send(kept.site, one.unit, self.inviting.invitation(kept, one))
            for kept in self.room.calls.lapse():
                self._tell(kept.id, Withdrawn(visit=kept.case.number, reason=kept.case.reason))
                self._close(kept.id)
            self._pay()
            for seat in self._seats.silent():
                seat.close(CLOSE_OVER)
                self.gone(seat)
            for request, _ in self.room.recordings.coming():
                if self._is_due(f"piece {request}", PIECE_S):
                    self._fetch(self.room.store.one(request))
            if self._is_due("expire", EXPIRE_S):
                self.expire()

    def _pay(self) -> None:
        for kept, unit, reason in self.room.calls.owed():
            self._send(kept.site, unit, Withdrawn(visit=kept.case.number, reason=reason))
            self.room.calls.paid(kept.id)

    def expire(self) -> None:
        """Delete recordings whose days are over; each in the audit."""
        for request, number in self.room.recordings.expire():
            self._audit("", "visit.expired", number, "")
            self.room.store.note(request, "office", "expired")

    def _is_due(self, name: str, every_s: float) -> bool:
        if self._clock() < self._next.get(name, 0.0):
            return False
        self._next[name] = self._clock() + every_s
        return True
