"""Between runs: whatever lies in the cabinet goes back, step by step, each step on the disk before the next."""

from __future__ import annotations

from collections.abc import Callable

from kiosk_firmware.core.events import AnyEvent, DeviceBack
from kiosk_firmware.settings.session_limits import SessionLimits
from kiosk_firmware.unit.runtime import liabilities as books
from kiosk_firmware.unit.runtime.effect_dispatch import Dispatch, credit_of
from kiosk_firmware.unit.runtime.idle_item_return import IdleItemReturn
from kiosk_firmware.unit.runtime.liabilities import Liabilities
from kiosk_firmware.unit.runtime.run_facts import moved_facts
from kiosk_firmware.unit.runtime.timers import Timers


class IdleCustody:
    """The unit's debts while no run goes on. `on_change` is called whenever that changed."""

    def __init__(self, dispatch: Dispatch, timers: Timers, turn: SessionLimits, on_change: Callable[[], None]) -> None:
        """Begin with nothing owed."""
        self.owed: Liabilities = books.NOTHING
        self._dispatch = dispatch
        self._timers = timers
        self._turn = turn
        self._on_change = on_change
        self._giveback = IdleItemReturn()

    @property
    def is_done(self) -> bool:
        """Nothing waits to be given back."""
        return self._giveback.is_done(self.owed)

    @property
    def stuck(self) -> tuple[str, ...]:
        """Devices that hold something and do not give it back."""
        return self._giveback.stuck(self.owed)

    def begin(self, owed: Liabilities) -> None:
        """Begin between runs: no run goes on any more; this is what it left."""
        self._giveback.reset()
        self.owed = owed
        self._proceed(None)

    def heard(self, event: AnyEvent) -> None:
        """Take a device's event, and go on giving back."""
        if isinstance(event, DeviceBack):
            self._giveback.again()
        self._proceed(event)

    def overdue(self) -> None:
        """Go on when what stood ready was not taken."""
        self._giveback.overdue = True
        self._proceed(None)

    def again(self) -> None:
        """Try again: the teacher has seen to what was stuck."""
        self._giveback.again()
        self._proceed(None)

    def _proceed(self, event: AnyEvent | None) -> None:
        facts = moved_facts("", event, self.owed.tray_fen) if event is not None else ()
        if event is not None:
            self.owed = books.apply_event(self.owed, event)
            self._giveback.heard(event)
        if self.owed.place == "none" and not self.owed.tray:
            self._giveback.overdue = False
        effects, credit = self._giveback.due(self.owed), credit_of(event)
        self._dispatch.write("", self.owed, (), facts, effects, urgent=True, credit=credit, heard=event)
        if not self._giveback.waits(self.owed):
            self._timers.stop("take")
        elif self._timers.running("take") is None and not self._giveback.overdue:
            self._timers.start("take", self._turn.take_seconds * 1000)
        self._on_change()
