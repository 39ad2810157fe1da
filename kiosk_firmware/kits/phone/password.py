"""The payment password on a telephone's own glass: asked for, and what somebody may do meanwhile.

Its figures stay in the pad's driver; an app hears how many there are, and whether they were right. In practice it is
the PIN of the person's bank card, so that nobody has to learn or be given another one.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import AnyEffect, Effects, ReadPin
from kiosk_firmware.core.events import AnyEvent, PinEntered
from kiosk_firmware.core.machine import Open
from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer, text
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits import pin_dialogue
from kiosk_firmware.kits.phone.shell import Shell
from kiosk_firmware.kits.phone.shell_pages import nav
from kiosk_firmware.kits.pin_dialogue import Outcome, PinEntryState

OUT = "nav.back"
NUMBER = "phone"
"""What the password is kept under where there is no bank card."""


def number_of(persona: Persona) -> str:
    """Return whose PIN the password is."""
    return persona.cards[0].number if persona.cards else NUMBER


def ask_password(number: str) -> Effects:
    """Ask for it; a telephone has no keys but those on its glass."""
    return on_glass((pin_dialogue.ask_pin(number),))


def after_event(now: PinEntryState, number: str, event: AnyEvent) -> tuple[PinEntryState | Outcome, Effects]:
    """Return the dialogue after `event`, as `kits.pin_dialogue` has it."""
    after, effects = pin_dialogue.after_event(now, number, event, OUT)
    return after, on_glass(effects)


def on_glass(effects: Effects) -> Effects:
    """Return the effects, with whatever is asked of the pad asked of the glass."""
    change = msgspec.structs.replace
    return tuple(change(effect, on="glass") if isinstance(effect, ReadPin) else effect for effect in effects)


def page(shell: Shell | None, now: PinEntryState, length: int, ms: int) -> Page:
    """Return the page on which it is entered: `length` figures, within `ms`."""
    lines = (text("password.wrong", n=now.tries) if now.wrong else text("password.how"), text("password.nobody"))
    figures = tuple(Key(f"digit.{n}", "digit", Text(n), n) for n in "1234567890")
    erase = Key("digit.erase", "digit", Text("digit.erase"), "C", icon="erase")
    body, stands = Body(lines, digits=now.digits, length=length), Timer("password", ms)
    keys = (*figures, erase, *nav(shell))
    return Page("PinEntry", "password", text("password.title"), None, body, keys, stands, private=True)


def acts(open_: Open) -> tuple[AnyEvent, ...]:
    """Enter it rightly, wrongly, or press the pad's own way out."""
    return tuple(
        PinEntered(effect.at, effect.ref, *said)
        for effect, canceled in open_
        if isinstance(effect, ReadPin) and not canceled
        for said in (("right", "success"), ("wrong", "success"), ("none", "canceled"))
    )


def answer(effect: AnyEffect, canceled: bool) -> AnyEvent | None:
    """Return the pad's answer, where it was asked to stop; else a person must act."""
    if not isinstance(effect, ReadPin) or not canceled:
        return None
    return PinEntered(effect.at, effect.ref, "none", "canceled")
