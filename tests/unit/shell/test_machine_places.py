"""Places: one tile for machines that one goes to in one errand, and what is in the pocket goes along between them."""

from __future__ import annotations

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.tools.play import opening_event
from kiosk_firmware.unit.coach.progress import RunRecord
from kiosk_firmware.unit.coach.search import Search, Ways
from kiosk_firmware.unit.shell.learner_session import LearnerSession
from kiosk_firmware.unit.shell.lesson_offers import offers_of
from kiosk_firmware.unit.shell.run_request import load_run, make_run_request

PARTS = ("metro-ticket", "metro-gate", "metro-desk")


def record(machine: str, learner: str) -> RunRecord:
    return RunRecord("1-1", machine, "", "", learner, "practice", "", "done", 0, 0)


@pytest.fixture
def session() -> LearnerSession:
    session = LearnerSession(b"site", 0, lambda: 0)
    session.begin("l-000001")
    return session


def test_what_is_in_the_pocket_goes_along_within_a_place_and_a_turn(session: LearnerSession) -> None:
    persona = Persona("somebody")
    session.ended(record("metro-ticket", session.learner), persona)
    assert [session.carried(part) for part in PARTS] == [persona] * 3
    assert session.carried("atm") is None
    session.ended(record("metro-gate", session.learner), None)  # a machine that raised: nobody knows what they have
    assert session.carried("metro-desk") == persona
    session.begin("l-000002")
    assert session.carried("metro-gate") is None, "another learner has somebody's ticket"


def test_a_run_of_whoever_was_there_before_changes_no_pocket(session: LearnerSession) -> None:
    session.ended(record("metro-ticket", "somebody else"), Persona("somebody else"))
    assert session.carried("metro-gate") is None


def test_free_practice_carries_on_and_lessons_begin_anew() -> None:
    loaded, lesson = load_run("metro-gate", "", "tap-in")
    carried = Persona("somebody")
    assert lesson is not None

    def who(lesson: object, persona: Persona | None) -> Persona:
        return make_run_request(loaded, "metro-gate", lesson, "guest", "guest", "zh", persona).persona  # type: ignore[arg-type]

    assert who(None, carried) == carried
    assert who(None, None) == loaded.personas["free"]
    assert who(lesson, carried) == loaded.personas["metro_card"]
    assert who(msgspec.structs.replace(lesson, carry=True), carried) == carried


def test_one_tile_for_a_place_where_several_of_its_machines_are_offered() -> None:
    offers = offers_of((), (), ())
    assert ("metro", "metro") in offers.places
    assert tuple(tile.machine for tile in offers.parts("metro")) == PARTS
    alone = offers_of(("metro-gate", "atm"), (), ())
    assert alone.places == ()
    assert all(not tile.place for tile in alone.tiles)


def followed(play: Play, ways: Ways, now: Situation) -> Situation:
    """What the coach says, until the goal is reached."""
    now = play.settle(now)
    for _ in range(40):
        search = Search(ways, now)
        while not search.work(1000):
            pass
        if search.first_act is None:
            return now
        now = play.settle(play.act(now, search.first_act))
    raise AssertionError("no end")


def done(machine: str, skin: str, lesson_id: str, persona: Persona | None) -> tuple[Persona, dict[str, object]]:
    """The lesson as the coach does it, by `persona` in place of its own; who is there then, and the facts."""
    loaded, lesson = load_run(machine, skin, lesson_id)
    assert lesson is not None
    play = Play(loaded.machine, loaded.world, lesson.facts())
    started = opening_event(lesson.setting, "zh")
    begun = play.begin(msgspec.structs.replace(started, persona=persona or started.persona))
    now = followed(play, Ways(play, lesson), begun)
    return loaded.world.persona(now.world), dict(play.facts(now))


def test_a_token_from_the_machine_opens_the_gate_and_stays_in_it() -> None:
    """Bought at one machine, let in and out by another; on the way nothing is shared but the token."""
    buyer, _ = done("metro-ticket", "rongjiang", "one-ticket", None)
    token = next(one for one in buyer.passes if one.trip.startswith("ts009@"))
    only = msgspec.structs.replace(buyer, passes=(token,))
    rider, facts = done("metro-gate", "guangchang", "token-out", only)
    assert facts["left"] == "s010"
    assert facts["token_kept"]
    assert rider.passes == ()


def test_what_the_gate_cannot_settle_the_desk_mends_and_the_gate_is_glad() -> None:
    """A token that paid for less: refused at the exit, paid for at the desk, taken by the gate."""
    poor = machine_loader.personas()["metro_short"]
    inside, told = done("metro-gate", "guangchang", "pay-more", poor)
    assert told["told"] == "pay_more"
    assert inside.passes == poor.passes
    mended, facts = done("metro-desk", "guangchang", "pay-more", inside)
    assert facts["mended"] == "pay_more"
    assert mended.passes[0].fen > poor.passes[0].fen
    loaded = machine_loader.load("metro-gate", "guangchang")
    play = Play(loaded.machine, loaded.world)
    now = play.begin(
        msgspec.structs.replace(opening_event(machine_loader.lessons("metro-gate")[0].setting, "zh"), persona=mended)
    )
    for wanted in ("Tapped", "MediaInserted", "GatePassed"):
        acts = play.acts(now, {})
        now = play.settle(play.act(now, next(act for act in acts if type(act).__name__ == wanted)))
    assert loaded.world.persona(now.world).passes == ()
