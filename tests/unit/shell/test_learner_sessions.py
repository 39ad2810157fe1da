"""Turns: how they begin and end, and that nothing anybody does is ever written down as an earlier learner's."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import MediaTaken, Tapped, Typed
from kiosk_firmware.core.pages import Text
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.runtime.command_reader import CommandRow
from kiosk_firmware.unit.runtime.run_facts import pseudonym
from kiosk_firmware.unit.shell.learner_registry import BARRED_MS, Learners
from tests.unit.shell.rig import House
from tests.wire.rig import query

ANNA, BEN = "000001", "000002"


def known(digits: str) -> str:
    return pseudonym(b"site", f"l-{digits}")


def records(house: House) -> list[tuple[str, str]]:
    return query(house.folder / "screen.db", "SELECT learner, run FROM records")


def until(house: House, step: str) -> None:
    """Hashing has a thread of its own."""
    deadline = time.monotonic() + 30
    while house.step != step:
        assert time.monotonic() < deadline, (house.step, step)
        time.sleep(0.01)
        house.settle()


def pick(house: House, *names: str) -> None:
    for name in names:
        house.tap(f"picture.{name}")


def number(house: House, digits: str) -> None:
    house.tap("attract.start")
    house.inbox.post(Typed("sign.number", digits, house.page.step))
    house.settle()
    house.tap("sign.ok")


def test_pictures_are_chosen_once_and_asked_for_ever_after(tmp_path):
    house = House(tmp_path)
    number(house, ANNA)
    pick(house, "train", "eye", "house")
    until(house, "pictures-repeat")
    pick(house, "train", "eye", "lock")
    until(house, "pictures-choose")
    pick(house, "train", "eye", "house")
    until(house, "pictures-repeat")
    pick(house, "train", "eye", "house")
    until(house, "touch-1")
    house.tap("touch.skip")
    house.tap("home.out")
    house.tap("out.leave")
    number(house, ANNA)
    pick(house, "eye", "train", "house")
    house.wait(0)
    deadline = time.monotonic() + 30
    while not house.unit.lobby.phase.wrong and time.monotonic() < deadline:
        house.settle()
    pick(house, "train", "eye", "house")
    until(house, "touch-1")
    assert house.unit.session.learner == known(ANNA)
    disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (b"train,eye", b'"train"', ANNA.encode()):
        assert secret not in disk


def test_five_wrong_tries_bar_a_number_also_after_a_restart_and_a_clock_that_was_set_back(tmp_path):
    now = [10 * BARRED_MS]
    learners = Learners(tmp_path, b"site", lambda: now[0])
    learners.changed(known(ANNA), mark=learners.hashed(f"l-{ANNA}", "check", ("eye", "ear", "eye")).mark)
    for _ in range(5):
        assert learners.ask(f"l-{ANNA}") == "check"
        assert learners.judge(learners.hashed(f"l-{ANNA}", "check", ("ear", "ear", "eye"))) == "wrong"
    again = Learners(tmp_path, b"site", lambda: now[0])
    assert again.ask(f"l-{ANNA}") == "barred"
    assert again.judge(again.hashed(f"l-{ANNA}", "check", ("eye", "ear", "eye"))) == "wrong"
    now[0] -= BARRED_MS
    assert again.ask(f"l-{ANNA}") == "barred"
    now[0] += BARRED_MS + 1
    assert again.ask(f"l-{ANNA}") == "check"
    assert again.judge(again.hashed(f"l-{ANNA}", "check", ("eye", "ear", "eye"))) == "right"


def test_the_same_pictures_of_two_learners_or_two_sites_have_nothing_in_common(tmp_path):
    one, other = Learners(tmp_path / "a", b"site", lambda: 1), Learners(tmp_path / "b", b"other", lambda: 1)
    code = ("eye", "ear", "eye")
    marks = {one.hashed("l-1", "check", code).mark, one.hashed("l-2", "check", code).mark}
    assert len(marks | {other.hashed("l-1", "check", code).mark}) == 3


def test_the_turn_s_clock_warns_once_gives_back_first_and_then_clears_the_glass(tmp_path):
    house = House(tmp_path, minutes=2, idle_seconds=7200)
    house.card(ANNA)
    house.tap("tile.atm")
    house.tap("lessons.free")
    house.tap("task.start")
    assert house.unit.engine.run is not None
    house.wait(60_000)
    warnings = [said for said in house.voice.said if "一分钟" in said]
    assert len(warnings) == 1
    house.wait(64_000)
    assert house.unit.engine.run is None
    assert (house.step, house.unit.lobby.learner, house.unit.session.learner) == ("attract", "", "")
    assert [learner for learner, _ in records(house)] == [known(ANNA)]
    ended = query(tmp_path / "screen.db", "SELECT data FROM facts WHERE type = 'sitting.ended'")
    assert ended == [(f'{{"learner":"{known(ANNA)}","reason":"clock"}}',)]


def test_who_walks_away_is_asked_once_and_the_turn_ends(tmp_path):
    house = House(tmp_path, minutes=0, idle_seconds=60)
    house.card(ANNA)
    house.wait(58_000)
    assert len([said for said in house.voice.said if "还在" in said]) == 1
    assert house.unit.lobby.learner == f"l-{ANNA}"
    house.wait(6_000)
    assert house.step == "attract"
    house.wait(120_000)
    assert len([said for said in house.voice.said if "还在" in said]) == 1


def test_the_teacher_ends_a_turn_and_what_suits_a_learner_comes_back_with_them(tmp_path):
    house = House(tmp_path, minutes=0)
    house.card(ANNA)
    house.tap("home.own")
    house.tap("own.steady")
    house.tap("own.hold")
    assert house.stage.steadily
    assert house.stage.held
    house.unit.execute_command(CommandRow("c-1", "turn.end", {}))
    house.wait(500)
    assert (house.step, house.stage.steadily, house.stage.held) == ("attract", False, False)
    house.card(BEN)
    assert not house.stage.steadily
    house.tap("home.out")
    house.tap("out.leave")
    house.card(ANNA)
    assert house.stage.steadily


def test_the_words_of_a_machine_are_heard_and_that_somebody_was_there_is_kept(tmp_path):
    house = House(tmp_path, minutes=0)
    house.card(ANNA)
    for name in ("tile.atm", "lessons.words", "word.0"):
        house.tap(name)
    assert house.voice.said[-1] == "卡口"
    while house.unit.lobby.phase.first + 6 < len(house.unit.lobby.offers.tiles[0].words):
        house.tap("words.more")
    house.tap("words.back")
    house.tap("lessons.back")
    house.tap("home.out")
    house.tap("out.leave")
    house.card(ANNA)
    house.tap("tile.atm")
    assert house.page.key("lessons.words").icon == "tick"
    assert records(house) == []
    assert house.unit.lobby.offers.tiles[0].progress == 0
    told = query(tmp_path / "screen.db", "SELECT data FROM facts WHERE type = 'learner.kept'")
    assert [json.loads(data)["met"] for (data,) in told] == [["atm"]]


def test_a_learner_s_language_is_the_coach_s_and_the_machine_speaks_as_it_does(tmp_path):
    house = House(tmp_path, minutes=0)
    house.card(ANNA)
    for name in ("home.language", "tongue.bo", "tile.atm", "task.withdraw-100", "task.start"):
        house.tap(name)
    assert house.unit.engine.glass.language == "zh"
    assert house.unit.engine.glass.own_language == "bo"
    task = Text("lesson.withdraw-100.task")
    assert house.stage.strips[-1].sentence == machine_loader.machine_texts("atm").write(task, "zh")
    assert house.unit.engine.run.started.language == "zh"


def test_a_cut_run_goes_on_for_its_own_learner_only(tmp_path):
    for who, goes_on in ((ANNA, True), (BEN, False), ("guest", False)):
        house = House(tmp_path / who, minutes=0)
        house.card(ANNA)
        house.tap("tile.atm")
        house.tap("lessons.free")
        house.tap("task.start")
        run = house.unit.engine.run
        assert run is not None
        house.journal.close()
        house.start()
        assert house.step == "sign-in"
        if who == "guest":
            house.tap("sign.guest")
            house.skip()
        else:
            house.inbox.post(Typed("sign.number", who, house.page.step))
            house.settle()
            house.tap("sign.ok")
            house.tap("pictures.later")
        assert (house.unit.engine.run is not None) is goes_on
        if goes_on:
            house.unit.on_strip("end")
            house.wait(5_000)
        assert records(house) == [(known(ANNA), run.id)]


class Model:
    """Who is there, as the story itself knows it."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder, minutes=4, idle_seconds=60)
        self.owner: dict[str, str] = {}
        """By run, who was signed in when it began."""
        self.acts: dict[str, set[str]] = {}
        """By run, who was signed in when something was pressed in it."""
        self.late: Tapped | None = None

    @property
    def there(self) -> str:
        return self.house.unit.session.learner or "guest"

    def look(self) -> None:
        """Whatever stands now belongs to whoever is there."""
        run = self.house.unit.engine.run
        if run is None:
            return
        assert self.owner.setdefault(run.id, run.header.learner) == run.header.learner
        if run.leaving is None:
            assert run.header.learner == self.there
            self.acts.setdefault(run.id, set()).add(self.there)

    def press(self, at: int) -> None:
        page = self.house.page
        if page.keys:
            key = page.keys[at % len(page.keys)]
            self.late = Tapped(key.name, page.step, key.value)
            self.house.inbox.post(self.late)
            self.house.settle()

    def do(self, what: str, n: int) -> None:
        house = self.house
        match what:
            case "card":
                house.card((ANNA, BEN)[n % 2])
            case "press":
                self.press(n)
            case "begin" if house.step == "home":
                for name in ("tile.atm", "lessons.free", "task.start"):
                    house.tap(name)
            case "late" if self.late is not None:
                before = house.unit.engine.run, house.unit.lobby
                stale = self.late.step != house.page.step
                house.inbox.post(self.late)
                house.settle()
                assert not stale or (house.unit.engine.run, house.unit.lobby) == before
            case "end":
                house.unit.on_strip("end")
                house.settle()
            case "teacher":
                house.unit.execute_command(CommandRow(f"c-{n}", "turn.end", {}))
                house.wait(500)
            case "wait":
                house.wait((1, 20, 70, 260)[n % 4] * 1000, 1000)
            case "device":
                house.inbox.post(MediaTaken("card_reader"))
                house.settle()
            case "own-card" if house.hardware.bench.hand and "card_reader" in house.cabinet.expected:
                house.cabinet.hand(_inserted(house))
                house.settle()
            case "cut":
                house.journal.close()
                house.start()
            case _:
                pass


def _inserted(house: House):
    from kiosk_firmware.core.events import MediaInserted

    return MediaInserted("card_reader", house.hardware.bench.hand[0])


ACTS = ("card", "press", "press", "begin", "begin", "late", "end", "teacher", "wait", "device", "own-card", "cut")
STORY = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 40)), min_size=5, max_size=40)


@settings(deadline=None)
@given(STORY)
def test_no_act_is_ever_credited_to_an_earlier_learner(story):
    with tempfile.TemporaryDirectory() as folder:
        model = Model(Path(folder))
        for what, n in story:
            model.do(what, n)
            model.look()
        for learner, run in records(model.house):
            assert learner == model.owner.get(run, learner)
            assert model.acts.get(run, {learner}) <= {learner}
        model.house.journal.close()


@pytest.mark.parametrize("why", ["home.out", "wait"])
def test_after_a_turn_nothing_of_the_person_stands_on_the_glass(tmp_path, why):
    house = House(tmp_path, minutes=4, idle_seconds=60)
    house.card(ANNA)
    house.tap("home.language")
    house.tap("tongue.bo")
    match why:
        case "wait":
            house.wait(70_000)
        case _:
            house.tap(why)
            house.tap("out.leave")
    lobby = house.unit.lobby
    assert (lobby.learner, lobby.language, lobby.own) == ("", "zh", lb.Own())
    assert isinstance(lobby.phase, lb.Attract)
    assert house.stage.strips[-1].sentence == ""
