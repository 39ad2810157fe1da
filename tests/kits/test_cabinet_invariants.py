"""Tests of the tests: a machine whose author promises nothing is held to money and paper by its price alone."""

from __future__ import annotations

from collections import Counter

import pytest

from kiosk_firmware.core.events import Fault, Started
from kiosk_firmware.core.persona import Ledger, Persona
from kiosk_firmware.core.play import Play
from kiosk_firmware.core.walk import SURPRISES, Walker, WalkResult
from tests.kits.copier import BUGS, Copier, CopierWorlds

PERSONA = Persona(
    purse=((500, 1), (100, 1)),
    wallet="w",
    ledger=Ledger((("copies", 0), ("w", 300), ("world", -300)), keep=0),
)
SILENT: tuple[Fault, ...] = ("answer_lost", "host_offline")
OTHERS: tuple[Fault, ...] = ("paper_out", "printer_jam", "change_gone", "power_cut", "note_rejected", "notes_left")


def walked(bug: str, faults: tuple[Fault, ...], strikes: int) -> WalkResult:
    """The copier's walk."""
    walker = Walker(Play(Copier(bug), CopierWorlds()), {}, 3_000, faults=faults, surprises=(), strikes=strikes)
    return walker.walk(Started(0, PERSONA, armed=faults[0]), most_findings=1)


def test_an_honest_machine_keeps_every_promise():
    """Whatever strikes, and however often the bank is silent."""
    for faults, strikes in ((SILENT, 7), (OTHERS, 1)):
        outcome = walked("", faults, strikes)
        assert not outcome.findings, outcome.findings[0].what + "\n" + "\n".join(map(str, outcome.findings[0].way))


def test_surprises_by_turns_leave_out_none():
    """Each state hears a third of them, and each of them is heard in a third of the states."""
    told, surprises = Counter(), SURPRISES[:6]

    class Hearing(Copier):
        def update(self, state, event):
            told.update(at for at, surprise in enumerate(surprises) if event is surprise)
            return super().update(state, event)

    walker = Walker(Play(Hearing(""), CopierWorlds()), {}, 3_000, faults=OTHERS, surprises=surprises, turns=3)
    assert not walker.walk(Started(0, PERSONA, armed=OTHERS[0])).findings
    states = len({now.state for now in walker.quiet})
    assert states > 30
    assert told.total() == 2 * states
    assert {count - states // 3 for count in told.values()} <= {0, 1}
    assert len(told) == len(surprises)


@pytest.mark.parametrize("bug", BUGS)
def test_a_strangers_mistake_is_found_without_a_promise_of_its_own(bug):
    assert any(walked(bug, faults, strikes).findings for faults, strikes in ((OTHERS, 1), (SILENT, 7)))
