"""What a printed slip says to bring is what the window asks for on that day, at every counter where one comes again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.effects import Document, PrintDocument
from kiosk_firmware.core.events import Tapped
from kiosk_firmware.core.pages import Page, Text
from kiosk_firmware.core.play import Transition
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from tests.machines.lives import lesson_of, way

ASKED = {"bring.slip": {"paper-slip"}, "bring.slip_ident": {"paper-slip", "ident"}}
COUNTERS = (
    "bank-counter", "id-card", "social-insurance", "medical-insurance", "civil-affairs", "business-counter",
    "legal-desk",
)  # fmt: skip
CASES = [
    (name, machine_loader.skins(name)[0], lesson.id)
    for name in COUNTERS
    for lesson in machine_loader.lessons(name)
    if any(row.fact == "fetched" for row in lesson.goal)
]


class Told(NamedTuple):
    """The slip of a run, the slip's page, and the steps that the window asks of who comes again with empty hands."""

    paper: Document
    page: Page
    asked: set[str]


def transitions(machine: str, skin: str, lesson: str) -> Iterator[Transition]:
    """A lesson along the coach's way."""
    play, now = open_lesson(machine, skin, lesson_of(machine, lesson))
    for act in way(machine, skin, lesson).acts:
        event = act
        while event is not None:
            done = play.step(now, event)
            yield done
            now = done.after
            event = next(play.answers(now), None)


def told(machine: str, skin: str, lesson: str) -> Told:
    """What the slip says, and what is asked for then."""
    play, _ = open_lesson(machine, skin, lesson_of(machine, lesson))
    done = list(transitions(machine, skin, lesson))
    printed = [one.document for each in done for one in each.effects if isinstance(one, PrintDocument)]
    steps = [play.page(each.after).step for each in done]
    paper = next(one for one in printed if one.kind == "accepted")
    passed, slip = (done[steps.index(step)].after for step in ("passed", "slip"))
    return Told(paper, play.page(slip), {"paper-slip"} & set(steps) | asked_again(play, passed))


def asked_again(play: Any, passed: Any) -> set[str]:
    """The ID card, where the window asks for it as no ID card lies there."""
    state = passed.state
    empty = replace(state, handed=False, books=replace(state.books, ident=None))
    after = play.step(replace(passed, state=empty), Tapped("passed.ok", "passed")).after
    return {play.page(after).step} & {"ident"}


def bring(rows: tuple[tuple[Text, Text], ...]) -> str:
    return next(value.key for label, value in rows if label.key == "row.bring")


@pytest.mark.parametrize(("machine", "skin", "lesson"), CASES)
def test_a_slip_says_to_bring_what_is_asked_for_on_its_day(machine: str, skin: str, lesson: str) -> None:
    found = told(machine, skin, lesson)
    said = bring(found.paper.rows)
    assert found.asked == ASKED[said]
    line = next(line for line in found.page.body.lines if line.key == "slip.later")
    assert dict(line.args)["bring_key"] == said, "paper and page say the same"


def test_there_are_slips_at_every_counter_where_one_comes_again() -> None:
    assert {machine for machine, _, _ in CASES} == {*COUNTERS} - {"medical-insurance"}
