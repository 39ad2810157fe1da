"""What authors are told: every flaw by file, lesson or pack, and key; and what is right is called right."""

from __future__ import annotations

import datetime

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Started
from kiosk_firmware.core.lessons import GoalCondition, Lesson, LessonSetting
from kiosk_firmware.core.play import Play
from kiosk_firmware.core.rulepack import Packs
from kiosk_firmware.tools.authoring import lesson_check, rulepack_check
from kiosk_firmware.tools.authoring.main import main
from kiosk_firmware.unit.coach.search import Ways
from kiosk_firmware.unit.coach.solvability import sweep
from tests.unit.runtime import tiny

MACHINE = "atm"
CHANGE = msgspec.structs.replace


@pytest.fixture
def one() -> Lesson:
    return machine_loader.lessons(MACHINE)[0]


def told(monkeypatch, *known: Lesson) -> list[str]:
    """What is said of these lessons, if the file held them."""
    monkeypatch.setattr(machine_loader, "lessons", lambda name: known)
    return lesson_check.written_wrong(MACHINE)


def test_what_stands_is_right():
    assert lesson_check.written_wrong(MACHINE) == []
    assert rulepack_check.wrong(MACHINE, datetime.date(2026, 11, 24)) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"id": "A!"}, "id: allowed are 3 to 32"),
        ({"goal": ()}, "goal: needs at least one row"),
        ({"goal": (GoalCondition("no_such", equal=1),)}, "goal[0].fact = 'no_such': allowed are "),
        ({"never": (GoalCondition("card_kept"),)}, "never[0]: names card_kept but no equal"),
        ({"goal": (GoalCondition("card_back", min=1),)}, "goal[0]: card_back is no number"),
        ({"setting": LessonSetting(persona="nobody")}, "setting.persona = 'nobody': allowed are default"),
        ({"setting": LessonSetting(skin="mars")}, "setting.skin = 'mars': allowed are rongjiang"),
        ({"setting": LessonSetting(now="yesterday")}, "setting.now = 'yesterday'"),
        ({"setting": LessonSetting(now="1990-01-01T10:00:00+08:00")}, "no rule pack is valid"),
    ],
)
def test_each_flaw_is_named(monkeypatch, one, fields, said):
    flaws = told(monkeypatch, CHANGE(one, **fields))
    assert any(said in line and line.startswith("machines/atm/lessons.toml") for line in flaws), flaws


def test_order_and_texts_are_checked(monkeypatch, one):
    flaws = told(monkeypatch, CHANGE(one, level=3), one, CHANGE(one, id="unheard-of", level=3))
    assert f"machines/atm/lessons.toml: {one.id}: id: each once" in flaws
    assert any("level = 1: allowed is 3 or more" in line for line in flaws)
    for language in machine_loader.LANGUAGES:
        assert f"machines/atm/{language}.toml: lesson.unheard-of.task: missing" in flaws


def test_a_way_is_counted(one):
    for skin in machine_loader.skins(MACHINE):
        trial = lesson_check.trial(MACHINE, skin, one)
        assert trial.wrong == ()
        assert 3 < trial.steps <= trial.acts <= 14


def test_a_goal_that_cannot_be_reached_is_told(one):
    hopeless = CHANGE(
        one, goal=(GoalCondition("withdrawn_fen", equal=12_345),), never=(GoalCondition("card_kept", equal=True),)
    )
    monkey = CHANGE(hopeless, never=(*hopeless.never, GoalCondition("withdrawn_fen", min=1)))
    trial = lesson_check.trial(MACHINE, "rongjiang", monkey)
    assert trial.steps == 0
    assert "the goal is not reached" in trial.wrong[0]


def test_a_loss_that_no_row_names_is_told():
    """Without its `never` rows a wrong amount leaves the learner with no way and no word."""
    play = Play(tiny.Tiny(), tiny.TinyWorld(), tiny.TAKE_ONE.facts())
    start = play.settle(play.begin(Started(0, tiny.PERSONA)))
    wordless = CHANGE(tiny.TAKE_ONE, never=())
    lost = sweep(Ways(play, wordless), start, lesson_check.REACH).stranded
    assert lost
    assert all(not wordless.reached(play.facts(now)) for now in lost)
    named = CHANGE(wordless, never=(GoalCondition("kept", equal=True), GoalCondition("out_fen", min=tiny.NOTE + 1)))
    assert len(sweep(Ways(play, named), start, lesson_check.REACH).stranded) < len(lost)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"source": "web"}, "source = 'web'"),
        ({"checked_on": datetime.date(2030, 1, 1)}, "checked_on = 2030-01-01: allowed is today"),
        ({"review_by": datetime.date(2020, 1, 1)}, "review_by = 2020-01-01: allowed is later"),
    ],
)
def test_each_flaw_of_a_pack_is_named(monkeypatch, fields, said):
    pack = CHANGE(machine_loader.packs(MACHINE).pack[0], **fields)
    monkeypatch.setattr(machine_loader, "packs", lambda name: Packs((pack,)))
    assert any(said in line for line in rulepack_check.wrong(MACHINE, datetime.date(2026, 11, 24)))


def test_packs_out_of_order_and_overdue_are_named(monkeypatch):
    pack = machine_loader.packs(MACHINE).pack[0]
    monkeypatch.setattr(machine_loader, "packs", lambda name: Packs((pack, pack)))
    assert any("allowed is later than" in line for line in rulepack_check.wrong(MACHINE, pack.checked_on))
    assert any("overdue" in line for line in rulepack_check.wrong(MACHINE, pack.review_by + datetime.timedelta(1)))


def test_exit_codes(capsys):
    assert main("rulepack", ["check", MACHINE, "--on", "2026-11-24"]) == 0
    assert main("rulepack", ["check", "--on", "2099-01-01"]) == 1
    assert "overdue" in capsys.readouterr().out
    with pytest.raises(LookupError, match="allowed are"):
        main("lessons", ["check", "toaster"])
    with pytest.raises(SystemExit, match="2"):
        main("lessons", ["bless"])
