"""A real visit at the screen process: who may come in and when, what outlives a screen, a visit process, a power cut.

The visit process is the test: it listens at the socket that the screen goes to, and speaks the messages of `calls`.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from kiosk_firmware.core.events import Tapped
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.runtime.command_reader import CommandRow
from kiosk_firmware.unit.runtime.run_facts import pseudonym
from kiosk_firmware.visit.wire import paths
from kiosk_firmware.visit.wire.json_lines_socket import JsonLinesConnection, Listener
from kiosk_firmware.visit.wire.messages import ENCODE, CallRules, Invited, Said, Shown
from tests.unit.shell.rig import House
from tests.wire.rig import query

ME, OTHER = "000932", "000001"
EARLY_MIN = 20
VISIT = "HJ000007"
RULES = CallRules(seconds=1800, late_s=900, early_s=EARLY_MIN * 60)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: a socket's may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="visit-") as made:
        yield Path(made)


@pytest.fixture
def house(folder: Path) -> House:
    return House(folder, minutes=30)


class VisitProcess:
    """The other end of the socket."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._listener = Listener(house.folder / "calls" / paths.SCREEN)
        self._listener.fresh()
        self._line: JsonLinesConnection | None = None
        self.said: list[str] = []

    def turn(self) -> None:
        """Let the screen act, hear what it said."""
        self._house.wait(200, 100)
        self._line = self._listener.fresh() or self._line
        if self._line is not None:
            self.said += [msgspec.json.decode(line, type=Said).do for line in self._line.turn()]

    def heard(self) -> list[str]:
        """What was said, without letting the screen act."""
        assert self._line is not None
        self.said += [msgspec.json.decode(line, type=Said).do for line in self._line.turn()]
        return self.said

    def shows(self, phase: str, left_ms: int = 1_800_000, **more: object) -> None:
        self.turn()
        assert self._line is not None, "the screen is not there"
        shown = Shown(phase, left_ms, phase == "talking", True, camera=True, sound=40, visit=VISIT)
        self._line.say(ENCODE(msgspec.structs.replace(shown, **more)))
        self._line.turn()
        self._house.wait(100, 100)

    def die(self) -> None:
        self._listener.close()
        if self._line is not None:
            self._line.close()
        self._line = None


def invite(house: House, in_min: float = 10, learner: str = ME, visit: str = VISIT, **more: object) -> Invited:
    """The agent lays an invitation down."""
    begins = house.clock.utc_ms() + round(in_min * 60_000)
    one = Invited(
        visit=visit,
        begins_ms=begins,
        learner=pseudonym(b"site", f"l-{learner}"),
        language="zh",
        people=2,
        rules=RULES,
        ice=(),
        seal="PEM",
        token="t",
    )
    one = msgspec.structs.replace(one, **more)
    write_whole(house.folder / "calls" / f"{visit}.json", ENCODE(one))
    house.wait(1500)
    return one


def wanted(house: House) -> str:
    """For which visit the visit process is wanted; the visit process takes the file away as it starts."""
    path = house.folder / "calls" / paths.START
    found = path.read_text() if path.exists() else ""
    path.unlink(missing_ok=True)
    return found


def signed_in(house: House) -> VisitProcess:
    """Through card and undertaking up to the waiting room."""
    house.card(ME)
    house.tap("visit.start")
    assert wanted(house) == VISIT
    visit_process = VisitProcess(house)
    for key in ("visit.on", "visit.on", "visit.on", "visit.on", "visit.sign"):
        house.tap(key)
    visit_process.shows("waiting")
    house.tap("visit.yes")
    house.tap("visit.yes")
    visit_process.turn()
    return visit_process


def stands(house: House) -> str:
    """How it stands by the page of the call, in its title's word."""
    assert house.step == "visit-call"
    return str(house.page.title.key.removeprefix("visiting.title."))


def changes(house: House) -> list[tuple[str, str]]:
    house.journal.commit_now()
    rows = query(house.folder / "screen.db", "SELECT data FROM facts WHERE type = 'visit.changed' ORDER BY seq")
    return [(data["phase"], data["end"]) for data in (json.loads(row[0]) for row in rows)]


def test_a_visit_from_the_first_page_to_its_end(house):
    invite(house)
    assert any(line.key == "visiting.today.now" for line in house.page.body.lines)
    visit_process = signed_in(house)
    assert visit_process.said == ["check", "sign"]
    assert stands(house) == "waiting"
    visit_process.shows("ready")
    visit_process.shows("talking", 1_799_500)
    assert (stands(house), house.page.body.digits) == ("talking", 1800)
    visit_process.shows("talking", 300_000, notice="five_left")
    assert any("要紧的话" in said for said in house.voice.said)
    house.tap("visit.end")
    house.tap("visit.stop")
    visit_process.turn()
    assert visit_process.said[-1] == "end"
    visit_process.shows("over", 299_000, end="unit")
    assert house.step == "visit-over"
    house.tap("visit.ok")
    assert house.step == "home"
    assert house.page.key("home.visit") is None, "what is over is not announced"
    assert changes(house) == [("waiting", ""), ("ready", ""), ("talking", ""), ("over", "unit")]


def test_the_office_hears_the_state_and_nothing_else(house):
    visit_process = (invite(house), signed_in(house))[1]
    visit_process.shows("talking")
    visit_process.shows("over", end="time")
    house.journal.commit_now()
    rows = query(house.folder / "screen.db", "SELECT type, data FROM facts")
    told = " ".join(f"{kind} {data}" for kind, data in rows)
    for word in (VISIT, "token", "people", "PEM"):
        assert word not in told


@pytest.mark.parametrize(
    ("in_min", "step"),
    [
        (EARLY_MIN + 5, "home"),
        (EARLY_MIN - 1, "visit-greeted"),
        (-14, "visit-greeted"),
        (-16, "home"),
    ],
)
def test_one_may_come_in_from_the_set_time_before_until_it_has_lapsed(house, in_min, step):
    invite(house, in_min)
    house.card(ME)
    assert house.step == step
    if step == "home":
        house.tap("home.visit")
        assert house.step == ("visit-late" if in_min < 0 else "visit-early")
        assert wanted(house) == ""


def test_whose_visit_it_is_not_is_at_home(house):
    invite(house)
    house.card(OTHER)
    assert house.step == "home"
    assert house.page.key("home.visit") is None


def test_it_is_told_when_it_is_time_to_whoever_waits_at_home(house):
    invite(house, EARLY_MIN + 1)
    house.card(ME)
    assert house.step == "home"
    house.wait(61_000, 5_000)
    assert house.step == "visit-greeted"


def test_no_clock_and_nobody_idle_ends_a_visit(house):
    invite(house)
    visit_process = signed_in(house)
    for minute in range(40):
        visit_process.shows("talking", 1_800_000 - minute * 45_000)
        house.wait(60_000, 5_000)
    assert stands(house) == "talking"
    assert house.unit.lobby.learner == f"l-{ME}"


def test_the_strips_way_out_asks_first_and_the_teachers_word_ends_it(house):
    invite(house)
    visit_process = signed_in(house)
    visit_process.shows("talking")
    house.unit.on_strip("end")
    assert house.step == "visit-end-sure"
    house.tap("visit.stay")
    house.unit.on_strip("teacher")
    house.unit.execute_command(CommandRow("c-1", "turn.end", {}))
    house.wait(500)
    visit_process.turn()
    assert visit_process.said[-2:] == ["teacher", "end"]


def test_who_turns_away_before_the_signature_is_seen_by_no_camera(house):
    invite(house)
    house.card(ME)
    house.tap("visit.start")
    visit_process = VisitProcess(house)
    visit_process.turn()
    house.tap("visit.unsigned")
    visit_process.turn()
    assert visit_process.said == ["leave"]
    visit_process.die()
    house.tap("visit.start")
    house.wait(4_000)
    assert wanted(house) == VISIT, "and may come again"


def test_a_roof_that_dies_is_wanted_again_and_told_what_stands(house):
    invite(house)
    visit_process = signed_in(house)
    visit_process.shows("talking")
    visit_process.die()
    house.wait(200, 100)
    assert stands(house) == "away"
    house.wait(4_000)
    assert wanted(house) == VISIT
    after = VisitProcess(house)
    after.shows("cut")
    assert after.said == ["sign"]
    assert stands(house) == "cut"
    after.shows("talking")
    assert stands(house) == "talking"


def test_a_screen_that_begins_anew_goes_on_with_the_card_and_without_a_second_signature(house):
    invite(house, -5)
    visit_process = signed_in(house)
    visit_process.shows("talking")
    house.start()
    house.wait(1_500)
    assert house.step == "attract"
    house.card(ME)
    visit_process.turn()
    visit_process.shows("talking", 1_000_000)
    assert stands(house) == "talking"


def test_after_a_power_cut_nobody_is_let_in_without_the_card(house):
    invite(house, -14)
    visit_process = signed_in(house)
    visit_process.shows("talking")
    visit_process.die()
    (house.folder / "calls" / paths.START).write_text(VISIT)
    house.start()
    assert wanted(house) == "", "a start from before the cut is void"
    house.wait(120_000, 5_000)  # by now nobody else would be in time
    assert house.step == "attract"
    house.card(ME)
    house.wait(300, 100)
    assert wanted(house) == VISIT
    again = VisitProcess(house)
    again.shows("cut", 900_000)
    assert stands(house) == "cut"


def test_a_visit_that_is_taken_back_is_not_gone_on_with(house):
    invite(house)
    house.card(ME)
    assert house.step == "visit-greeted"
    (house.folder / "calls" / f"{VISIT}.json").unlink()
    house.wait(1_500)
    assert house.step == "home"


def test_another_learner_is_asked_to_end_and_at_its_time_does(house):
    house.card(OTHER)
    invite(house, 1)
    assert any("会见" in said for said in house.voice.said)
    assert house.step == "home"
    house.wait(70_000, 5_000)
    assert house.step == "attract"
    assert house.unit.lobby.learner == ""
    house.card(OTHER)
    house.wait(5_000)
    assert house.step == "home", "once is enough: nobody is kept out"


def test_a_roof_that_is_there_for_another_visit_is_told_to_go(house):
    invite(house)
    house.card(ME)
    other = VisitProcess(house)
    house.tap("visit.start")
    other.shows("waiting", visit="HJ000001")
    house.wait(200, 100)
    assert other.heard() == ["leave"]
    other.die()
    house.wait(4_000)
    assert wanted(house) == VISIT
    visit_process = VisitProcess(house)
    visit_process.shows("waiting")
    assert house.unit.lobby.visiting.line is not None


def test_nonsense_changes_nothing(house):
    invite(house)
    visit_process = signed_in(house)
    visit_process.shows("talking")
    visit_process._line.say(b"{")
    visit_process.turn()
    assert stands(house) == "talking"


def test_a_stop_of_the_class_does_not_stop_a_visit(house):
    invite(house)
    visit_process = signed_in(house)
    visit_process.shows("talking")
    house.unit.hear(lb.Froze(True))
    assert stands(house) == "talking"
    house.inbox.post(Tapped("visit.end", house.page.step, ""))
    house.settle()
    assert house.step == "visit-end-sure"
