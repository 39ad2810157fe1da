"""Run what every telephone has around its apps: a lock, a first page with tiles, and messages.

The shell stands in front (`front`) while it is locked, on its first page, or in messages; then it hears the glass and
the app does not. From the app messages are opened by `nav.sms` and left to where one was, so that a code can be read
and then typed. The locked phone is the step "home", where a run begins and ends: what is done is put away.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.events import AnyEvent, Tapped, TimerExpired
from kiosk_firmware.core.money import NOTE_FROM_FEN
from kiosk_firmware.core.persona import Persona, Sms

Where = Literal["lock", "tiles", "sms", "message", "app"]
OPEN = "app.open"
"""The tile of the app that is practised."""


class Shell(msgspec.Struct, frozen=True, cache_hash=True):
    """The place on the phone where one is. `sms`: messages, newest first; `fresh`: 1 while the newest is unread; `at`:
    the one that is open; `over`: what messages were opened over; `carried`: pictures of what the person has with them.
    """

    where: Where = "lock"
    sms: tuple[Sms, ...] = ()
    fresh: int = 0
    at: int = 0
    over: Literal["tiles", "app"] = "tiles"
    carried: tuple[str, ...] = ()

    @property
    def front(self) -> bool:
        """The shell hears the glass, not the app."""
        return self.where != "app"


def phone_of(persona: Persona) -> Shell:
    """Return a person's telephone, locked, before the run."""
    return Shell(sms=persona.phone.sms, carried=carried_pictures(persona))


def carried_pictures(persona: Persona) -> tuple[str, ...]:
    """Return the names of pictures of what somebody has with them: ID card, bank card, each note and coin."""
    pieces = (
        f"{'note' if fen >= NOTE_FROM_FEN else 'coin'}_{fen // 100}"
        for fen, count in persona.purse
        for _ in range(count)
    )
    return (*["id_card"] * bool(persona.ids), *["bank_card"] * bool(persona.cards), *pieces)


def enter_place(shell: Shell, where: Where, **fields: object) -> Shell:
    """Return the shell at another place."""
    return msgspec.structs.replace(shell, where=where, **fields)


def receive_message(shell: Shell, sms: Sms) -> Shell:
    """Receive a message; the phone keeps the newest of each kind."""
    return msgspec.structs.replace(shell, sms=newest_messages(sms, shell.sms), fresh=1)


def newest_messages(sms: Sms, before: tuple[Sms, ...]) -> tuple[Sms, ...]:
    """Return the messages with this one, newest first, one of each kind."""
    return (sms, *(one for one in before if one.kind != sms.kind))


def close_phone(shell: Shell) -> Shell:
    """Put the phone away, locked: the errand is over, or nobody is there."""
    return enter_place(shell, "lock", over="tiles")


def leave_app(shell: Shell) -> Shell:
    """Leave the app by its way out, to the first page."""
    return enter_place(shell, "tiles", over="tiles")


def after_event(shell: Shell, event: AnyEvent) -> Shell:
    """Return the shell after a glass act or time-out; the same object where nothing was meant by it. Call it while it
    stands in front, and for `nav.sms` pressed in the app.
    """
    if isinstance(event, TimerExpired):
        return _left(shell) if shell.where in ("sms", "message") else close_phone(shell)
    if not isinstance(event, Tapped):
        return shell
    match shell.where, event.key:
        case "lock", "lock.open":
            return enter_place(shell, "tiles")
        case "tiles", "nav.lock":
            return close_phone(shell)
        case "tiles", key if key == OPEN:
            return enter_place(shell, "app")
        case ("tiles", "app.sms") | ("app", "nav.sms"):
            return enter_place(shell, "sms", over="app" if shell.where == "app" else "tiles")
        case "sms", key if key.startswith("sms."):
            return enter_place(shell, "message", at=int(event.value), fresh=max(0, shell.fresh - 1))
        case "message", "nav.back":
            return enter_place(shell, "sms")
        case ("sms", "nav.back") | ("message", "nav.app"):
            return _left(shell)
        case _:
            return shell


def _left(shell: Shell) -> Shell:
    return enter_place(shell, shell.over)


def opened_message(before: Shell, after: Shell) -> Sms | None:
    """Return the message that this step opened; None for none."""
    if after.where != "message" or before.where == "message" or after.at >= len(after.sms):
        return None
    return after.sms[after.at]
