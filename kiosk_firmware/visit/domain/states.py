"""The states of a visit and the moves between them; nothing else may move one.

A request is drafted, handed in, its kinship looked at, then the prison decides. What is approved is told, then waited
for; on its day both sides sign in and meet. It ends, is cut off, or lapses because nobody came. Until it is signed in,
it may be taken back, and is a draft again; or get another time or place, of which the family has to be told again.

Source: rules on prisoners' visits and letters, articles 6 to 13, and the reference's section b10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kiosk_firmware.core.hosts.visit import Standing, VisitCase

Move = Literal[
    "submit",
    "receive",
    "prove",
    "approve",
    "refuse",
    "tell",
    "rebook",
    "take_back",
    "arrive",
    "lapse",
    "meet",
    "end",
    "stop",
]
MOVES: Mapping[tuple[Standing, Move], Standing] = {
    ("draft", "submit"): "submitted",
    ("submitted", "receive"): "kinship",
    ("submitted", "take_back"): "draft",
    ("kinship", "prove"): "approval",
    ("kinship", "refuse"): "returned",
    ("kinship", "take_back"): "draft",
    ("approval", "approve"): "approved",
    ("approval", "refuse"): "returned",
    ("approval", "take_back"): "draft",
    ("approved", "tell"): "waiting",
    ("approved", "rebook"): "approved",
    ("approved", "take_back"): "draft",
    ("waiting", "arrive"): "signing",
    ("waiting", "rebook"): "approved",
    ("waiting", "lapse"): "waived",
    ("waiting", "take_back"): "draft",
    ("signing", "meet"): "meeting",
    ("signing", "lapse"): "waived",
    ("meeting", "end"): "ended",
    ("meeting", "stop"): "stopped",
}
FINAL: tuple[Standing, ...] = ("returned", "ended", "stopped", "waived")
"""Nothing more becomes of it; another request may follow. A draft is nobody's but its writer's."""
UNDECIDED: tuple[Standing, ...] = ("submitted", "kinship", "approval")


class MoveError(ValueError):
    """A move that the state does not know."""


def apply_moves(state: Standing, *moves: Move) -> Standing:
    """Return the state after the moves, one after the other.

    Raises:
        MoveError: the state does not know the move; names both and what it knows.
    """
    for move in moves:
        after = MOVES.get((state, move))
        if after is None:
            known = ", ".join(name for at, name in MOVES if at == state) or "none"
            raise MoveError(f"visit {state}: no move {move!r}; allowed are {known}")
        state = after
    return state


def step(case: VisitCase, *moves: Move, reason: str = "", next_day: int = 0) -> VisitCase:
    """Return the case after the moves. Raises MoveError."""
    return msgspec.structs.replace(case, state=apply_moves(case.state, *moves), reason=reason, next_day=next_day)


def is_open(case: VisitCase | None) -> bool:
    """Return whether there is a request that something will still become of."""
    return case is not None and case.state not in FINAL and case.state != "draft"
