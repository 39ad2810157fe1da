"""Halls: board and windows say the same, each window has a person of its own, and who speaks has the mouth open."""

from __future__ import annotations

from typing import Any

import pytest

from deploy import document_svg, person_svg
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Tapped
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.play import Play
from screens.stage.skin import decode

pytestmark = pytest.mark.glass
COUNTERS = next(place for place in machine_loader.PLACES if place.id == "counters").parts
MACHINE, QUEUE = "bank-counter", "queue.account"


class Visit:
    """A counter that is gone through by its keys, its pages shown."""

    def __init__(self, glass: Any, skin: str) -> None:
        self.it, self.glass = machine_loader.load(MACHINE, skin), glass
        self.play = Play(self.it.machine, self.it.world)
        person = next(iter(self.it.personas.values()))
        self.now = self.play.begin(machine_loader.start_event(person, "2026-11-24T14:05:00+08:00"))

    def press(self, name: str) -> Page:
        """Press a key, let the devices answer, and show what stands then."""
        page = self.play.page(self.now)
        key = page.key(name)
        assert key is not None, f"{name}: on {page.step} are {[key.name for key in page.keys]}"
        self.now = self.play.step(self.now, Tapped(name, page.step, key.value)).after
        while answers := tuple(self.play.answers(self.now)):
            self.now = self.play.step(self.now, answers[0]).after
        return self.show()

    def show(self) -> Page:
        page = self.play.page(self.now)
        self.glass.lay(page, self.it.words, "zh", self.it.look)
        return page

    def seen(self, kind: str) -> list[str]:
        """Return what is drawn of a kind, from the notes that the layout tests measure."""
        return [note.text for note in self.glass.stage.notes if note.kind == kind]


@pytest.fixture(params=machine_loader.skins(MACHINE))
def visit(request: Any, glass: Any) -> Visit:
    return Visit(glass, request.param)


def test_the_board_and_the_windows_say_the_same_number(visit: Visit) -> None:
    page = visit.press(QUEUE)
    while page.key("wait.look"):
        shown = [str(dict(window.shows.args)["number"]) for window in page.body.windows if window.shows]
        for number in shown:
            said = [text for text in visit.seen("text") if number in text]
            assert len(said) == 2, f"{number}: {said}"
        assert len([name for name in visit.seen("picture") if name.startswith("back_")]) == page.body.seated
        page = visit.press("wait.look")
    assert page.step == "called"
    hot = next(hot for hot in visit.glass.stage.hots if hot.key.name == "call.go")
    own = next(note for note in visit.glass.stage.notes if note.text.startswith("请 E"))
    assert hot.rect.holds(*own.rect.centre)  # one goes to the window that calls


def test_who_calls_is_who_speaks_then_and_nobody_else_opens_the_mouth(visit: Visit) -> None:
    page = visit.press(QUEUE)
    while page.key("wait.look"):
        page = visit.press("wait.look")
    window = next(window for window in page.body.windows if window.called)
    assert visit.seen("picture").count("mouth_open") == 1
    clerk = decode(visit.it.look).clerk(window.number)
    assert clerk in visit.seen("picture")
    page = visit.press("call.go")
    assert page.kind in ("Hall", "Insert")
    if page.kind == "Hall":
        assert [name for name in visit.seen("picture") if name.startswith(("clerk_", "mouth_"))] == [
            clerk,
            "mouth_open",
        ]


def test_each_window_of_a_hall_has_a_person_of_its_own_and_skins_have_others() -> None:
    for machine in COUNTERS:
        looks = [machine_loader.load(machine, skin) for skin in machine_loader.skins(machine)]
        sitting = [decode(it.look).clerks for it in looks]
        assert all(len(set(clerks)) == 3 for clerks in sitting), machine
        assert len(set(sitting)) == len(sitting), machine


def test_a_part_that_nobody_knows_is_named() -> None:
    with pytest.raises(ValueError, match="person:wig tan shirt #000000: 'wig': allowed are bob, bun"):
        person_svg.svg("wig tan shirt #000000")
    with pytest.raises(ValueError, match="'hat': allowed are grey, glasses"):
        person_svg.svg("bob tan shirt #000000 hat")
    with pytest.raises(ValueError, match="paper:scroll 圣旨: 'scroll': allowed are sheet, book"):
        document_svg.svg("scroll 圣旨")
