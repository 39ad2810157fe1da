"""How a run may have ended, for the lobby's tests."""

from __future__ import annotations

from kiosk_firmware.catalogue.machine_list import HeldThing
from kiosk_firmware.core.lessons import GoalCondition, Lesson
from kiosk_firmware.unit.lobby.debrief import run_ending

LESSON = Lesson(
    "lesson-3",
    1,
    (GoalCondition("out_fen", equal=100), GoalCondition("receipt", equal=True)),
    never=(GoalCondition("kept", equal=True),),
)
KNOWN = frozenset({"out_fen", "receipt", "kept", "seen", "next.receipt"})


HOLDS = (
    HeldThing("out_fen", "note_100", unless=("paid_in",)),
    HeldThing("receipt", "paper_slip"),
    HeldThing("what", "paper_hukou", equal="book"),
)


def ended(outcome="done", lesson=LESSON, by="learner", coached=0, **facts):
    """`by`: whose act brought about all that is so."""
    became = tuple((name, by) for name in facts) if by else ()
    facts = {"out_fen": 0, "receipt": False, "kept": False, **facts}
    keys = [*(f"debrief.{name}" for name in KNOWN), "home.title"]
    return run_ending(
        "atm",
        "one",
        lesson,
        outcome,
        facts,
        keys,
        by=became,
        coached=coached,
        good=("out_fen", "receipt"),
        unaided=not coached,
        steps=5,
        holds=HOLDS,
    )
