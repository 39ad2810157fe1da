"""The officer's pages of real visits: what is to be decided, the calendar, one visit, watching it and listening to it.

Whatever an officer decides carries the state that they saw: who comes second is told what it is by now. Each act is in
the audit before it is done, and in the visit's own history.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args

import msgspec
from fastapi import FastAPI, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from kiosk_firmware.core.hosts.visit import Refusal, Standing
from kiosk_firmware.office.accounts.accounts import DEMO, SignedInUser
from kiosk_firmware.office.visit_calls.signalling_hub import CallHub
from kiosk_firmware.office.web.access_control import me, must
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.office.web.render import date_of
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.visit.office.appointments import HALF_HOUR_MIN, MOVABLE, Appointment, StoredRequest, day_and_minute
from kiosk_firmware.visit.office.call_records import BREACHES, HERE, Call
from kiosk_firmware.visit.office.policy import MINUTE_MS
from kiosk_firmware.visit.office.rule_advice import concern, contradicted_visitors, offered_to_family, proven
from kiosk_firmware.visit.office.visits_db import VisitRefusedError
from kiosk_firmware.visit.wire.recording_encryption import RecordingPart

REASONS: tuple[str, ...] = get_args(Refusal)
Act = Literal["prove", "refuse", "approve", "move", "cancel"]
WEEK, YEAR = 7, 366
Place = Annotated[str, Form(max_length=32)]
Words = Annotated[str, Form(max_length=300)]
DateForm = Annotated[str, Form(max_length=10)]
DateQuery = Annotated[str, Query(max_length=10)]
MINUTE_MOST = 1440 - HALF_HOUR_MIN
PART = re.compile(r"\d{1,4}")
"""Of a recording: each cut of the power begins one."""


class VisitRow(msgspec.Struct, frozen=True):
    """A visit in a table: the request, its place, its call, why the rules would send it back ("" they would not)."""

    kept: StoredRequest
    place: Appointment | None = None
    call: Call | None = None
    concern: str = ""


class TimelineMark(msgspec.Struct, frozen=True):
    """An act on a recording's line: seconds since the talk began, which act, and where on a line of 1000; `wide`: how
    much of that line the broken line of the visit took.
    """

    seconds: int
    act: str
    at: int
    wide: int = 0


MARKED = ("call.cut", "call.resumed", "call.warn", "call.mute", "call.unmute", "call.end")
"""Acts that stand as marks beside a recording: the line's, and an officer's."""
LINE = 1000
"""How long the line of marks is drawn."""
SPEEDS = ("0.75", "1", "1.25", "1.5", "2")
"""How fast a recording may be played."""


def marks_on_line(acts: Sequence[tuple[int, str]], recorded_s: int) -> list[TimelineMark]:
    """Return acts (seconds since the talk began, which) by their place on a line that is as long as the recording, or
    as the last act where that was later; a broken line lasts until it came back, else to the end.
    """
    end_s = max([recorded_s, 1, *(seconds for seconds, _ in acts)])
    back = [seconds for seconds, act in acts if act == "call.resumed"]
    found = []
    for seconds, act in acts:
        until_s = min((one for one in back if one >= seconds), default=end_s) if act == "call.cut" else seconds
        at = seconds * LINE // end_s
        found.append(TimelineMark(seconds, act, at, until_s * LINE // end_s - at))
    return found


class VisitPages:
    """The handlers."""

    def __init__(self, frame: PageContext, hub: CallHub) -> None:
        self._frame, self._hub, self._room, self._store = frame, hub, hub.room, hub.room.store
        self._opened: tuple[int, tuple[RecordingPart, ...]] = 0, ()

    # -- whose ---------------------------------------------------------------------------------------------------------

    def _site(self, request: Request, site: str) -> tuple[str, list[str]]:
        """Return the site that is looked at, and those that may be: the wanted one, else the person's first."""
        person = must(request, "visit")
        sites = sorted({*self._frame.views.sites(tuple(person.sites)), *person.sites})
        if site and not person.sees(site):
            raise HTTPException(404)
        return site or (sites[0] if sites else ""), sites

    def kept(self, request: Request, number: str) -> StoredRequest:
        """Return the visit of that number, if it is the officer's.

        Raises:
            HTTPException: 404, there is none, or none of theirs; 403, they are no officer.
        """
        person = must(request, "visit")
        try:
            found = self._store.by_number(number)
        except VisitRefusedError as error:
            raise HTTPException(404) from error
        if not person.sees(found.site):
            raise HTTPException(404)
        return found

    # -- tables --------------------------------------------------------------------------------------------------------

    def visits(self, request: Request, site: str = "") -> HTMLResponse:
        """Return what is to be decided, who meets today, what is to be listened to."""
        return self._frame.page(request, "visits.html", "visits", **self._tables(request, site))

    def part(self, request: Request, site: str = "") -> HTMLResponse:
        """Show the tables alone."""
        return self._frame.page(request, "visits_part.html", "visits", **self._tables(request, site))

    def _tables(self, request: Request, site: str) -> dict[str, Any]:
        site, sites = self._site(request, site)
        today, _ = day_and_minute(now_ms())
        queue = [
            VisitRow(one, concern=concern(self._room.policy, self._store, one)[0]) for one in self._store.queue(site)
        ]
        booked = [VisitRow(kept, one, self._room.calls.call(kept.id)) for kept, one in self._store.booked(today, site)]
        last, _ = offered_to_family(self._room.policy, today)[-1]
        return {
            "site": site,
            "sites": sites,
            "queue": queue,
            "booked": booked,
            "unheard": self._room.calls.unheard(site),
            "here_states": HERE,
            "today": today,
            "now": now_ms(),
            "unknown": self._unknown(today, last),
        }

    def _unknown(self, *days: int) -> list[int]:
        """Return the years of these days of which no notice of public holidays is known here, so that weekdays are
        counted.
        """
        workdays = self._room.policy.workdays
        return sorted({date_of(day).year for day in days if not workdays.knows(day)})

    def calendar(
        self, request: Request, site: str = "", day: Annotated[int, Query(ge=0, le=60_000)] = 0
    ) -> HTMLResponse:
        """Show units and stations of the site, half hour by half hour, for a day."""
        site, sites = self._site(request, site)
        day = day or day_and_minute(now_ms())[0]
        booked = self._store.booked(day, site)
        units, stations = self._places(site)
        minutes = sorted({*self._room.policy.minutes_of_day, *(one.minute for _, one in booked)})
        cells = {(place, one.minute): kept for kept, one in booked for place in (one.unit, one.station)}
        return self._frame.page(
            request,
            "calendar.html",
            "visits",
            site=site,
            sites=sites,
            the_day=day,
            week=WEEK,
            minutes=minutes,
            cells=cells,
            units=sorted({*units, *(one.unit for _, one in booked)}),
            stations=sorted({*stations, *(one.station for _, one in booked)}),
            workdays=self._room.policy.workdays,
            unknown=self._unknown(day),
        )

    def _places(self, site: str) -> tuple[list[str], list[str]]:
        """Visit units of the site, and stations that may ask for visits there."""
        units = [row.unit for row in self._frame.views.units(now_ms(), site=site) if row.kind == "visit"]
        accounts = self._frame.people.accounts
        stations = [one.name for one, off in accounts.all() if one.role == "station" and not off and one.sees(site)]
        return units, [*stations, *([DEMO] if accounts.ticket else [])]

    # -- one -----------------------------------------------------------------------------------------------------------

    def one(self, request: Request, number: str) -> HTMLResponse:
        """Show one request: who, kinship, month, conflicts; what can be decided; what was done."""
        return self._one(request, self.kept(request, number))

    def _one(self, request: Request, kept: StoredRequest, no: VisitRefusedError | None = None) -> HTMLResponse:
        reason, next_day = concern(self._room.policy, self._store, kept)
        units, stations = self._places(kept.site)
        asked = kept.case.request
        page = self._frame.page(
            request,
            "visit.html",
            "visits",
            kept=kept,
            comers=self._store.comers(kept.id),
            proven=proven(self._store, kept.person),
            contradicted=contradicted_visitors(self._store, kept),
            concern=reason,
            free_day=next_day,
            units=units,
            stations=stations,
            taken=self._occupied_ends(kept, asked.day, asked.minute),
            reasons=REASONS,
            unknown=self._unknown(asked.asked, asked.day),
            is_off=asked.day in self._off,
            place=self._store.appointment(kept.id),
            call=self._room.calls.call(kept.id),
            review=self._room.calls.review(kept.id),
            recording=self._room.recordings.one(kept.id),
            movable=MOVABLE,
            history=self._store.history(kept.id),
            here_states=HERE,
            halves=range(0, 1440, HALF_HOUR_MIN),
            no=no,
        )
        page.status_code = 409 if no else 200
        return page

    @property
    def _off(self) -> frozenset[int]:
        return self._room.policy.workdays.off

    def _occupied_ends(self, kept: StoredRequest, day: int, minute: int) -> set[str]:
        """Return the units and stations that another visit has then."""
        return {
            place
            for one in self._store.calendar(day, day)
            if one.minute == minute and one.request != kept.id
            for place in (one.unit, one.station)
        }

    def moving(
        self,
        request: Request,
        number: str,
        day: DateQuery = "",
        minute: Annotated[int, Query(ge=0, le=MINUTE_MOST)] = -1,
    ) -> Response:
        """Return where an approved visit can be moved to; another day or time is looked at before it is decided."""
        kept = self.kept(request, number)
        at = _day_of(day) if day else -1, minute
        return self._moving_page(request, kept, at)

    def _moving_page(
        self, request: Request, kept: StoredRequest, at: tuple[int, int], no: VisitRefusedError | None = None
    ) -> Response:
        place = self._store.appointment(kept.id)
        if place is None or kept.case.state not in MOVABLE:
            return self._one(request, kept, no) if no else RedirectResponse(f"/visits/{kept.case.number}", 303)
        day, minute = at[0] if at[0] >= 0 else place.day, at[1] if at[1] >= 0 else place.minute
        units, stations = self._places(kept.site)
        page = self._frame.page(
            request,
            "visit_move.html",
            "visits",
            kept=kept,
            place=place,
            at=(day, minute),
            units=units,
            stations=stations,
            taken=self._occupied_ends(kept, day, minute),
            halves=range(0, 1440, HALF_HOUR_MIN),
            is_off=day in self._off,
            unknown=self._unknown(day),
            no=no,
        )
        page.status_code = 409 if no else 200
        return page

    def decide(
        self,
        request: Request,
        number: str,
        act: Annotated[Act, Form()],
        seen: Annotated[Standing, Form()],
        reason: Words = "",
        unit: Place = "",
        station: Place = "",
        day: DateForm = "",
        minute: Annotated[int, Form(ge=0, le=MINUTE_MOST)] = 0,
    ) -> Response:
        """Return what the officer decides."""
        kept, person, reason = self.kept(request, number), me(request), reason.strip()
        at = (_day_of(day), minute) if act in ("approve", "move") else (0, 0)
        self._frame.people.note(person.name, f"visit.{act}", number, f"{unit} {station} {reason}".strip())
        try:
            match act:
                case "prove":
                    self._check_standing(person, kept, seen)
                case "refuse":
                    self._refuse(person, kept, seen, reason)
                case "approve":
                    self._approve(person, kept, unit, station, at, reason)
                case "move":
                    self._move(person, kept, seen, unit, station, at, reason)
                case "cancel":
                    self._cancel(person, kept, seen, reason)
        except VisitRefusedError as error:
            kept = self._store.one(kept.id)
            return self._moving_page(request, kept, at, error) if act == "move" else self._one(request, kept, error)
        return RedirectResponse(f"/visits/{number}", 303)

    def _take_up_request(self, person: SignedInUser, kept: StoredRequest, seen: Standing) -> Standing:
        """Take up a request that was handed in, when somebody looks at it."""
        return self._store.move(person.name, kept.id, seen, "receive").case.state if seen == "submitted" else seen

    def _check_standing(self, person: SignedInUser, kept: StoredRequest, seen: Standing) -> None:
        self._store.move(person.name, kept.id, self._take_up_request(person, kept, seen), "prove")

    def _refuse(self, person: SignedInUser, kept: StoredRequest, seen: Standing, reason: str) -> None:
        if reason not in REASONS:
            raise HTTPException(400, f"reason: allowed are {', '.join(REASONS)}")
        said, free = concern(self._room.policy, self._store, kept)
        seen = self._take_up_request(person, kept, seen)
        self._store.move(person.name, kept.id, seen, "refuse", reason, free if said == reason else 0)

    def _approve(
        self, person: SignedInUser, kept: StoredRequest, unit: str, station: str, at: tuple[int, int], reason: str
    ) -> None:
        """Approve a visit, against the rules only with words: a further visit needs the warden's leave."""
        self._may_be(kept, unit, station, at)
        moved = msgspec.structs.replace(kept.case.request, day=at[0], minute=at[1])
        case = msgspec.structs.replace(kept.case, request=moved)
        against, _ = concern(self._room.policy, self._store, msgspec.structs.replace(kept, case=case))
        if against and not reason:
            raise VisitRefusedError(f"the rules say {against}: it needs words why", "why")
        if at[0] in self._off and not reason:
            raise VisitRefusedError(f"{date_of(at[0])} is a public holiday: it needs words why", "holiday")
        self._store.approve(person.name, kept.id, unit, station, at, reason)

    def _move(
        self,
        person: SignedInUser,
        kept: StoredRequest,
        seen: Standing,
        unit: str,
        station: str,
        at: tuple[int, int],
        reason: str,
    ) -> None:
        """Move a visit to another place or time; the family and the person who planned with it are owed the words."""
        self._may_be(kept, unit, station, at)
        if not reason:
            raise VisitRefusedError("it needs words why", "why")
        self._hub.rebook(person.name, kept, seen, unit, station, at, reason)

    def _may_be(self, kept: StoredRequest, unit: str, station: str, at: tuple[int, int]) -> None:
        """Check place and time. Raises RefusedError: not one of the site's places, or not a time that somebody can
        still come to.
        """
        units, stations = self._places(kept.site)
        if unit not in units or station not in stations:
            raise VisitRefusedError(f"unit = {unit!r}, station = {station!r}: none of this site's", "place")
        begins_ms = Appointment(kept.id, unit, station, *at).begins_ms
        late = now_ms() > begins_ms + self._room.policy.late_min * MINUTE_MS
        if late or at[0] > day_and_minute(now_ms())[0] + YEAR:
            raise VisitRefusedError(f"{at}: allowed is from now until a year on", "time")

    def _cancel(self, person: SignedInUser, kept: StoredRequest, seen: Standing, reason: str) -> None:
        if not reason:
            raise VisitRefusedError("it needs words why", "why")
        one = self._store.appointment(kept.id)
        self._store.move(person.name, kept.id, seen, "take_back", reason)
        if one is not None:
            self._hub.withdraw(kept, one, "taken_back")

    # -- watching and listening ----------------------------------------------------------------------------------------

    def watch(self, request: Request, number: str) -> Response:
        """See and hear both sides, while the visit goes on."""
        kept = self.kept(request, number)
        if kept.case.state not in HERE:
            return RedirectResponse(f"/visits/{number}", 303)
        self._frame.people.note(me(request).name, "visit.watched", number)
        return self._frame.page(
            request, "visit_watch.html", "visits", kept=kept, place=self._store.appointment(kept.id), breaches=BREACHES
        )

    def listen(self, request: Request, number: str) -> HTMLResponse:
        """Listen to it afterwards."""
        kept = self.kept(request, number)
        found = self._room.recordings.one(kept.id)
        parts, no, recorded_s = 0, None, found.seconds if found is not None else 0
        marks = self._marks(kept, recorded_s)
        if found is not None and found.state == "whole":
            try:
                parts = len(self._films(kept))
            except VisitRefusedError as error:
                no = error
        return self._frame.page(
            request,
            "visit_listen.html",
            "visits",
            kept=kept,
            recording=found,
            parts=parts,
            marks=marks,
            length=max([recorded_s, *(one.seconds for one in marks)]),
            speeds=SPEEDS,
            no=no,
            review=self._room.calls.review(kept.id),
            breaches=BREACHES,
        )

    def _marks(self, kept: StoredRequest, recorded_s: int) -> list[TimelineMark]:
        """Return what happened while they talked, by its place in a recording of that length."""
        call = self._room.calls.call(kept.id)
        if not call.begun_ms:
            return []
        acts = (row for row in self._room.store.history(kept.id) if row["move"] in MARKED)
        return marks_on_line(
            [((row["at_ms"] - call.begun_ms) // 1000, row["move"]) for row in acts if row["at_ms"] >= call.begun_ms],
            recorded_s,
        )

    def film(self, request: Request, number: str, part: str) -> Response:
        """Return a part of the recording, by its place in it, opened in memory; that somebody began to listen is in the
        audit.
        """
        kept = self.kept(request, number)
        asked = request.headers.get("range", "")
        if not PART.fullmatch(part):
            raise HTTPException(404, "part: allowed are 0 to 9999")
        try:
            film = self._films(kept)[int(part)].data
        except (VisitRefusedError, IndexError) as error:
            raise HTTPException(404) from error
        if asked in ("", "bytes=0-"):
            self._frame.people.note(me(request).name, "visit.listened", number, part)
        return range_response(asked, film)

    def _films(self, kept: StoredRequest) -> tuple[RecordingPart, ...]:
        """Return the parts of a recording, the last one that was asked for kept in memory: a browser asks for pieces of
        it.
        """
        found = self._room.recordings.one(kept.id)
        if found is None or found.state != "whole" or found.until_ms <= now_ms():
            self._opened = (0, ())
        if self._opened[0] != kept.id:
            self._opened = kept.id, self._room.recordings.parts(kept.id, kept.case.number)
        return self._opened[1]

    def reviewed(self, request: Request, number: str, found: Annotated[str, Form()] = "") -> Response:
        """Note that it was listened to."""
        kept = self.kept(request, number)
        if found and found not in BREACHES:
            raise HTTPException(400, f"found: allowed are {', '.join(BREACHES)} or nothing")
        self._frame.people.note(me(request).name, "visit.reviewed", number, found)
        try:
            self._room.calls.reviewed(me(request).name, kept, found)
        except VisitRefusedError as error:
            return self._one(request, kept, error)
        return RedirectResponse("/visits", 303)

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        for path, page in (
            ("/visits", self.visits),
            ("/visits/part", self.part),
            ("/visits/calendar", self.calendar),
            ("/visits/{number}", self.one),
            ("/visits/{number}/move", self.moving),
            ("/visits/{number}/watch", self.watch),
            ("/visits/{number}/listen", self.listen),
            ("/visits/{number}/film/{part}", self.film),
        ):
            app.get(path, response_model=None)(page)
        app.post("/visits/{number}/decide", response_model=None)(self.decide)
        app.post("/visits/{number}/reviewed", response_model=None)(self.reviewed)


def _day_of(date: str) -> int:
    """Return the day since 1970 of a date as a browser sends it.

    Raises:
        HTTPException: 400, it is none.
    """
    try:
        return (datetime.date.fromisoformat(date) - datetime.date(1970, 1, 1)).days
    except ValueError as error:
        raise HTTPException(400, "day: allowed is as in 2026-12-01") from error


def range_response(asked: str, film: bytes) -> Response:
    """Return a film, or the part of it that a browser asks for when somebody moves the hand of its clock."""
    head = {"Accept-Ranges": "bytes"}
    found = re.fullmatch(r"bytes=(\d{1,15})-(\d{0,15})", asked)
    if not found:
        return Response(film, media_type="video/webm", headers=head)
    first = int(found[1])
    last = min(int(found[2] or len(film)), len(film) - 1)
    if first > last:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(film)}"})
    head["Content-Range"] = f"bytes {first}-{last}/{len(film)}"
    return Response(film[first : last + 1], 206, head, "video/webm")
