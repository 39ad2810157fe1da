"""Every address of the office against every role, at one's own site and at another one's: a route without a row fails.

A row says what a role needs there, and how the request aims at a site. Aimed at another site it changes nothing, sends
nothing and shows nothing of it.
"""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk_firmware.office.accounts.accounts import ROLES, Can, Role, SignedInUser
from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.lessons.lesson_editor import LessonEditor
from kiosk_firmware.office.lessons.lesson_owners import LessonOwners
from kiosk_firmware.office.web.app import build
from tests.office.pages import WORD, Visitor
from tests.office.routes import filled, routes
from tests.office.visit_pages import Visits, cheap

__all__ = ["cheap"]
OFFER = ["import json; print(json.dumps({'wrong': [], 'id': 'own-new', 'file': '', 'ways': {}}))"]
SPIED = "yi-secret"
"""Stands in all that the other site has written; nobody of the first one reads it."""
LESSON = """[lesson]
id = "{id}"
level = 1
goal = [{{ fact = "card_back" }}]
[texts.zh]
title = "{id}"
task = "x"
[texts.en]
title = "{id}"
task = "x"
"""


class Door(msgspec.Struct, frozen=True):
    """What a role needs (None: nothing but a session; "door": nothing at all), and the form that aims at a site."""

    can: Can | str | None
    form: dict[str, str] = {}
    everywhere: bool = False
    """Only for who sees all sites: it is the whole office's."""


SEE, TEND, SERVE, TEACH, AUTHOR, MANAGE = (Door(can) for can in ("see", "tend", "serve", "teach", "author", "manage"))
LEARNER, VISIT, STATION, FREE, OPEN = Door("learner"), Door("visit"), Door("station"), Door(None), Door("door")
ACT = {"act": "stop", "site": "{site}", "unit": "{unit}"}
KEPT = {"machine": "atm", "id": "{site}-secret"}
DOORS: dict[str, Door] = {
    "GET /": SEE,
    "GET /fleet/part": SEE,
    "GET /fleet.csv": Door("export"),
    "GET /fleet/cards": SEE,
    "GET /sites": SEE,
    "POST /fleet/save": Door("see", {"name": "mine", "query": "site={site}"}),
    "GET /units/{unit}": SEE,
    "GET /units/{unit}/part": SEE,
    "GET /units/{unit}/more": SEE,
    "GET /units/{unit}/glass": SEE,
    "GET /units/{unit}/glass.jpg": SEE,
    "POST /units/{unit}/watch": Door("see", {"first": "1"}),
    "GET /units/{unit}/care": SEE,
    "GET /units/{unit}/care/part": SEE,
    "GET /units/{unit}/series.json": SEE,
    "POST /units/{unit}/command": Door("serve", {"order": "restart", "why": "w"}),
    "GET /units/{unit}/diagnoses/{bundle}": SERVE,
    "POST /units/{unit}/note": Door("tend", {"text": "t"}),
    "GET /units/{unit}/config": SEE,
    "GET /units/{unit}/config/part": SEE,
    "POST /units/{unit}/config": Door("serve", {"toml": "x = 1", "why": "w"}),
    "GET /runs": SEE,
    "GET /runs/part": SEE,
    "GET /events": FREE,
    "GET /alive": OPEN,
    "GET /language/{name}": OPEN,
    "GET /login": OPEN,
    "POST /login": Door("door", {"name": "none", "word": "none"}),
    "GET /enter/{ticket}": OPEN,
    "POST /leave": FREE,
    "GET /help": FREE,
    "GET /help/{path:path}": FREE,
    "GET /board": SEE,
    "GET /board/part": SEE,
    "GET /board/sheet": SEE,
    "GET /board/glasses.json": SEE,
    "GET /board/seats": TEACH,
    "POST /board/seats": Door("teach", {"site": "{site}", "columns": "3", "seats": "{unit}"}),
    "POST /board/watch": Door("see", {"site": "{site}", "first": "1"}),
    "POST /board/do": Door("teach", ACT),
    "POST /board/retake": Door("teach", everywhere=True),
    "GET /people": MANAGE,
    "POST /people/make": Door("manage", {"name": "{site}-viewer", "role": "viewer", "word": WORD, "sites": "{site}"}),
    "POST /people/shut": Door("manage", {"name": "{site}-viewer"}),
    "GET /audit": MANAGE,
    "GET /proposals": SERVE,
    "POST /proposals/decide": Door("serve", {"id": "{proposal}", "yes": "0"}),
    "GET /api": MANAGE,
    "POST /api/make": Door("manage", {"name": "{site}-reader", "sites": "{site}"}),
    "POST /api/shut": Door("manage", {"name": "{site}-secret-reader"}),
    "GET /api/openapi.json": SEE,
    "GET /api/v1/units": SEE,
    "GET /api/v1/sites": SEE,
    "GET /api/v1/alerts": SEE,
    "GET /api/v1/learning": SEE,
    "GET /api/v1/completeness": SEE,
    "GET /proof": MANAGE,
    "POST /proof": MANAGE,
    "GET /settings": MANAGE,
    "GET /learning": SEE,
    "GET /learning.csv": Door("export", {}),
    "GET /learning/{machine}/{lesson}": SEE,
    "POST /learning/xapi.json": Door("export", {"why": "teaching", "site": "{site}"}),
    "GET /learners/{site}/{learner}": LEARNER,
    "POST /learners/{site}/{learner}/erase": Door("manage", {"again": "{learner}", "why": "asked"}),
    "GET /alerts": SEE,
    "GET /alerts/part": SEE,
    "GET /alerts/duty": SEE,
    "GET /alerts/wall": SEE,
    "GET /alerts/wall/part": SEE,
    "POST /alerts/do": Door("tend", {"key": "{alert}", "do": "ack"}),
    "POST /alerts/work": Door("tend", {"scope": "{unit}", "why": "w"}),
    "POST /alerts/work/end": Door("tend", {"id": "{window}"}),
    "GET /updates": SERVE,
    "GET /updates/part": SERVE,
    "POST /updates": Door("serve", {"what": "content 1", "site": "{site}", "why": "w"}),
    "GET /updates/{id}": SERVE,
    "GET /updates/{id}/part": SERVE,
    "POST /updates/{id}/stop": Door("serve", {"why": "w"}),
    "GET /lessons": AUTHOR,
    "GET /lessons/new/{machine}": AUTHOR,
    "GET /lessons/{machine}/{name}.toml": AUTHOR,
    "GET /sheets/{machine}/{lesson}": TEACH,
    "GET /lessons/{machine}/{name}/delivery": AUTHOR,
    "GET /lessons/{machine}/{name}/delivery/part": AUTHOR,
    "POST /lessons/deliver": Door("author", {**KEPT, "site": "{site}"}),
    "POST /lessons/try": Door("author", {"machine": "atm", "do": "keep"}),
    "POST /lessons/send": Door("author", KEPT),
    "POST /lessons/remove": Door("author", KEPT),
    "GET /visits": VISIT,
    "GET /visits/part": VISIT,
    "GET /visits/calendar": VISIT,
    "GET /visits/{number}": VISIT,
    "GET /visits/{number}/move": VISIT,
    "GET /visits/{number}/watch": VISIT,
    "GET /visits/{number}/listen": VISIT,
    "GET /visits/{number}/film/{part}": VISIT,
    "POST /visits/{number}/decide": Door("visit", {"act": "refuse", "seen": "submitted", "reason": "no_kin"}),
    "POST /visits/{number}/reviewed": Door("visit", {"found": ""}),
    "POST /visits/{number}/token": FREE,
    "GET /station": STATION,
    "GET /station/say": Door("station", {"text": "x"}),
    "GET /station/ask": STATION,
    "GET /station/visits/{number}": STATION,
    "GET /station/visits/{number}/sign": STATION,
    "GET /station/visits/{number}/pledge": STATION,
    "GET /station/visits/{number}/talk": STATION,
    "POST /station/ask": Door("station", {"step": "check", "site": "{site}"}),
    "POST /station/visits/{number}/do": Door("station", {"do": "papers"}),
}


@lru_cache(maxsize=1)
def offers() -> dict[str, Any]:
    """What the real process says of a machine; asked once."""
    asked = LessonEditor(Path("no-folder"))
    return {"": asked.offer(), "atm": asked.offer("atm")}


class House(Visits):
    """Two sites, jia and yi, each with all that people there can make."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.lessons = LessonEditor(folder / "lessons.d", (sys.executable, "-c", *OFFER))
        self.lessons._offers = offers()
        self.app = build(self.frame, self.roster, self.lessons, hub=self.hub)
        self.ids = {site: self.furnished(site) for site in ("jia", "yi")}

    def furnished(self, site: str) -> dict[str, str]:
        """Make all that a site can have; the ids that its forms and addresses carry."""
        unit, secret, now = f"{site}-atm-01", f"{site}-secret", utc_ms()
        self.unit(unit, site, place=secret)
        self.people.accounts.make("test", f"{site}-viewer", "viewer", (site,), WORD)
        self.people.accounts.make("test", f"{secret}-tender", "technician", (site,), WORD)
        path = self.lessons.folder / "atm" / f"{secret}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(LESSON.format(id=secret))
        self.frame.renderer.names.lessons[f"atm/{secret}"] = {"zh": secret}
        LessonOwners(self.people.db).keep(SignedInUser(secret, "teacher", frozenset({site})), "atm", secret, now)
        with self.people.db.change() as db:
            windows = "INSERT INTO windows(scope, from_ms, until_ms, who, reason) VALUES(?, 0, ?, ?, ?)"
            window = db.execute(windows, (unit, now + 9_000_000, secret, secret)).lastrowid
            notes = "INSERT INTO notes(unit, at_ms, who, text) VALUES(?, ?, ?, ?)"
            db.execute(notes, (unit, now, secret, secret))
            db.execute("INSERT INTO incidents VALUES(?, ?, 'hot', '', ?, 0)", (site, unit, now))
            rollouts = (
                "INSERT INTO rollouts(at_ms, who, kind, version, sha256, size, plan, why, state)"
                " VALUES(?, ?, 'content', '1', '', 1, '{}', ?, 'running')"
            )
            rollout = db.execute(rollouts, (now, secret, secret)).lastrowid
            db.execute("INSERT INTO rollout_units(rollout, unit, wave) VALUES(?, ?, 0)", (rollout, unit))
        self.people.tokens.make(SignedInUser(secret, "administrator", frozenset({site})), f"{secret}-reader", (site,))
        self.people.proposals.ask(SignedInUser(secret, "technician"), "restart", {}, [unit], 60_000, secret)
        return {
            "site": site,
            "unit": unit,
            "learner": self.learner(site),
            "id": str(rollout),
            "window": str(window),
            "proposal": str(self.people.proposals.open()[-1].id),
            "alert": f"{unit}|hot||{now}",
            "name": secret,
            "number": self.asked_at(site),
        }

    def asked_at(self, site: str) -> str:
        """The number of a visit that a family has asked for at the site's own station."""
        self.unit(f"{site}-visit-02", site, kind="visit")
        self.station = self.come(f"{site}-desk", "station", (site,))
        form = self.form
        self.form = lambda learner: {**form(learner), "site": site}
        number = self.asked(self.learner(site))
        self.form = form
        return number

    @staticmethod
    def learner(site: str) -> str:
        return {"jia": "0123456789abcdef", "yi": "fedcba9876543210"}[site]

    def ask(self, visitor: Visitor, door: str, site: str) -> Any:
        """A request that aims at a site, by its address, its form and its query."""
        method, _, path = door.partition(" ")
        ids = self.ids[site]
        form = {name: _put(value, ids) for name, value in DOORS[door].form.items()}
        address = filled(path, **ids)
        if method == "GET":
            query = form if site == "jia" or "{" in path else {**form, "site": site}
            return visitor.ask("GET", address, params=query)
        return visitor.post(address, **form)

    def stands(self) -> dict[str, Any]:
        """All that people can change, but the books that say who came and what was refused."""
        tables = [row["name"] for row in self.people.db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        own = {"sessions", "audit", "tries", "saved"}
        rows = {name: [tuple(row) for row in self.people.db.rows(f"SELECT * FROM {name}")] for name in {*tables} - own}
        visits = [tuple(row) for row in self.room.store.db.rows("SELECT * FROM requests ORDER BY id")]
        return {**rows, "visits": visits, "kept": self.lessons.kept()}


def _put(value: str, ids: dict[str, str]) -> str:
    return value.format(**ids) if "{" in value else value


@pytest.fixture
def house(tmp_path, cheap):
    made = House(tmp_path)
    yield made
    made.close()


def test_every_route_has_its_row(house):
    assert {f"{method} {path}" for method, path in routes(house.app)} == set(DOORS)


def may(role: Role, door: Door) -> bool:
    return not door.everywhere and (door.can in (None, "door") or SignedInUser("", role).can(door.can))


@pytest.mark.parametrize("role", ROLES)
def test_at_ones_own_site_a_role_opens_its_own_doors_and_no_other(house, role):
    visitor = house.come("jia-somebody", role, ("jia",))
    wrong = []
    for name, door in DOORS.items():
        if name in ("GET /events", "POST /leave", "POST /login"):
            continue
        answer = house.ask(visitor, name, "jia")
        inside = answer.status_code != 403 and answer.headers.get("location") not in ("/visits", "/station")
        if inside != may(role, door):
            wrong.append((name, answer.status_code, answer.text[:80]))
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_aimed_at_another_site_nothing_is_changed_sent_or_shown(house, role):
    visitor = house.come("jia-somebody", role, ("jia",))
    before, wrong = house.stands(), []
    house.requests()
    for name in DOORS:
        if name in ("GET /events", "POST /leave", "POST /login"):
            continue
        answer = house.ask(visitor, name, "yi")
        after, sent = house.stands(), house.requests()
        if sent:
            wrong.append((name, answer.status_code, sent))
        if after != before:
            wrong.append((name, answer.status_code, [key for key in after if after[key] != before[key]]))
            before = after
        if SPIED in answer.text:
            at = answer.text.index(SPIED)
            wrong.append((name, answer.status_code, answer.text[max(0, at - 60) : at + 20]))
    assert not wrong


@pytest.mark.parametrize(("id", "kept"), [("yi-secret", False), ("jia-secret", True), ("own-new", True)])
def test_a_lesson_of_another_site_is_not_written_over(house, id, kept):
    """Two teachers find the same title; the second one hears that it is taken."""
    visitor = house.come("li-teacher", "teacher", ("jia",))
    found = {"wrong": [], "id": id, "file": LESSON.format(id=id) + "# anew", "ways": {}}
    house.lessons._command = (sys.executable, "-c", f"print({json.dumps(json.dumps(found))})")
    said = visitor.post("/lessons/try", machine="atm", do="keep").text
    assert ("换个标题" in said) is not kept
    assert (house.lessons.one("atm", id).file.endswith("# anew")) is kept
    assert LessonOwners(house.people.db).sites("atm", id) == {"jia" if kept else "yi"}


def test_a_lesson_of_nobody_is_everybodys(house):
    person = SignedInUser("li-teacher", "teacher", frozenset({"jia"}))
    owners = LessonOwners(house.people.db)
    assert not owners.may_change(person, "atm", "nobody-knows"), "of nobody: everybody's"
    assert owners.may_see(person, "atm", "nobody-knows")
