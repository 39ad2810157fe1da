"""The family's pages at a judicial office: ask for a visit, read the answer, sign in, undertake, meet.

The clerk comes in with the station's account; then there is one step to a page, in large text that can be heard, for
people who may never have used a computer. Names are never asked for: the family has the numbers of the judicial
office's own register, the learner has the centre's. What the clerk saw on the counter is written down as its kind only.
"""

from __future__ import annotations

import io
import logging
import re
import shutil
import subprocess
import wave
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from fastapi import FastAPI, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from kiosk_firmware.core.spoken_text import spoken_form
from kiosk_firmware.office.visit_calls.signalling_hub import CallHub
from kiosk_firmware.office.web.access_control import HEADERS, me, must
from kiosk_firmware.office.web.page_context import PageContext, language_of
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.visit.office.appointments import StoredRequest, Visitor, day_and_minute
from kiosk_firmware.visit.office.rule_advice import answered_by, asked_for, offered_to_family, proven
from kiosk_firmware.visit.office.visits_db import VisitRefusedError

log = logging.getLogger(__name__)
VOICE, VOICES, SAY_S = "espeak-ng", {"zh": "cmn", "en": "en"}, 20
LISTED, ROWS = 100, 4
"""Of a station's visits: how many are listed, how many of them on a page."""
LEARNER = re.compile(r"l-\d{6}|[0-9a-f]{16}")
RELATIVE = re.compile(r"r-\d{6}")
CAMERA = {"Permissions-Policy": HEADERS["Permissions-Policy"].replace("=()", "=(self)", 2)}
"""Camera and microphone, for the page of the visit alone."""
Step = Literal["who", "people", "when", "check", "send"]
NEXT: dict[Step, Step] = {"who": "people", "people": "when", "when": "check", "check": "send"}
BEFORE: tuple[Step, ...] = ("who", "people", "when")
Do = Literal["told", "take_back", "papers", "pledge"]


class AskLimits(msgspec.Struct, frozen=True):
    """A count of what the pages have asked so far; each carries it on."""

    site: str = ""
    learner: str = ""
    comers: tuple[Visitor, ...] = ()
    slot: str = ""

    @property
    def at(self) -> tuple[int, int]:
        """Day and minute of the slot. Raises ValueError: there is none."""
        day, _, minute = self.slot.partition(":")
        return int(day), int(minute)


class StationPages:
    """The handlers."""

    def __init__(self, frame: PageContext, hub: CallHub) -> None:
        self._frame, self._hub, self._room, self._store = frame, hub, hub.room, hub.room.store

    def _page(self, request: Request, template: str, **values: Any) -> HTMLResponse:
        own = {"me": me(request), "learner": self._frame.numbers.shown, "speaks": bool(shutil.which(VOICE))}
        return self._frame.bare(request, template, **own, **values)

    def home(self, request: Request, page: Annotated[int, Query(ge=0, le=99)] = 0) -> HTMLResponse:
        """Return what can be done here, and this station's visits, a few to a page: those first that something will
        become of.
        """
        person = must(request, "station")
        own = self._store.of_station(person.name, LISTED)
        first = page * ROWS
        rows = [(kept, self._store.appointment(kept.id), self._moves(kept)) for kept in own[first : first + ROWS]]
        return self._page(request, "station_home.html", rows=rows, at=page, more=len(own) > first + ROWS)

    def _moves(self, kept: StoredRequest) -> int:
        """Return how often a visit that is still to come was given another time or place."""
        return self._store.moves(kept.id) if kept.case.state in ("approved", "waiting") else 0

    def say(self, request: Request, text: Annotated[str, Query(max_length=300)]) -> Response:
        """Return a part of a page, read aloud by a program on this server: not every browser has a voice
        for Mandarin.
        """
        must(request, "station")
        sound = speak_text(text, language_of(request))
        if not sound:
            raise HTTPException(404)
        return Response(sound, media_type="audio/wav", headers={"Cache-Control": "max-age=3600"})

    # -- asking --------------------------------------------------------------------------------------------------------

    def ask(self, request: Request) -> HTMLResponse:
        """Show the first of the pages on which a visit is asked for."""
        must(request, "station")
        return self._ask(request, "who", AskLimits())

    def _ask(self, request: Request, step: Step, asked: AskLimits, no: str = "") -> HTMLResponse:
        today, _ = day_and_minute(now_ms())
        policy, person = self._room.policy, me(request)
        known = proven(self._store, self._pseudonym(asked.learner))
        page = self._page(
            request,
            "station_ask.html",
            step=step,
            asked=asked,
            no=no,
            policy=policy,
            known=known,
            sites=sorted({*self._frame.views.sites(tuple(person.sites)), *person.sites}),
            slots=offered_to_family(policy, today) if step == "when" else (),
            places=range(policy.people_most),
        )
        page.status_code = 400 if no else 200
        return page

    async def asked(self, request: Request) -> Response:
        """Go one step further, or show the same again with what is wrong."""
        must(request, "station")
        form = {name: str(value).strip() for name, value in (await request.form()).items()}
        asked, step = _read(form, self._room.policy.people_most), form.get("step", "")
        if step not in NEXT:
            raise HTTPException(400, f"step: allowed are {', '.join(NEXT)}")
        back = form.get("back", "")
        if back in BEFORE:
            return self._ask(request, back, asked)
        for page in BEFORE if step == "check" else (step,):
            if no := self._wrong(request, page, asked):
                return self._ask(request, page, asked, no)
        following = NEXT[step]
        return self._send(request, asked) if following == "send" else self._ask(request, following, asked)

    def _wrong(self, request: Request, step: Step, asked: AskLimits) -> str:
        """Return what is wrong with a step, a key of `station.no`; "": nothing."""
        policy = self._room.policy
        if step == "who":
            if not asked.site or not me(request).sees(asked.site):
                return "site"
            return "" if LEARNER.fullmatch(asked.learner) and self._pseudonym(asked.learner) else "learner"
        if step == "people":
            numbers = [one.relative for one in asked.comers]
            if not numbers or len(set(numbers)) != len(numbers):
                return "people"
            if any(not RELATIVE.fullmatch(one.relative) or one.kin not in policy.kin for one in asked.comers):
                return "relative"
            known = proven(self._store, self._pseudonym(asked.learner))
            return "" if all(one.relative in known or one.proof in policy.proofs for one in asked.comers) else "proof"
        return "" if _is_offered(asked, offered_to_family(policy, day_and_minute(now_ms())[0])) else "slot"

    def _send(self, request: Request, asked: AskLimits) -> Response:
        who, person = me(request).name, self._pseudonym(asked.learner)
        known = proven(self._store, person)
        wanted = asked_for(asked.comers, asked.at, day_and_minute(now_ms())[0], known)
        try:
            made = self._store.submit(who, person, asked.site, wanted, who, asked.comers)
        except VisitRefusedError as error:
            return self._ask(request, "check", asked, error.key)
        self._frame.people.note(who, "visit.asked", made.case.number)
        return RedirectResponse(f"/station/visits/{made.case.number}", 303)

    def _pseudonym(self, learner: str) -> str:
        """Return the learner as the office knows them; a centre's number needs the site's key, which this office may
        not have.
        """
        return self._frame.numbers.mark(learner) if learner.startswith("l-") else learner

    # -- the answer, and the day ---------------------------------------------------------------------------------------

    def _own_request(self, request: Request, number: str) -> StoredRequest:
        """Return this station's visit of that number. Raises HTTPException: 404, it is none of theirs."""
        person = must(request, "station")
        try:
            found = self._store.by_number(number)
        except VisitRefusedError as error:
            raise HTTPException(404) from error
        place = self._store.appointment(found.id)
        if person.name not in (found.station, place.station if place else ""):
            raise HTTPException(404)
        return found

    def one(self, request: Request, number: str) -> HTMLResponse:
        """Return how a request stands: the answer with its reason, the slip with its time."""
        return self._one(request, self._own_request(request, number))

    def _one(
        self, request: Request, kept: StoredRequest, no: str = "", template: str = "station_visit.html"
    ) -> HTMLResponse:
        place = self._store.appointment(kept.id)
        months = [count for _, count in self._room.policy.suspend_months]
        page = self._page(
            request,
            template,
            kept=kept,
            place=place,
            call=self._room.calls.call(kept.id),
            no=no,
            comers=self._store.comers(kept.id),
            policy=self._room.policy,
            today=day_and_minute(now_ms())[0],
            may_sign=self._room.calls.may_sign(place) if place else "none",
            months=(min(months), max(months)),
            answer=answered_by(self._room.policy, kept),
            moves=self._moves(kept),
        )
        page.status_code = 409 if no else 200
        return page

    def sign(self, request: Request, number: str) -> Response:
        """Show the page on which the clerk looks at the papers of those who have come."""
        return self._at_sign_in(request, number, "station_papers.html")

    def pledge(self, request: Request, number: str) -> Response:
        """Show the page on which the family reads, or hears, what they undertake."""
        return self._at_sign_in(request, number, "station_pledge.html")

    def _at_sign_in(self, request: Request, number: str, template: str) -> Response:
        kept = self._own_request(request, number)
        place = self._store.appointment(kept.id)
        if place is None or (self._room.calls.may_sign(place) and not self._room.calls.call(kept.id).station_signed_ms):
            return RedirectResponse(f"/station/visits/{number}", 303)
        return self._one(request, kept, template=template)

    def do(self, request: Request, number: str, do: Annotated[Do, Form()]) -> Response:
        """Return what the clerk or the family does with a visit."""
        kept, who = self._own_request(request, number), me(request).name
        self._frame.people.note(who, f"visit.{do}", number)
        place = self._store.appointment(kept.id)
        try:
            if do == "papers":
                self._store.note(kept.id, who, "papers")
                return RedirectResponse(f"/station/visits/{number}/pledge", 303)
            if do == "pledge":
                self._sign(kept, who)
                return RedirectResponse(f"/station/visits/{number}/talk", 303)
            self._store.move(who, kept.id, kept.case.state, "tell" if do == "told" else "take_back")
            if do == "take_back" and place is not None:
                self._hub.withdraw(kept, place, "taken_back")
        except VisitRefusedError as error:
            return self._one(request, self._store.one(kept.id), error.key)
        return RedirectResponse(f"/station/visits/{number}", 303)

    def _sign(self, kept: StoredRequest, who: str) -> None:
        """Sign the family in. Raises RefusedError: too early, too late, or in no state for it."""
        place = self._store.appointment(kept.id)
        no = self._room.calls.may_sign(place) if place else "none"
        if no and not self._room.calls.call(kept.id).station_signed_ms:
            raise VisitRefusedError(f"nobody may sign in: {no}", no)
        self._room.calls.signed(kept, "station", who)

    def talk(self, request: Request, number: str) -> Response:
        """Show the page of the visit: check, wait, talk, end."""
        kept = self._own_request(request, number)
        if not self._room.calls.call(kept.id).station_signed_ms:
            return RedirectResponse(f"/station/visits/{number}", 303)
        page = self._one(request, kept, template="station_talk.html")
        page.headers.update(CAMERA)
        return page

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        for path, page in (
            ("/station", self.home),
            ("/station/say", self.say),
            ("/station/ask", self.ask),
            ("/station/visits/{number}", self.one),
            ("/station/visits/{number}/sign", self.sign),
            ("/station/visits/{number}/pledge", self.pledge),
            ("/station/visits/{number}/talk", self.talk),
        ):
            app.get(path, response_model=None)(page)
        app.post("/station/ask", response_model=None)(self.asked)
        app.post("/station/visits/{number}/do", response_model=None)(self.do)


@lru_cache(maxsize=256)
def speak_text(text: str, language: str) -> bytes:
    """Speak the text as WAV; nothing where there is no voice here."""
    program = shutil.which(VOICE)
    if program is None:
        return b""
    command, words = [program, "-v", VOICES[language], "-s", "145", "--stdin", "--stdout"], spoken_form(text, language)
    try:
        done = subprocess.run(command, input=words.encode(), capture_output=True, timeout=SAY_S, check=True)
        return _set_wav_length(done.stdout)
    except (OSError, subprocess.SubprocessError, wave.Error, EOFError) as error:  # EOFError: it had nothing to say
        log.warning("no voice: %s", error)
        return b""


def _set_wav_length(sound: bytes) -> bytes:
    """Return the same WAV with its true length, which a program that writes into a pipe does not know."""
    out = io.BytesIO()
    with wave.open(io.BytesIO(sound)) as had, wave.open(out, "wb") as put:
        put.setnchannels(had.getnchannels())
        put.setsampwidth(had.getsampwidth())
        put.setframerate(had.getframerate())
        put.writeframes(had.readframes(had.getnframes()))
    return out.getvalue()


def _read(form: dict[str, str], people: int) -> AskLimits:
    """Return what a form carries."""
    comers = tuple(
        Visitor(form[f"relative{n}"].lower(), form.get(f"kin{n}", ""), form.get(f"proof{n}", ""))
        for n in range(people)
        if form.get(f"relative{n}")
    )
    return AskLimits(form.get("site", ""), form.get("learner", "").lower(), comers, form.get("slot", ""))


def _is_offered(asked: AskLimits, slots: tuple[tuple[int, int], ...]) -> bool:
    try:
        return asked.at in slots
    except ValueError:
        return False
