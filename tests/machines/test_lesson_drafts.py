"""Lessons written without programming: what can be chosen is sound, a draft becomes what was asked for, and the file
says the same again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.lessons import GoalCondition, Lesson, LessonSetting, LessonTexts, SiteLesson
from kiosk_firmware.tools.authoring import lesson_drafts
from kiosk_firmware.tools.authoring.author_choices import authors, machines, offer
from kiosk_firmware.tools.authoring.lesson_drafts import Draft, lesson_of, lesson_toml, try_draft
from kiosk_firmware.tools.authoring.terminal_dialogue import Dialogue

TEXTS = {"zh": LessonTexts("取三百", "取 300 元，打凭条。"), "en": LessonTexts("Three hundred", "Withdraw 300 yuan.")}
ODD = {"zh": LessonTexts("取一百三", "取 130 元。"), "en": LessonTexts("An odd sum", "Withdraw 130 yuan.")}
ROUND = {"zh": LessonTexts("取三百五", "取 350 元。"), "en": LessonTexts("Another sum", "Withdraw 350 yuan.")}
MUCH = {"zh": LessonTexts("取三千一", "取 3100 元。"), "en": LessonTexts("A lot", "Withdraw 3,100 yuan.")}
FAR = {"zh": LessonTexts("转得太多", "转 9000 元。"), "en": LessonTexts("Too much", "Send 9,000 yuan.")}
DRAFT = Draft("atm", {"withdrawn_fen": "300", "receipt_printed": "", "card_back": ""}, TEXTS, ("card_kept",))


@pytest.mark.parametrize("machine", machines())
def test_what_can_be_chosen_exists_and_has_words(machine: str) -> None:
    """In both languages, and no key shown where a word should be."""
    data, offered = authors(machine), offer(machine)
    facts = machine_loader.load(machine).machine.FACTS
    assert {*data.reach, *data.avoid, *data.choices} <= set(facts)
    assert set(data.persons) <= set(machine_loader.personas())
    assert set(data.preset) <= set(data.reach)
    assert set(data.avoid_preset) <= set(data.avoid)
    wishes = (*offered.reach, *offered.avoid)
    choices = (*offered.persons, *offered.skins, *offered.faults, *offered.scenes)
    for names in [one.names for one in (*wishes, *choices, *(c for wish in wishes for c in wish.choices))]:
        assert set(names) == set(machine_loader.LANGUAGES)
        assert all(name and "." not in name.strip("….。") for name in names.values()), names
    assert all(isinstance(facts[name], bool) for name in data.avoid)
    assert offer(machine) == msgspec.json.decode(msgspec.json.encode(offered), type=type(offered))


def test_a_draft_becomes_rows_values_and_a_file_that_says_the_same() -> None:
    lesson = lesson_of(DRAFT, authors("atm"))
    assert lesson.goal[0] == GoalCondition("withdrawn_fen", equal=30000)
    assert lesson.goal[1] == GoalCondition("receipt_printed", equal=True)
    assert lesson.values["amount.field"] == ("300",)
    assert lesson.values["transfer.field"] == ()
    found = try_draft(DRAFT)
    assert found.wrong == ()
    assert set(found.ways) == set(machine_loader.skins("atm"))
    assert msgspec.convert(tomllib.loads(found.file), SiteLesson) == SiteLesson(lesson, TEXTS)


def test_whatever_is_written_is_read_as_it_was() -> None:
    said = LessonTexts('他说 "走"\\', "第一行\n第二行")
    setting = LessonSetting("notes", skin="shufeng", armed="paper_out", scene="notice")
    lesson = Lesson(
        "site-1",
        3,
        (GoalCondition("refused", equal="dormant"),),
        (GoalCondition("card_kept", equal=True),),
        setting,
        {"amount.field": ("1", "2"), "b": ()},
    )
    one = SiteLesson(lesson, {"zh": said, "en": said})
    assert msgspec.convert(tomllib.loads(lesson_toml(one)), SiteLesson) == one


@pytest.mark.parametrize(
    ("fields", "kind", "line"),
    [
        ({"texts": {"zh": LessonTexts("好", "好")}}, "texts", "texts.en: title and task"),
        ({"texts": {**TEXTS, "zh": LessonTexts("长" * 17, "好")}}, "texts", "17 characters; allowed are 16"),
        ({"texts": {**TEXTS, "en": LessonTexts("{x}", "good")}}, "texts", "no { or }"),
        ({"reach": {"withdrawn_fen": "a lot"}}, "value_yuan", "withdrawn_fen = 'a lot': allowed is a whole number"),
        ({"reach": {"withdrawn_fen": ""}}, "value_left", "withdrawn_fen = ''"),
        ({"reach": {"flies": ""}}, "value", "flies: allowed are withdrawn_fen"),
        ({"fault": "earthquake"}, "value", "fault = 'earthquake': allowed are card_unreadable"),
        ({"scene": "dragon"}, "written", "setting.scene = 'dragon': allowed are skimmer"),
        ({"person": "nobody"}, "written", "setting.persona = 'nobody'"),
        ({"reach": {}}, "written", "goal: needs at least one row"),
        ({"id": "balance"}, "exists", "there is such a lesson"),
        ({"reach": {"withdrawn_fen": "130"}, "texts": ODD}, "multiple", "multiple_fen = 100 yuan"),
        ({"reach": {"withdrawn_fen": "3100"}, "texts": MUCH}, "most", "per_time_fen = 3000 yuan"),
        ({"reach": {"transferred_fen": "9000", "transferred_to": "66010002"}, "texts": FAR}, "no_way", "not reached"),
        ({"reach": {"withdrawn_fen": "200"}}, "unheld", "the task names '300 元'"),
    ],
)
def test_each_flaw_of_a_draft_is_named(fields: dict, kind: str, line: str) -> None:
    found = try_draft(msgspec.structs.replace(DRAFT, **fields))
    assert not found.file
    assert any(problem.kind == kind and line in problem.line for problem in found.wrong), found.wrong


def test_what_the_machine_never_gives_is_said_without_a_search(monkeypatch) -> None:
    monkeypatch.setattr(lesson_drafts.lesson_check, "trial", None)
    (problem,) = try_draft(msgspec.structs.replace(DRAFT, reach={"withdrawn_fen": "350"}, texts=ROUND)).wrong
    assert (problem.kind, problem.fact, problem.typed, problem.allowed) == ("multiple", "withdrawn_fen", "350", 100)


@pytest.mark.parametrize("machine", machines())
def test_limits_are_amounts_that_may_be_asked_for_and_rules_of_the_pack(machine: str) -> None:
    data = authors(machine)
    for fact, limit in data.limits.items():
        assert fact in data.reach
        assert fact.endswith("_fen")
        for name in filter(None, (limit.multiple, limit.most)):
            assert getattr(machine_loader.rules(machine), name) % 100 == 0


def test_a_dialogue_asks_again_and_ends_in_the_same_draft() -> None:
    reach = [wish.fact for wish in offer("atm").reach]
    numbers = " ".join(str(reach.index(fact) + 1) for fact in DRAFT.reach)
    answers: Iterator[str] = iter(
        (
            "",
            "9",
            "",
            "",
            "",
            "0 1",
            numbers,
            "300",
            "1",
            "8",
            "2",
            *(text for said in TEXTS.values() for text in (said.title, said.task)),
        )
    )
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return next(answers)

    assert Dialogue(offer("atm"), "en", ask).draft() == DRAFT
    assert sum("once more" in question for question in asked) == 3
    assert next(answers, None) is None
