"""Define what one part of a place asks another to do, and what it gets back: plain data that both sides know.

A place is machines that one goes to in one errand (`catalogue.PLACES`). A part may ask a sister to open with a
`LinkedMachineRequest` ("pay ¥36.50 to the shop so-and-so") and hears its `LinkedMachineResult` ("paid"). The parts stay
strangers: they share these words and the person's pocket, nothing else. `core.place` carries the two.
"""

from __future__ import annotations

import msgspec


class LinkedMachineRequest(msgspec.Struct, frozen=True, cache_hash=True):
    """A reason to open a part. `kind`: what shall be done, a word both parts know ("pay", "confirm"); `fen` how much;
    `who`: the other side's name as it is shown (a merchant, a friend); `about`: what for (an order's number).
    """

    kind: str
    fen: int = 0
    who: str = ""
    about: str = ""


class LinkedMachineResult(msgspec.Struct, frozen=True, cache_hash=True):
    """The result that a part gives back when it closes. `verdict`: "done", "refused" (the person did not want to),
    "failed", or "unavailable" (it could not be opened); `fen` what was really moved; `about` what proves it (a
    receipt's number).
    """

    verdict: str
    fen: int = 0
    about: str = ""
