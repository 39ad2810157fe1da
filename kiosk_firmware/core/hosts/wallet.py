"""Define what a wallet on a telephone asks: the service that keeps it, and through it the till of a shop.

Each ask comes back in `HostAnswered` with its answer fields filled in. `id` is 0 where an unanswered ask loses nothing.
A spending has one: asked again with the same id it is booked once, and `UndoAsked` names it. Codes and receipts are 18
digits; in life they are made where the clock and chance are (`hardware.cabinet.payment_codes`), in play by the
machine's world.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.hosts.bank import Pending, StatementEntry

Source = Literal["wallet", "card"]
Way = Literal["code", "tap", "static", "dynamic", "send"]
"""How one pays: the till reads the phone's code, or feels it; one scans a printed code, or one on a screen; to a
person.
"""
AT_TILL: tuple[Way, ...] = ("code", "tap")
"""The till asks for the money, and waits."""


class WalletQuestion(msgspec.Struct, frozen=True, tag="Wallet{}".format):
    """Base of a wallet's asks."""

    id: int = 0


class FreshCodeAsked(WalletQuestion, frozen=True):
    """A new payment code, please: the one before is worth nothing any more. Answer: its 18 digits."""

    code: str = ""


class SpendAsked(WalletQuestion, frozen=True):
    """Pay `fen` to `to`. `entered`: the password was right. Answer "ok" with a receipt's digits; "password": it must be
    entered first (a till waits meanwhile); "funds"; "static_limit": too much to printed codes today. `hours`: money to
    a person goes on its way that much later, and can be taken back until then.
    """

    to: str = ""
    fen: int = 0
    source: Source = "wallet"
    way: Way = "code"
    entered: bool = False
    hours: int = 0
    receipt: str = ""


class StandingAsked(WalletQuestion, frozen=True):
    """The question: What does the other side's record say of the spending `of`? Answer: `stands`, it is there."""

    of: int = 0
    stands: bool = False


class UndoAsked(WalletQuestion, frozen=True):
    """The till takes the spending `of` back, if there was one; "ok" whether or not."""

    of: int = 0


class GiveBackAsked(WalletQuestion, frozen=True):
    """The shop gives back what was paid with the spending `of`."""

    of: int = 0


class RecallAsked(WalletQuestion, frozen=True):
    """Take back the transfer `transfer`, which is still on its way."""

    transfer: int = 0


class BillsAsked(WalletQuestion, frozen=True):
    """The question: What was paid, newest first, and which transfers are still on their way?"""

    rows: tuple[StatementEntry, ...] = ()
    waiting: tuple[Pending, ...] = ()


WalletAsk = FreshCodeAsked | SpendAsked | StandingAsked | UndoAsked | GiveBackAsked | RecallAsked | BillsAsked
