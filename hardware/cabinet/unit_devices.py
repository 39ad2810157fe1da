"""All devices of a unit, as unit.toml lists them: drivers, lamps, side keys, and the pins that they share.

A device that cannot be started is noted and left out; the others start. Nothing is imported for a device that is not
there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, get_args

import msgspec

from hardware.diagnostics.live_socket import driver_of
from hardware.diagnostics.service import DiagnosticsService
from hardware.drivers.driver_interface import Driver
from hardware.drivers.driver_thread import monotonic_ms
from hardware.drivers.registry import DriverContext, make_driver
from hardware.drivers.settings.base import Table
from hardware.drivers.settings.hardware_settings import DeviceTables, HardwareSettings
from hardware.drivers.settings.unit_fixtures import LinkedPins
from kiosk_firmware.core.events import AnyEvent, Device
from kiosk_firmware.core.pages import Text

log = logging.getLogger(__name__)

ROLES: tuple[Device, ...] = tuple(
    at for at in get_args(Device) if at in DeviceTables.__struct_fields__ and at not in ("payment_host", "lights")
)
"""Every logical device that unit.toml may give a driver; the host is simulated and lamps are the panel's."""
PANEL = ("contacts", "buzzer", "door_lock")
"""What the cabinet has besides logical devices, made by their tables; none has effects or events."""


PAYING_MS = 30_000
"""How long a payout of a dead process is waited for at the start; a hundred tokens take less."""


class Equipment:
    """The devices. `drivers` holds those that were started; `failed` says why the others were not."""

    def __init__(
        self,
        settings: HardwareSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int],
        write: Callable[[Text], str],
        on_side_key: Callable[[int], None],
        on_contact: Callable[[str, bool], None] = lambda name, on: None,
    ) -> None:
        self.drivers: dict[Device, Any] = {}
        self.failed: dict[str, str] = {}
        self.lights: Any = None
        self.panel: dict[str, Any] = {}
        self._settings, self._post, self._on_side_key = settings, post, on_side_key
        self.state = Path(settings.state) if settings.state else Path.cwd()
        self._backroom = DiagnosticsService(settings, self.drivers, self.failed, self.health, lambda: self.lights, post)
        self._context = DriverContext(
            "card_reader",
            self._posted,
            clock,
            settings.money,
            self.state,
            self._pins,
            write,
            {},
            self._backroom.overhear,
            on_contact,
            settings.card_key,
        )
        self._side_keys: Any = None
        self._pin_factory: Any = None

    def start(self) -> None:
        """Take all wires."""
        for at in ROLES:
            table: Table | None = getattr(self._settings.devices, at)
            if table is not None:
                self._begin(at, table)
        self._start_panel()
        self._backroom.start()

    def settle(self, lost: Collection[Device], limit_ms: float) -> set[Device]:
        """Wait until every device has been looked at, or is lost; returns those that took too long.

        One that is still paying what a dead process ordered is waited for longer: what falls belongs to somebody.
        """
        begun_ms = monotonic_ms()
        while slow := {at for at in self.drivers if at not in lost and not self.ready(at)}:
            paying = any(getattr(self.drivers[at], "under_way", False) for at in slow)
            if monotonic_ms() >= begun_ms + (PAYING_MS if paying else limit_ms):
                break
            time.sleep(0.005)
        return slow

    def ready(self, at: Device) -> bool:
        """Return whether the device is there and has been looked at."""
        driver = self.drivers.get(at)
        return driver is not None and bool(driver.health().get("ready", True))

    def _begin(self, at: Device, table: Table) -> None:
        try:
            driver: Driver | None = self._made(at, table)
            if driver is not None:
                driver.start()
                self.drivers[at] = driver
        except Exception as error:  # gpiozero, lgpio, pyserial and the system each raise their own: the unit goes on
            log.exception("%s cannot be started", at)
            self.failed[at] = f"{type(error).__name__}: {error}"

    def _made(self, at: Device, table: Table) -> Any:
        kit, pad = msgspec.structs.replace(self._context, at=at), self._settings.devices.tap_reader
        if at == "tap_reader" and "card_reader" in self.drivers:
            return self.drivers["card_reader"].tapped
        if at != "card_reader" or pad is None:
            return make_driver(table, kit)
        from hardware.drivers.card_slot_and_pad import CardSlotAndPad  # few units have both

        change = msgspec.structs.replace
        return CardSlotAndPad(
            lambda post: make_driver(table, change(kit, post=post)),
            lambda post: make_driver(pad, change(kit, post=post)),
            kit.post,
        )

    def _start_panel(self) -> None:
        devices = self._settings.devices
        try:
            if devices.lights is not None:
                from hardware.drivers.indicator_lamps import Lights  # only units with lamps pay for it

                self.lights = Lights(devices.lights, self._pins())
                self.lights.start()
            if devices.side_keys is not None:
                from hardware.drivers.side_keys import side_key_pad

                self._side_keys = side_key_pad(devices.side_keys, self._on_side_key, self._pins())
                self._side_keys.start()
        except Exception as error:  # as above: a unit without lamps is still a unit
            log.exception("lamps or side keys cannot be started")
            self.failed["lights"] = f"{type(error).__name__}: {error}"
        for name in PANEL:
            if (table := getattr(devices, name)) is not None:
                self._begin_part(name, table)

    def _begin_part(self, name: str, table: Table) -> None:
        try:
            part = make_driver(table, self._context)
            part.start()
            self.panel[name] = part
        except Exception as error:  # as above: a unit without a buzzer is still a unit
            log.exception("%s cannot be started", name)
            self.failed[name] = f"{type(error).__name__}: {error}"

    def call_teacher(self, on: bool) -> None:
        """Switch the lamp that calls the teacher, where there is one."""
        if self.lights is not None:
            self.lights.show("teacher", "on" if on else "off")

    def contacts(self) -> dict[str, bool]:
        """Return what the contacts say now; empty without any."""
        contacts = self.panel.get("contacts")
        return dict(contacts.now) if contacts is not None else {}

    def open_door(self) -> bool:
        """Open the door's lock; False where there is none."""
        lock = self.panel.get("door_lock")
        if lock is not None:
            lock.open()
        return lock is not None

    def _pins(self) -> Any:
        if self._pin_factory is None:
            from hardware.transport import gpio_pin_factory  # brings gpiozero

            table = self._settings.devices.pins
            linked = isinstance(table, LinkedPins)
            path = self.state / table.socket if isinstance(table, LinkedPins) else self.state
            self._pin_factory = gpio_pin_factory.factory("linked" if linked else "lgpio", path)
        return self._pin_factory

    def stop(self) -> None:
        """Let all wires go; twice is fine."""
        self._backroom.close()
        for part in (*self.drivers.values(), *self.panel.values(), self._side_keys, self.lights):
            if part is not None:
                part.stop()
        if self._pin_factory is not None:
            self._pin_factory.close()

    def _posted(self, event: AnyEvent) -> None:
        self._backroom.heard(event)
        self._post(event)

    @property
    def misplaced(self) -> dict[str, str]:
        """Devices at whose port another one answers, with a sentence that says so."""
        return self._backroom.misplaced()

    def health(self) -> dict[str, Any]:
        """Return every device's own report, by logical name."""
        found: dict[str, Any] = {at: driver.health() for at, driver in self.drivers.items()}
        for name, part in (("lights", self.lights), ("side_keys", self._side_keys), *self.panel.items()):
            if part is not None:
                found[name] = part.health()
        return found

    def self_test(self, lost: Iterable[Device]) -> list[dict[str, Any]]:
        """Return one row for each device that the unit has: at, driver, ok, and what is wrong in a word (absent, lost,
        starting, misplaced, or why it failed).
        """
        gone = set(lost)
        rows: list[dict[str, Any]] = []
        for at in ROLES:
            table, driver = getattr(self._settings.devices, at), self.drivers.get(at)
            if table is None:
                continue
            trouble = self.failed.get(at) or ("absent" if driver is None else "lost" if at in gone else "")
            if not trouble and not self.ready(at):
                trouble = "starting"
            if trouble and at in self.misplaced:
                trouble = "misplaced"
            rows.append({"at": at, "driver": driver_of(table) if table else "", "ok": not trouble, "text": trouble})
        return rows
