"""The metro's gate as the workshop wires it, against twins: a card is held to the reader and written, the barrier
opens, somebody walks through the beams; the office has the row. And what happens at gates besides: a card that is
pulled away, somebody close behind, nobody at all, a fire release.

Judged by what is on the card's own blocks, what the gate's twin counts, and the facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hardware.protocols import stored_value_card
from kiosk_firmware.catalogue import machine_loader
from tests.stories.rig import House
from tests.stories.test_office_row import Chain
from tests.stories.unit_file import METRO_TAG
from tests.wire.rig import query, wait

pytestmark = [pytest.mark.glass, pytest.mark.broker]
START_FEN, FARE_FEN = 2340, 450
UID = bytes.fromhex(METRO_TAG)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    made = Chain(tmp_path_factory.mktemp("chain"), gate=True)
    try:
        made.house.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def house(chain: Chain) -> House:
    """The unit, with a fresh card in the person's hand."""
    chain.house.twins.must("remove_tag")
    chain.house.twins.must("encode_tag", uid=METRO_TAG, fen=START_FEN, trip="c")
    return chain.house


def record(house: House) -> tuple[int, str]:
    """What the card itself says."""
    blocks = bytes.fromhex(house.twins.state()["card_reader"]["memories"][METRO_TAG])
    found = stored_value_card.read_purse(UID, blocks[64:80], blocks[80:96])
    assert found is not None
    return found.fen, found.trip


def gate(house: House) -> dict[str, Any]:
    found: dict[str, Any] = house.twins.state()["gate"]
    return found


def tap(house: House) -> None:
    """Hold the card to the reader, as long as it takes to be read, and take it away again."""
    taps = house.twins.state()["card_reader"]["counters"]["taps"]
    house.twins.must("tap_tag", uid=METRO_TAG)
    assert house.twins.state()["card_reader"]["counters"]["taps"] == taps + 1


def sign(house: House, step: str) -> str:
    """The sign of the page, when it stands."""
    return str(house.wait_step(step)["body"]["icon"])


def walk(house: House, way: str, act: str = "walk") -> None:
    wait(lambda: house.twins.do(act, way=way)["ok"], "the barrier to let somebody through")


def enter(house: House, lesson: str) -> None:
    house.begin(lesson, machine="metro-gate")
    assert sign(house, "home") == "arrow"
    tap(house)
    assert sign(house, "passing") == "arrow"
    house.twins.must("remove_tag")


def ended(house: House) -> dict[str, Any]:
    """Nobody was closed upon; the run's last fact."""
    if house.wait_step("done", "ride", "told", "home", "side", "debrief")["step"].split("#")[0] == "ride":
        house.tap("ride.stay")
    elif house.step() == "done":
        house.tap_away("told.ok", "done")
    found = house.end()
    assert gate(house)["counters"]["closed_on"] == 0
    return found


def test_in_by_the_beams_out_by_the_beams_and_a_row_at_the_office(chain: Chain, house: House) -> None:
    before = gate(house)["counters"]["passed"]
    house.twins.must("encode_tag", uid=METRO_TAG, fen=50, trip="c>s047@25r9c")  # whatever was done with it before
    enter(house, "tap-out")
    fen, trip = record(house)
    assert (fen, trip.partition("@")[0]) == (START_FEN, "c>s009"), "the card is not the lesson's, or was not written"
    walk(house, "entry")
    house.tap("line.1")
    house.turn_pages("page.down", "station.s018")
    house.tap("station.s018")
    assert sign(house, "side") == "arrow"
    tap(house)
    page = house.wait_step("passing")
    assert [dict(row["value"]["args"])["x_fen"] for row in page["body"]["rows"]] == [FARE_FEN, START_FEN - FARE_FEN]
    house.twins.must("remove_tag")
    walk(house, "exit")
    done = ended(house)
    assert (done["outcome"], done["facts"]["left"], done["facts"]["card_back"]) == ("done", "s018", True)
    assert record(house) == (START_FEN - FARE_FEN, "c")
    assert gate(house)["counters"]["passed"] == before + 2
    assert METRO_TAG not in house.told(), "the tag's own number left the unit"
    chain.start("office")
    chain.start("agent")
    chain.wait_all()
    row = query(chain.books, "SELECT machine, skin, lesson, outcome FROM runs WHERE run = ?", done["run"])
    assert row == [("metro-gate", machine_loader.skins("metro-gate")[0], "tap-out", "done")]


@pytest.mark.long
def test_nobody_walks_and_the_barrier_closes(house: House) -> None:
    enter(house, "not-passed")
    house.wait_step("told")
    wait(lambda: gate(house)["mode"] == "locked", "the barrier to close")
    done = ended(house)
    assert (done["outcome"], done["facts"]["told"]) == ("done", "not_passed")
    assert record(house)[1].startswith("c>s009@"), "an entry is undone by nobody but the desk"


def test_a_card_pulled_away_is_held_there_again_and_charged_once(house: House) -> None:
    house.begin("tap-in", machine="metro-gate")
    house.wait_step("home")
    house.twins.must("tap_tag", uid=METRO_TAG)
    house.twins.must("remove_tag")  # in the middle of it, or just after
    house.wait_step("home", "writing", "passing")
    while house.step() in ("home", "writing"):
        house.twins.must("tap_tag", uid=METRO_TAG)
        house.wait_step("writing", "passing")
    assert record(house)[0] == START_FEN
    walk(house, "entry")
    done = ended(house)
    assert (done["outcome"], done["facts"]["entered"]) == ("done", "s009")


@pytest.mark.long
def test_somebody_close_behind_is_seen_and_told(house: House) -> None:
    enter(house, "tap-in")
    walk(house, "entry", "follow")
    assert ended(house)["outcome"] == "done"
    assert house.twins.state()["gate"]["beams"] == []


@pytest.mark.long
def test_a_fire_release_lets_everybody_out_and_no_card_is_charged(house: House) -> None:
    house.begin("", machine="metro-gate")
    house.wait_step("home")
    house.twins.must("fire", on=True)
    wait(lambda: house.wait_step("home")["title"]["key"] == "fire.title", "the page that says it")
    tap(house)
    walk(house, "exit")
    house.twins.must("fire", on=False)
    wait(lambda: house.wait_step("home")["title"]["key"] != "fire.title", "the release to be over")
    assert record(house) == (START_FEN, "c")
    assert ended(house)["facts"]["alarm"] == "fire"
