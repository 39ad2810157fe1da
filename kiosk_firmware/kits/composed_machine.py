"""A machine made of its terms and its two faces, functions of terms and state that stand in its `rules` and `view`. It
adds how it begins, its facts and its marks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import msgspec

from kiosk_firmware.core.effects import Effects
from kiosk_firmware.core.events import AnyEvent
from kiosk_firmware.core.machine import Machine
from kiosk_firmware.core.pages import Page


class StateFunction(Protocol):
    """A function of a machine's state."""

    @property
    def language(self) -> str:
        """The language of its pages."""


S = TypeVar("S", bound=StateFunction)
T = TypeVar("T")
"""A machine's terms: its rules of the date and its skin's profile, with what data it has."""


class Faces(Machine[S], Generic[S, T]):
    """See the file's head."""

    def __init__(
        self,
        terms: T,
        update: Callable[[T, S, AnyEvent], tuple[S, Effects]],
        view: Callable[[T, S], Page],
    ) -> None:
        """Join terms and faces."""
        self.terms = terms
        self._update, self._view = update, view

    def update(self, state: S, event: AnyEvent) -> tuple[S, Effects]:
        """See the machine's `rules.update`."""
        return self._update(self.terms, state, event)

    def view(self, state: S) -> Page:
        """See the machine's `view.view`."""
        return self._view(self.terms, state)

    def essence(self, state: S) -> S:
        """Return the state without the language, which changes no rule."""
        return state if state.language == "zh" else msgspec.structs.replace(state, language="zh")  # type: ignore[type-var]
