"""A goal holds what its task names, over every lesson; a lesson that lost one of those rows is found by its texts."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.lessons import GoalCondition, Lesson
from kiosk_firmware.tools.authoring.goal_figures_check import figures, texts, unheld

IMPLIED = {"card_back", "card_regained", "checked_in"}
"""What a task need not name: that a card comes back, that one checks in oneself alone."""
UNNAMED = {
    ("rail", "paid_by"): {"buy-change"},  # "put in 100 yuan"
    ("rail", "bought_train"): {"cheapest"},
    ("metro-ticket", "bought"): {"big-note"},
    ("metro-gate", "left"): {"over-time"},
    ("payment", "paid_fen"): {"tap", "scan-screen", "password", "no-answer", "not-arrived"},
    ("shop", "paid_fen"): {"first-order", "right-size", "not-the-cheapest", "seven-days", "pay-inside", "line-down"},
    ("shop", "refunded_fen"): {"cancel-paid", "change-mind", "broken-fresh", "dispute"},
    ("shop", "ordered"): {"not-the-cheapest", "seven-days"},
    ("social", "said_how"): {"say-hello", "write", "picture"},
    ("social", "opened_fen"): {"open-packet", "answer-lost"},
    ("social", "reported"): {"shut-out"},
    ("social", "blocked"): {"shut-out"},
}
"""Rows whose figure a task leaves to be found at the machine (a price, the cheapest train), by machine and fact."""

ALL = [(line.id, lesson) for line in machine_loader.describe() for lesson in machine_loader.lessons(line.id)]


def told(machine: str, lesson: Lesson) -> list[str]:
    return list(unheld(machine, lesson, texts(machine, lesson)))


def without_one() -> Iterator[tuple[str, Lesson, GoalCondition]]:
    """Each lesson that lost one row of its goal of which a task may name the figure."""
    for machine, lesson in ALL:
        facts = {fact for figure in figures(machine) for fact in figure.facts} - IMPLIED
        for row in [row for row in lesson.goal if row.fact in facts]:
            goal = tuple(one for one in lesson.goal if one is not row)
            yield machine, msgspec.structs.replace(lesson, goal=goal), row


def test_every_figure_that_a_task_names_is_held_by_its_goal() -> None:
    assert [line for machine, lesson in ALL for line in told(machine, lesson)] == []


def test_a_lesson_that_lost_a_row_of_its_goal_is_caught() -> None:
    """The mutant that drops a goal row: no row is missed but those whose figure stands in no text."""
    missed = dict[tuple[str, str], set[str]]()
    caught = 0
    for machine, lesson, row in without_one():
        if told(machine, lesson):
            caught += 1
        else:
            missed.setdefault((machine, row.fact), set()).add(lesson.id)
    assert missed == UNNAMED
    assert caught > 300
