"""Define the phases of the service desk: one frozen struct a phase, joined to one closed union.

A phase named …ing waits for a device and is left only by its answer; all others are left by keys or by their time-out.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.pages import Text
from kiosk_firmware.kits.metro.station_choice import StationChoice
from kiosk_firmware.kits.return_items import Leaving

Errand = Literal["out", "in", "refund", "lost"]
"""What one comes for: the gate does not let one out, or in; a token is given back; a ticket is lost."""


class Mend(msgspec.Struct, frozen=True, cache_hash=True):
    """The desk's offer. `why`: what is the matter; `cost_fen`: what is paid in cash, or `card_fen` from the card. The
    ticket `number` says `cash` (balance, trip) after it was paid in cash, and `card` after it was paid from the card
    (None: that cannot be).
    """

    why: str
    cost_fen: int
    number: str = ""
    cash: tuple[int, str] = (0, "")
    card: tuple[int, str] | None = None
    card_fen: int = 0


class DeskPhase(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """Base of the desk's own phases."""


class Home(DeskPhase, frozen=True):
    """The question: What is the matter?"""


class Asked(DeskPhase, frozen=True):
    """Card or token, please."""

    errand: Errand


class Where(DeskPhase, frozen=True):
    """The question: Where did one get in (or out), when the card does not say it?"""

    errand: Errand
    choosing: StationChoice = StationChoice()


class Offer(DeskPhase, frozen=True):
    """The matter, and its price."""

    mend: Mend


class Notice(DeskPhase, frozen=True):
    """One thing to know; then everything goes back."""

    why: str
    how: Text


class CashPaying(DeskPhase, frozen=True):
    """Notes and tokens go in; `refused`: why the last note came back."""

    mend: Mend
    refused: str = ""


class Storing(DeskPhase, frozen=True):
    """One note is being stacked or given back."""

    mend: Mend
    refused: str = ""


class Writing(DeskPhase, frozen=True):
    """The card is being written; `in_cash`: it was paid so."""

    mend: Mend
    in_cash: bool


class Slipping(DeskPhase, frozen=True):
    """A lost ticket is paid: the slip that opens the side door is being printed."""

    mend: Mend


class Refunding(DeskPhase, frozen=True):
    """The token is taken in; then its money comes."""

    mend: Mend


Own = Home | Asked | Where | Offer | Notice | CashPaying | Storing | Writing | Slipping | Refunding
Phase = Own | Leaving
