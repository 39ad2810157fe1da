"""An app on the telephone as the core sees it: what the facts and marks of all of them have in common.

Facts say what is: an app is at home when no errand is open and the phone is put away. Marks say what happened, when it
is complete: a message was opened, the host booked what it was asked (`booked`), another page stands. What a page of a
fraud, a notice, a face check or a code says is the same in each app (`scene.FACTS`, `told`, `face_missed`,
`code_wrong`); an app adds its own (`seen`). No number, code, password or typed word may be among them.
"""

from __future__ import annotations

from types import NoneType
from typing import Any, ClassVar, Protocol, TypeVar

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, Effects
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Tapped
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.pages import Page
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.composed_machine import Faces
from kiosk_firmware.kits.phone import shell
from kiosk_firmware.kits.phone.shell import Shell


class AppState(Protocol):
    """The part of a state that every app has. `shell`: None where the same errand is done without a phone."""

    @property
    def shell(self) -> Shell | None:
        """The phone around it."""

    @property
    def phase(self) -> Any:
        """Return which page stands in the app."""

    @property
    def language(self) -> str:
        """The language of its pages."""


S = TypeVar("S", bound=AppState)
T = TypeVar("T")


class App(Faces[S, T]):
    """One app, made of its terms and its two faces."""

    HOME: ClassVar[type]
    """The phase in which no errand is open."""
    MET: ClassVar[type[Any]]
    """In which a fraud is met (`meeting`)."""
    NOTICE: ClassVar[type[Any]]
    """In which one thing is told (`why`)."""
    CHECKED: ClassVar[type[Any]] = NoneType
    """In which a face is checked (`face`); no phase where an app never does."""
    CODE: ClassVar[type[Any]] = NoneType
    """In which a message's code is typed (`wrong`: how often it was); no phase where an app never asks for one."""

    def update(self, state: S, event: AnyEvent) -> tuple[S, Effects]:
        """See the app's `rules.update`; which language the phone speaks is none of the app's."""
        if isinstance(event, Tapped) and event.key == "home.language":
            return msgspec.structs.replace(state, language="en" if state.language == "zh" else "zh"), NO_EFFECTS  # type: ignore[type-var]
        return super().update(state, event)

    def view(self, state: S) -> Page:
        """Return the page, and beside the telephone what the person has with them."""
        page = super().view(state)
        if state.shell is None or not state.shell.carried:
            return page
        body = msgspec.structs.replace(page.body, carried=state.shell.carried)
        return msgspec.structs.replace(page, body=body)

    def facts(self, state: S, world: Any) -> Facts:
        """Return what is."""
        put_away = state.shell is None or state.shell.where == "lock"
        return {"at_home": isinstance(state.phase, self.HOME) and put_away}

    def marks(self, before: S, event: AnyEvent, after: S) -> Facts:
        """Return what this step completed."""
        if before.shell and after.shell and shell.opened_message(before.shell, after.shell):
            return {"sms_read": True}
        done = isinstance(event, HostAnswered) and event.completion == "success" and event.verdict == "ok"
        booked = self.booked(before, event.ask) if done and isinstance(event, HostAnswered) else {}
        if before.phase is after.phase:
            return booked
        return {**booked, **self._shown(before.phase, after.phase), **self.seen(before, after)}

    def _shown(self, before: Any, after: Any) -> Facts:
        """Return what a page that all apps know says."""
        match after:
            case self.MET(meeting=now):
                return fraud_scenes.marks(before.meeting if isinstance(before, self.MET) else None, now)
            case self.NOTICE(why=why):
                return {"told": why}
            case self.CHECKED(face=face) if face.told:
                return {"face_missed": face.missed}
            case self.CODE(wrong=wrong) if wrong:
                return {"code_wrong": wrong}
            case _:
                return {}

    def booked(self, before: S, ask: Ask | None) -> Facts:
        """Return what the host did when it was asked this."""
        return {}

    def seen(self, before: S, after: S) -> Facts:
        """Return what another page says that now stands, beside what all apps' pages say."""
        return {}
