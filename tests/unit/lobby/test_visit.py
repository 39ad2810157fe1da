"""A visit in the lobby: nobody in without the card, nobody called without the signature, nothing takes the glass away
from a visit that goes on, and from every page there is a way out.
"""

from __future__ import annotations

from collections import deque

import msgspec
import pytest

from kiosk_firmware.core.events import Idled, Tapped
from kiosk_firmware.unit.lobby.phases import lobby as s
from kiosk_firmware.unit.lobby.phases import sign_in as cs
from kiosk_firmware.unit.lobby.phases import visit as vs
from kiosk_firmware.unit.lobby.phases.supervisor import Knocked, Staffing
from kiosk_firmware.unit.lobby.texts import lobby_texts
from kiosk_firmware.unit.lobby.transitions import update
from kiosk_firmware.unit.lobby.view import view
from kiosk_firmware.visit.wire.messages import Ending, Notice, Phase, Shown
from tests.unit.lobby.test_lobby import texts_of

ME, OTHER = "l-000932", "l-000001"
VISIT = vs.Visit("HJ000007", "14:00", 2, due="now")
MINE = msgspec.structs.replace(VISIT, mine=True)
OFFERS = s.PracticeOffers((s.Tile("atm", "atm"),))


def shown(phase: Phase, **more: object) -> Shown:
    return msgspec.structs.replace(Shown(phase, 1_799_001, phase == "talking", True, camera=True, sound=40), **more)


LINES = [
    None,
    shown("waiting", station=False, camera=False, sound=-1),
    shown("ready"),
    shown("talking"),
    shown("cut"),
    *(shown("over", end=end) for end in ("words", "line")),
]
TOLD = [
    vs.Awaited(),
    vs.Awaited(VISIT),
    vs.Awaited(MINE),
    vs.Awaited(msgspec.structs.replace(MINE, due="early")),
    vs.Awaited(msgspec.structs.replace(MINE, due="late")),
    vs.Awaited(msgspec.structs.replace(MINE, begun=True)),
    *map(vs.Seen, LINES),
    Idled(),
    Knocked(),
    cs.TurnOver("key"),
    cs.TurnOver("clock"),
    cs.TurnOver("teacher"),
    cs.Recognised(ME, card=True),
    cs.Recognised(OTHER, card=True),
    cs.Recognised(ME),
    s.Froze(True),
    s.Froze(False),
]
START = s.Lobby(offers=OFFERS, staffing=Staffing(devices=("id_reader",)))


def after(lobby, *events):
    asked = []
    for event in events:
        if isinstance(event, str):
            key = view(lobby).key(event)
            assert key is not None, (event, view(lobby).step, [key.name for key in view(lobby).keys])
            event = Tapped(event, view(lobby).step, key.value)
        lobby, requests = update(lobby, event)
        asked += requests
    return lobby, asked


def presses(lobby):
    page = view(lobby)
    return [
        Tapped(key.name, page.step, key.value)
        for key in page.keys
        if not key.name.startswith(("digit", "tongue", "picture", "touch", "tile", "own"))
    ]


@pytest.fixture(scope="module")
def seen():
    """Every state that the app and keys lead to, with who was there by card and what was asked on the way."""
    found, queue = {START: None}, deque([START])
    while queue:
        now = queue.popleft()
        for event in [*presses(now), *TOLD]:
            then, _ = update(now, event)
            if then not in found:
                found[then] = (now, event)
                queue.append(then)
    assert len(found) < 20_000
    return found


def test_the_way_in_as_a_learner_goes_it():
    lobby, asked = after(START, vs.Awaited(VISIT))
    assert any("visiting.today" in line.key for line in view(lobby).body.lines)
    lobby, asked = after(
        lobby, cs.Recognised(ME, card=True), vs.Awaited(MINE), "visit.start", *["visit.on"] * 4, "visit.sign"
    )
    assert vs.JoinVisit("HJ000007") in asked
    assert asked[-1] == vs.TellVisit("check")
    lobby, asked = after(lobby, vs.Seen(LINES[1]), "visit.yes")
    assert vs.TellVisit("sign") not in asked
    lobby, asked = after(lobby, "visit.yes")
    assert asked == [vs.TellVisit("sign")]
    assert (view(lobby).step, view(lobby).title.key) == ("visit-call", "visiting.title.waiting")
    lobby, _ = after(lobby, vs.Seen(shown("talking")))
    assert (view(lobby).title.key, view(lobby).body.digits) == ("visiting.title.talking", 1800)
    lobby, asked = after(lobby, "visit.end", "visit.stay", "visit.end", "visit.stop")
    assert asked == [vs.TellVisit("end")]
    lobby, _ = after(lobby, vs.Seen(shown("over", end="unit")))
    assert view(lobby).step == "visit-over"
    assert isinstance(after(lobby, "visit.ok")[0].phase, s.Home)


def test_without_the_card_nobody_is_led_in():
    lobby, asked = after(START, vs.Awaited(VISIT), cs.Recognised(ME), vs.Awaited(MINE), "touch.skip")
    assert isinstance(lobby.phase, s.Home)
    lobby, asked = after(lobby, "home.visit", "visit.start")
    assert view(lobby).step == "visit-card"
    lobby, asked = after(lobby, cs.Recognised(OTHER, card=True))
    assert (view(lobby).step, asked) == ("visit-card", [])
    lobby, asked = after(lobby, cs.Recognised(ME, card=True))
    assert asked == [vs.JoinVisit("HJ000007")]


def test_the_card_of_one_who_left_lets_nobody_in():
    lobby, _ = after(
        START,
        cs.Recognised(ME, card=True),
        vs.Awaited(MINE),
        "visit.later",
        cs.TurnOver("key"),
        "out.leave",
        cs.Recognised(ME),
        vs.Awaited(MINE),
        "touch.skip",
    )
    assert isinstance(lobby.phase, s.Home)
    assert not lobby.visiting.carded


def test_nobody_is_joined_without_card_and_none_signed_without_undertaking(seen):
    for lobby in seen:
        for event in [*presses(lobby), *TOLD]:
            then, asked = update(lobby, event)
            if any(isinstance(one, vs.JoinVisit) for one in asked):
                assert then.visiting.carded
                assert then.visiting.visit.mine
                assert then.visiting.visit.due == "now"
            if isinstance(lobby.phase, vs.Pledging | vs.Camera | vs.Sound):
                stays = isinstance(then.phase, vs.Pledging | vs.Camera | vs.Sound | vs.Calling | vs.Parted)
                assert (vs.TellVisit("leave") in asked) != stays, "who turns away is seen by no camera"
            if vs.TellVisit("sign") in asked:
                assert isinstance(lobby.phase, vs.Sound) or then.visiting.visit.begun


def test_nothing_takes_the_glass_from_a_visit_that_goes_on(seen):
    for lobby in seen:
        if not isinstance(lobby.phase, vs.Calling):
            continue
        assert view(lobby).kind == "Video"
        for event in TOLD:
            if not (isinstance(event, vs.Seen) and event.line and event.line.phase == "over"):
                assert isinstance(update(lobby, event)[0].phase, vs.Calling), event


def test_a_stop_of_the_class_keeps_nobody_from_their_visit():
    stopped, _ = after(START, vs.Awaited(VISIT), s.Froze(True))
    assert view(stopped).at == ("id_reader",)
    lobby, _ = after(stopped, cs.Recognised(ME, card=True), vs.Awaited(MINE))
    assert view(lobby).step == "visit-greeted"
    lobby, _ = after(stopped, cs.Recognised(OTHER, card=True), vs.Awaited(VISIT))
    assert view(lobby).step == "frozen"
    lobby, _ = after(START, s.Froze(True))
    assert after(lobby, cs.Recognised(ME, card=True))[0] is lobby
    assert view(lobby).at == ()


def test_a_card_that_came_out_is_taken_before_one_talks_and_one_that_is_stuck_hides_nobody(seen):
    calling = next(lobby for lobby in seen if isinstance(lobby.phase, vs.Calling))
    for holding, step in ((s.Holding(("card_reader",)), "take"), (s.Holding(("card_reader",), ("card_reader",)), None)):
        held, _ = after(calling, holding)
        assert view(held).step == (step or view(calling).step)
        assert view(after(held, s.Holding())[0]).step == view(calling).step


def test_there_is_a_way_out_of_every_page_of_a_visit(seen):
    """By keys, the visit process saying that it is over once it was asked to end."""
    over = vs.Seen(shown("over", end="unit"))
    for start in seen:
        found, queue = {start}, deque([start])
        while queue:
            now = queue.popleft()
            if not isinstance(now.phase, vs.AnyVisitPhase):
                break
            for event in presses(now):
                then, asked = update(now, event)
                if vs.TellVisit("end") in asked and isinstance(then.phase, vs.Calling):
                    then, _ = update(then, over)
                if then not in found:
                    found.add(then)
                    queue.append(then)
        else:
            pytest.fail(f"no way out of {start}")


def test_who_idles_before_the_signature_is_signed_out(seen):
    for lobby in seen:
        if isinstance(lobby.phase, vs.AnyVisitPhase) and not isinstance(lobby.phase, vs.Calling):
            then, _ = update(lobby, Idled())
            assert isinstance(then.phase, s.Attract)
            assert then.learner == ""
            assert not then.visiting.carded


def pages(seen):
    """Every page of a visit, with each notice and each end."""
    talking = next(lobby for lobby in seen if isinstance(lobby.phase, vs.Calling) and not lobby.phase.sure)
    found = [view(lobby) for lobby in seen if isinstance(lobby.phase, vs.AnyVisitPhase)]
    for notice in Notice.__args__:
        line = shown("talking", notice=notice, frozen=notice == "frozen")
        found.append(view(update(talking, vs.Seen(line))[0]))
    found += [view(update(talking, vs.Seen(shown("over", end=end)))[0]) for end in Ending.__args__]
    return [*found, view(update(talking, vs.Seen(shown("cut", running=True)))[0])]


def test_every_text_exists_in_both_languages(seen):
    own = lobby_texts({"atm": ({"zh": "取款机", "en": "ATM"}, {"zh": "练", "en": "x"})})
    for page in pages(seen):
        for text in texts_of(page):
            for language in s.LANGUAGES:
                assert text.key in own.keys(language), text.key
                assert "{" not in own.write(text, language)


def test_pages_of_a_visit_are_private(seen):
    """What stands there may be looked at by nobody else: the office's picture of the glass is covered."""
    steps = {page.step for page in pages(seen) if not page.private}
    assert steps <= {"visit-card"}
