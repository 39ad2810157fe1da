"""The wallet's phases: one frozen struct each, joined to one closed union.

`Waiting`, `Password` and `PinClosing` are left only by an answer; all others by keys or time-out. `Polling` and
`TillWaits` are the till's: whoever stands there can only wait, as in life.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.hosts.bank import Pending
from kiosk_firmware.core.hosts.wallet import BillsAsked, WalletAsk, Way
from kiosk_firmware.kits.fraud_scenes import SceneProgress
from kiosk_firmware.kits.pin_dialogue import PinEntryState


class PayPhase(msgspec.Struct, frozen=True, tag=True):
    """Base of the wallet's phases."""


class Home(PayPhase, frozen=True):
    """The phone's first page, locked or with its tiles."""


class Menu(PayPhase, frozen=True):
    """The app's first page: how shall be paid?"""


class Shops(PayPhase, frozen=True):
    """The question: Where does one stand? While one may scan, another unit's code is read as well."""

    ways: tuple[Way, ...]


class CodeShown(PayPhase, frozen=True):
    """One's own code: the till reads it. `renewed`: how often it was made anew."""

    code: str
    renewed: int = 0


class TapReady(PayPhase, frozen=True):
    """The phone is ready to be held to the till. `problem`: what came of the last try: "short" (taken away too soon),
    "card" (a card was held there), "foreign" (nothing of ours).
    """

    problem: Literal["", "short", "card", "foreign"] = ""


class Scan(PayPhase, frozen=True):
    """A shop's code lies before the camera."""


class Amount(PayPhase, frozen=True):
    """The question: How much? `problem`: "none" (nothing typed), "much" (more than anything costs)."""

    typed: str = ""
    problem: str = ""


class Contacts(PayPhase, frozen=True):
    """To whom?"""


class Hours(PayPhase, frozen=True):
    """The question: When shall it go on its way?"""


class Confirm(PayPhase, frozen=True):
    """Name and amount once more."""


class Waiting(PayPhase, frozen=True):
    """The service is asked. `polled`: how often the till has asked already."""

    ask: WalletAsk
    polled: int = 0


class Password(PayPhase, frozen=True):
    """The password is entered; a till waits as long as it may."""

    pin: PinEntryState


class PinClosing(PayPhase, frozen=True):
    """The pad was asked to stop; what then."""

    why: str


class Polling(PayPhase, frozen=True):
    """The till has not heard whether it has its money, and asks again."""

    polled: int


class TillWaits(PayPhase, frozen=True):
    """It was called off; the till waits as long as it must before it takes back."""

    why: str


class Unsure(PayPhase, frozen=True):
    """No answer came: was it paid?"""


class Record(PayPhase, frozen=True):
    """The other side's record."""

    stands: bool


class Paid(PayPhase, frozen=True):
    """It is paid; the receipt's digits."""

    receipt: str


class Funds(PayPhase, frozen=True):
    """There is not enough there."""


class Bills(PayPhase, frozen=True):
    """The payments made, and those on their way."""

    found: BillsAsked


class OnItsWay(PayPhase, frozen=True):
    """One transfer that can still be taken back."""

    transfer: Pending


class Notice(PayPhase, frozen=True):
    """One thing to know, then the first page."""

    why: str


class Met(PayPhase, frozen=True):
    """A fraud is met; then `then`."""

    meeting: SceneProgress
    then: PayPhase


Phase = (
    Home
    | Menu
    | Shops
    | CodeShown
    | TapReady
    | Scan
    | Amount
    | Contacts
    | Hours
    | Confirm
    | Waiting
    | Password
    | PinClosing
    | Polling
    | TillWaits
    | Unsure
    | Record
    | Paid
    | Funds
    | Bills
    | OnItsWay
    | Notice
    | Met
)
