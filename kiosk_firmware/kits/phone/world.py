"""Share what the worlds of machines on a telephone have in common: nothing lies in a cabinet, so there are only the
person, what they typed and pressed, and a host that answers.

A machine's world says what its host answers (`said`), what an answer books (`booked`), and what was promised
(`broken`). Whatever leaves the person's own accounts is what the thing costs by the rules for what the *keys* chose
(`price`, `choices`; nothing, unless a machine says so): that is held here. The host's answers are computed by `said`
and booked when `HostAnswered` is *heard*, or when an armed fault lost the answer (`Struck` carries the ask). A code
that came in a message can be typed as soon as it was read.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, TypeVar

import msgspec

from kiosk_firmware.core import cabinet_model
from kiosk_firmware.core.effects import AnyEffect, AskHost, OpenPart
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    Fault,
    HostAnswered,
    Returned,
    Struck,
    Tapped,
    Typed,
)
from kiosk_firmware.core.faults import moment, struck
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.linked_machine_requests import LinkedMachineResult
from kiosk_firmware.core.linked_machines import returns
from kiosk_firmware.core.machine import Open, Values, World
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits.cabinet_invariants import NOTHING, HeardRun, after_key, after_typing

CODE = "code.field"
"""The field that a code is typed into."""


class PhoneUser(msgspec.Struct, frozen=True, cache_hash=True):
    """The person and what is known of them; `wrong`: promises that were broken at some moment; `code`: the newest one
    that came in a message, and whether that was opened; `known`: what the keys chose.
    """

    persona: Persona
    wrong: tuple[str, ...] = ()
    code: str = ""
    read: bool = False
    known: HeardRun = NOTHING


W = TypeVar("W", bound=PhoneUser)


class PhoneAppWorlds(World[W]):
    """The rules of such a world."""

    choices: ClassVar[frozenset[str]] = frozenset()
    """The areas of keys, and the fields, that choose what is paid: "shop" of `shop.bus`, "amount.field"."""

    def price(self, world: W, ask: Ask) -> int:
        """Return what leaves the person's own accounts by the rules as the host does this, for what the keys chose,
        fen; less than nothing for what comes. `world`: before it.
        """
        return 0

    @abstractmethod
    def said(self, world: W, effect: AskHost) -> HostAnswered:
        """Return what the host would say."""

    @abstractmethod
    def booked(self, world: W, ask: Ask) -> W:
        """Return the world after the host did what it was asked."""

    def meant(self, world: W, event: Tapped | Typed) -> W:
        """Return the world after a glass act: what was pressed is what must be booked."""
        return world

    @abstractmethod
    def broken(self, world: W, at_rest: bool) -> tuple[str, ...]:
        """Return the machine's own broken promises, in words."""

    # -- hearing ------------------------------------------------------------------------------------------------------

    def heard(self, world: W, event: AnyEvent) -> W:
        """Return the world after `event`."""
        match event:
            case HostAnswered(completion="success", verdict="ok", ask=ask):
                return self._charged(world, self.booked(world, ask), ask)
            case Struck(ask=ask) if ask is not None:
                return self._charged(world, self.booked(world, ask), ask)
            case Returned(persona=persona) if persona is not None:
                return msgspec.structs.replace(world, persona=persona)
            case Tapped(key=key) if key.startswith("sms.") and world.code and not world.read:
                return msgspec.structs.replace(world, read=True)
            case Tapped(key=key, value=value):
                return self.meant(with_known_keys(world, after_key(world.known, key, value, self.choices)), event)
            case Typed(key=key, text=value):
                return self.meant(with_known_keys(world, after_typing(world.known, key, value, self.choices)), event)
            case _:
                return world

    def _charged(self, before: W, after: W, ask: Ask) -> W:
        """Return the world after an ask, in which what left the person's own accounts is by the rules."""
        if after is before:
            return after
        left, due = own_fen(before.persona) - own_fen(after.persona), self.price(before, ask)
        return with_breaches(after, *[f"{left} fen left one's own accounts, by the rules {due}"] * (left != due))

    # -- answering ----------------------------------------------------------------------------------------------------

    def answer(self, world: W, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the host's answer; another part of the place is closed by the person, or by itself after a while, and
        is then called off by the part that opened it.
        """
        if isinstance(effect, OpenPart) and canceled:
            return Returned(effect.at, effect.ref, LinkedMachineResult("refused"))
        return self.said(world, effect) if isinstance(effect, AskHost) else None

    def acts(self, world: W, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Press, type what the task names or what a message said, close another part."""
        field = page.body.field_key
        texts = [*values.get(field, ()), *([world.code] if field == CODE and world.read else [])]
        return (
            *(Tapped(key.name, page.step, key.value) for key in page.keys if cabinet_model.search_presses(key, values)),
            *(Typed(field, one, page.step) for one in dict.fromkeys(texts) if field and one != page.body.field),
            *returns(open_),
        )

    def faults(self, world: W, armed: Fault, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        """Return where the armed fault can strike: as the host answers."""
        ends = [self.said(world, effect) for effect, _ in open_ if isinstance(effect, AskHost)]
        return tuple(struck(armed, event) for event in ends if moment(armed, event))

    # -- what is ------------------------------------------------------------------------------------------------------

    def found(self, world: W) -> CabinetFound:
        """Return that nothing lies anywhere."""
        return CabinetFound()

    def at_rest(self, world: W) -> bool:
        """Return True: a telephone takes nothing in."""
        return True

    def essence(self, world: W) -> W:
        """Return the world without what the keys chose, which only promises look at."""
        if world.known is NOTHING:
            return world
        return msgspec.structs.replace(world, known=NOTHING)

    def breaches(self, world: W, at_rest: bool) -> tuple[str, ...]:
        """Return broken promises, in words."""
        return (*world.wrong, *self.broken(world, at_rest))

    def persona(self, world: W) -> Persona:
        """Return what outlives the run."""
        return world.persona


def with_breaches(world: W, *wrong: str) -> W:
    """Return the world with promises that were broken just now."""
    return msgspec.structs.replace(world, wrong=tuple(sorted({*world.wrong, *wrong}))) if wrong else world


def with_known_keys(world: W, known: HeardRun) -> W:
    """Return the world with what is known of the keys now."""
    return world if known is world.known else msgspec.structs.replace(world, known=known)


def own_fen(persona: Persona) -> int:
    """Return what lies in the person's own accounts: the wallet's and the cards', fen."""
    accounts = {persona.wallet, *(card.account for card in persona.cards)} - {""}
    return sum(persona.ledger.balance(one) for one in accounts)
