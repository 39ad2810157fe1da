"""Define telephone numbers and old accounts, and what a telephone asks the carrier, or a service that has an account.

Each ask comes back in `HostAnswered` with its answer fields filled in. `id` is 0 where an unanswered ask loses nothing;
what books has one, and may be asked again: a number is opened once, closed once, an account recovered once.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.hosts.shop import ShopAsk


class Sim(msgspec.Struct, frozen=True, cache_hash=True):
    """A telephone number in somebody's name: `plan` names what is paid for it each month; `months`: how long one is
    bound; `own`: the person opened it and knows of it. A number in one's name that is used by somebody else is not.
    """

    number: str
    plan: str = ""
    months: int = 0
    own: bool = True


class OldAccount(msgspec.Struct, frozen=True, cache_hash=True):
    """An account with a service of before: its `name` there, the telephone number that it hangs on, the answers to its
    question, friends who may vouch; `recovered`: it is the person's again, with a new password and number.
    """

    app: str
    name: str
    number: str
    born: str = ""
    friends: tuple[str, ...] = ()
    recovered: bool = False


class CarrierQuestion(msgspec.Struct, frozen=True, tag=True):
    """Base of the carrier's asks. `person`: the ID number."""

    id: int = 0
    person: str = ""


class NumbersAsked(CarrierQuestion, frozen=True):
    """The question: What is in this person's name? Answer: numbers, those of before that are switched off (`held`) or
    given to somebody else (`gone`), and whether by law only basic service may be opened.
    """

    sims: tuple[Sim, ...] = ()
    held: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    limited: bool = False


class OpenAsked(CarrierQuestion, frozen=True):
    """Open this number with this plan, bound for so many months. `faced`: the face check was passed."""

    number: str = ""
    plan: str = ""
    months: int = 0
    faced: bool = False


class DropAsked(CarrierQuestion, frozen=True):
    """Close a number in this person's name."""

    number: str = ""


class ReplaceAsked(CarrierQuestion, frozen=True):
    """A new card for a number of before that is only switched off."""

    number: str = ""
    faced: bool = False


class AppealAsked(CarrierQuestion, frozen=True):
    """The person objects to the limit: the objection is taken in and answered in writing."""


class ServiceQuestion(msgspec.Struct, frozen=True, tag=True):
    """Base of a service's asks."""

    id: int = 0


class CodeAsked(ServiceQuestion, frozen=True):
    """Send a code to this number. Answer: the code, as the message has it."""

    number: str = ""
    code: str = ""


class RecoverAsked(ServiceQuestion, frozen=True):
    """Give the account back to its owner, on this number. `proof`: how they showed that it is theirs; `waited`: the
    waiting time is over.
    """

    app: str = ""
    number: str = ""
    proof: str = ""
    waited: bool = False


CarrierAsk = NumbersAsked | OpenAsked | DropAsked | ReplaceAsked | AppealAsked
ServiceAsk = CodeAsked | RecoverAsked
PhoneAsk = CarrierAsk | ServiceAsk | ShopAsk
