"""The lobby's pages as a unit really shows them, with the machines and lessons of the catalogue; measured."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Tapped, Typed
from kiosk_firmware.core.facts import Hand
from kiosk_firmware.core.pages import Body, Key, Page, Row, Text
from kiosk_firmware.core.skills import SKILLS
from kiosk_firmware.unit.coach.held_things import held_pictures
from kiosk_firmware.unit.coach.progress import RunRecord
from kiosk_firmware.unit.lobby.debrief import run_ending
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.lobby.phases import sign_in as cs
from kiosk_firmware.unit.lobby.phases import visit as vs
from kiosk_firmware.unit.lobby.phases.supervisor import Row as Seen
from kiosk_firmware.unit.lobby.phases.supervisor import Staffing
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from kiosk_firmware.unit.lobby.transitions import update
from kiosk_firmware.unit.lobby.view import view
from kiosk_firmware.unit.shell.lesson_offers import offers_of
from screens.parts import task_motions
from screens.pictures import atlas
from screens.stage.skin import lobby as lobby_look
from tests.screens.inspecting import faults

pytestmark = pytest.mark.glass
LOOKED_AT = 400
MOMENT = lb.Replay(Page("Message", "moment", Text("lobby.running")), "zh", "那时按了“取款”。", "")
DEVICES = tuple(
    Seen(device, mark, Text(f"staff.seen.{word}"))
    for device, mark, word in (("card_reader", "ok", "ok"), ("note_acceptor", "bad", "lost"), ("storage", "ok", "ok"))
)


def _fresh() -> lb.Lobby:
    """A unit that offers everything, and nobody is there."""
    fresh, _ = update(lb.Lobby(), lb.OffersListed(offers_of((), (), ())))
    return fresh


def _endings(fresh: lb.Lobby) -> list[lb.Lobby]:
    """How runs end, and what is looked back at: every lesson of every machine."""
    starts: list[lb.Lobby] = []
    for line in machine_loader.describe():
        keys = machine_loader.machine_texts(line.id).keys("zh")
        facts = machine_loader.load(line.id).machine.FACTS
        for lesson in (None, *machine_loader.lessons(line.id)):
            won = {**facts, **({row.fact: row.equal for row in lesson.goal if row.equal is not None} if lesson else {})}
            for outcome, told in (("done", won), ("given_up", facts)):
                over = run_ending(
                    line.id, machine_loader.skins(line.id)[0], lesson, outcome, told, keys, unaided=True, steps=7
                )
                own: Iterator[tuple[str, Hand]] = ((name, "learner") for name in told if told[name] != facts[name])
                pictures, fen = held_pictures(line.holds, told, dict(own))
                over = msgspec.structs.replace(over, held=pictures, held_fen=fen)
                starts.append(update(fresh, lb.RunOver(over))[0])
                starts.append(update(starts[-1], lb.Remembered(MOMENT))[0])
    return starts


def _starts() -> list[lb.Lobby]:
    """Where nothing has to be pressed to get to: first page, the places on the way, trouble, signing in."""
    fresh = _fresh()
    starts = [*_on_the_way(fresh), fresh]
    starts.append(update(fresh, lb.Blocked(("card_reader", "note_acceptor")))[0])
    starts.append(update(fresh, lb.Holding(("card_reader",), ()))[0])
    starts.append(update(fresh, lb.Holding((), ("card_reader",)))[0])
    closed = starts[-3]
    starts.append(msgspec.structs.replace(fresh, phase=lb.Meeting("rail", 6), language="en"))
    starts += [*_coming(fresh), *_visited(fresh)]
    tested, _ = update(closed, Tapped("closed.test", view(closed).step))
    return [*starts, update(tested, lb.Tested(DEVICES))[0]]


def _on_the_way(fresh: lb.Lobby) -> list[lb.Lobby]:
    """The pages of the places whose stops have an order: at the start, in the middle, at the end."""
    found = []
    for spot in machine_loader.PLACES:
        for count in sorted({0, len(spot.stops) // 2, len(spot.stops)}) if spot.stops else ():
            runs = [
                RunRecord(f"1-{n}", machine, "", lesson, "me", "practice", "", "done", n, 0)
                for n, (machine, lesson) in enumerate(spot.stops[:count])
            ]
            found.append(msgspec.structs.replace(fresh, phase=lb.InPlace(spot.id), offers=offers_of((), (), runs)))
    return found


def _coming(fresh: lb.Lobby) -> list[lb.Lobby]:
    """Whoever signs in, with readers for cards: pictures, what suits them, the first touches, after a cut."""
    readers, _ = update(fresh, Staffing(devices=("card_reader", "id_reader")))
    typing = msgspec.structs.replace(readers, phase=lb.SignIn("000932"))
    asked = [update(typing, cs.NumberFound("l-000932", ask))[0] for ask in ("check", "choose", "repeat", "barred")]
    wrong = [update(asked[0], cs.Unlike("check"))[0], update(asked[1], cs.Unlike("choose"))[0]]
    there, _ = update(readers, cs.Recognised("l-000932", fresh=True))
    tried = msgspec.structs.replace(there, phase=cs.Touching(2))
    at_home = msgspec.structs.replace(there, phase=lb.Home())
    stages = zip(SKILLS, ("mastered", "steady", "tried") * 3, strict=True)
    known = msgspec.structs.replace(there, phase=cs.Skilled(), offers=lb.PracticeOffers(skills=tuple(stages)))
    exam = lb.Ending("atm", "rongjiang", "balance", "done", exam="e-1")
    signed = [
        msgspec.structs.replace(at_home, phase=lb.Signing(exam, code, paper))
        for code, paper in (("", False), ("3F9K2-7QX0M", True), ("3F9K2-7QX0M", False))
    ]
    return [known, *signed, readers, *asked, *wrong, there, tried, at_home, update(readers, cs.Interrupted(True))[0]]


def _visited(fresh: lb.Lobby) -> list[lb.Lobby]:
    """A day on which there is a visit here: for nobody yet, and for whoever is at home."""
    days = [vs.Visit("HJ000007", "14:30", 3, mine=mine, due=due) for mine in (False, True) for due in get_args(vs.Due)]
    there = msgspec.structs.replace(fresh, phase=lb.Home(), learner="l-000932")
    return [update(at, vs.Awaited(day))[0] for day in days for at in ((there,) if day.mine else (fresh,))]


@cache
def pages() -> tuple[tuple[Page, str], ...]:
    """Every page that keys lead to, with the machine whose words it needs; of the ends of runs one of each title."""
    waiting = deque(_starts())
    seen: dict[Any, tuple[Page, str]] = {}
    while waiting and len(seen) < LOOKED_AT:
        now = waiting.popleft()
        page = view(now)
        what = (page.kind, page.step, page.title, page.body, page.keys)
        if what in seen:
            continue
        seen[what] = (page, now.machine)
        taps = [Tapped(key.name, page.step, key.value) for key in page.keys if key.name != "task.start"]
        typed = [Typed(page.body.field_key, "000932", page.step)] if page.body.field_key else []
        waiting += [update(now, event)[0] for event in (*taps, *typed)]
    for now in _endings(_fresh()):
        page = view(now)
        said = (line.key for line in (page.title, *page.body.lines))
        seen.setdefault((now.machine, len(page.body.rows), *said), (page, now.machine))
    return tuple(seen.values())


def sample(long: bool) -> list[tuple[Page, str]]:
    """All pages, or, without `--long`, every third of those of which there are very many."""
    many = {"debrief", "task", "lessons", "words"}
    return [found for at, found in enumerate(pages()) if long or at % 3 == 0 or found[0].step not in many]


def _told(machine: str) -> list[Text]:
    """Everything that a debrief may say of what a run of this machine changed."""
    keys = [key for key in machine_loader.machine_texts(machine).keys("zh") if key.startswith("debrief.")]
    args = (("x", 12), ("x_fen", 129_900))
    return [Text(key, args) for key in sorted(keys) if not key.startswith("debrief.next.")]


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
@pytest.mark.parametrize("machine", [line.id for line in machine_loader.describe()])
def test_whatever_a_debrief_says_fits_also_beside_whose_hand_it_was(glass: Any, machine: str, language: str) -> None:
    """Four sentences a page, each with the coach's remark, the first of them as the title."""
    words = machine_loader.machine_texts(machine).joined(lobby_words(machine_loader.names()))
    told, by, home = _told(machine), Text("lobby.debrief.by_coach"), Text("lobby.debrief.home")
    found: list[str] = []
    for at in range(0, len(told), 4):
        rows = tuple(Row(label, by) for label in told[at : at + 4])
        page = Page("Debrief", "debrief", told[at], None, Body((), rows), (Key("debrief.home", "back", home),))
        glass.lay(page, words, language, lobby_look())
        found += faults(glass.stage.notes, None)
    assert told
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
def test_the_page_of_a_run_that_was_ended_early_is_well_laid_out(glass: Any, language: str) -> None:
    """Every learner meets it; among the many ends of runs it need not be the one that is looked at."""
    page = next(page for page, _ in pages() if page.title.key == "lobby.early.title")
    glass.show(page, lobby_words(machine_loader.names()), language, lobby_look())
    assert not faults(glass.stage.notes, glass.picture(f"real-lobby-early-{language}"))


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
def test_lobby_pages_are_well_laid_out(glass: Any, language: str, long: bool) -> None:
    """Each page is measured; a picture, which costs ten times as much, is drawn of the first of each step."""
    own = lobby_words(machine_loader.names())
    found: list[str] = []
    drawn: set[tuple[str, str]] = set()
    assert len(pages()) > 30
    for at, (page, machine) in enumerate(sample(long)):
        words = machine_loader.machine_texts(machine).joined(own) if machine else own
        glass.lay(page, words, language, lobby_look())
        wanted = long or (page.kind, page.step) not in drawn
        drawn.add((page.kind, page.step))
        picture = glass.picture(f"real-lobby-{page.step}-{at}-{language}") if wanted else None
        found += [f"{page.step} {at}: {fault}" for fault in faults(glass.stage.notes, picture)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("stands", ["lying", "upright"])
def test_a_hand_shows_each_machines_task_on_the_pictogram_of_the_lesson(glass: Any, upright: Any, stands: str) -> None:
    """For who cannot read: without words one sees with what the task begins, and which one it is."""
    surface, fresh, acts = glass if stands == "lying" else upright, _fresh(), set()
    for tile in fresh.offers.tiles:
        words = machine_loader.machine_texts(tile.machine).joined(lobby_words(machine_loader.names()))
        for task in tile.tasks[:2]:
            page = view(msgspec.structs.replace(fresh, phase=lb.Before(tile.machine, "", task.id)))
            surface.lay(page, words, "zh", lobby_look())
            moving = surface.stage.motion.shown
            assert moving is not None, (tile.machine, task.id)
            assert any(sprite.name.startswith("hand_") for sprite in moving.motion.sprites)
            assert task.icon == page.body.subject != ""
            drawn = [note.text for note in surface.stage.notes if note.kind == "picture"]
            assert task.icon in drawn or page.body.icon == "act_paper" or not atlas.regions().get(task.icon)
            acts.add(page.body.icon)
    assert acts == set(task_motions.ACTS), "each act is shown for some machine"


@pytest.mark.parametrize("stands", ["lying", "upright"])
@pytest.mark.parametrize("done", [0, 3, 7])
def test_the_first_week_is_a_road_of_numbered_stations(glass: Any, upright: Any, stands: str, done: int) -> None:
    """Each number stands within its station's key; only the next station has one that starts it."""
    surface = glass if stands == "lying" else upright
    page = _week(done)
    surface.lay(page, lobby_words(machine_loader.names()), "zh", lobby_look())
    places = {hot.key.name: hot.rect for hot in surface.stage.hots}
    assert set(places) == {key.name for key in page.keys}
    numbers = {note.text: note.rect.centre for note in surface.stage.notes if note.text in "1234567"}
    assert sorted(numbers) == list("1234567")
    for number, (x, y) in numbers.items():
        own = "stop.next" if int(number) == done + 1 else f"stop.{number}"
        assert places[own].holds(x, y), number
    picture = surface.picture(f"lobby-first-week-{stands}-{done}-zh")
    assert faults(surface.stage.notes, picture, surface.shape) == []


def _week(done: int) -> Page:
    """The page of the first week's way with so many stops done."""
    walked = _walked(done)
    return view(msgspec.structs.replace(walked, phase=lb.InPlace(walked.offers.routes[0].id)))


def _walked(done: int) -> lb.Lobby:
    """A unit on which so many stops of the first week are done."""
    fresh = _fresh()
    route = fresh.offers.routes[0]
    tiles = []
    for tile in fresh.offers.tiles:
        own = {lesson for machine, lesson in route.stops[:done] if machine == tile.machine}
        tasks = tuple(msgspec.structs.replace(one, progress=100) if one.id in own else one for one in tile.tasks)
        tiles.append(msgspec.structs.replace(tile, tasks=tasks))
    offers = msgspec.structs.replace(fresh.offers, tiles=tuple(tiles))
    return msgspec.structs.replace(fresh, offers=offers)


@pytest.mark.parametrize("stands", ["lying", "upright"])
@pytest.mark.parametrize("done", [0, 3, 7])
def test_the_first_page_shows_the_first_week_by_its_numbered_stations(
    glass: Any, upright: Any, stands: str, done: int
) -> None:
    """On the first page itself, before any arrow: what is left has its number, what is done a tick."""
    surface = glass if stands == "lying" else upright
    now = msgspec.structs.replace(_walked(done), phase=lb.Home(), learner="l-000932")
    page, following = view(now), now.offers.next
    assert following is not None
    words = machine_loader.machine_texts(following[0]).joined(lobby_words(machine_loader.names()))
    surface.lay(page, words, "zh", lobby_look())
    place = next(hot.rect for hot in surface.stage.hots if hot.key.name == "tile.first-week")
    numbers = [note.text for note in surface.stage.notes if note.text.isdigit() and place.holds(*note.rect.centre)]
    assert numbers == [str(n) for n in range(done + 1, 8)]
    assert [row.mark for row in page.body.trail].count("ok") == done
    assert faults(surface.stage.notes, surface.picture(f"home-week-{stands}-{done}"), surface.shape) == []
