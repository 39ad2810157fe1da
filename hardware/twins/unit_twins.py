"""All twins of one unit, and what people and bad luck can do to them, by name.

Serial twins are served on ptys at stable names in the state folder, pin twins on the board. Every act is one word
with arguments as JSON values; `at` names the device where several know the word. Acts that a person could do answer
whether the cabinet let them. `state` is what somebody standing before the cabinet, and with the key to it, would see.
The counts in it are kept by the twins, never by the application, so a test may kill the application and still know
what became of each card, note and token.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.unit_fixtures import LinkedPins
from hardware.twins import cctalk_unit, factory, mdb, twin_actions
from hardware.twins.gpio_board import Board
from hardware.twins.gpio_twin import PinTwin
from hardware.twins.payment_host import HostTwin
from hardware.twins.pseudo_terminal import ServedTwin, serve
from hardware.twins.twin_actions import Answer, now_ms
from kiosk_firmware.system.durable_files import write_whole


class Twins:
    """The twins of a unit. `act` and `state` may be called from any thread; close twice is fine."""

    def __init__(
        self, devices: DeviceTables, money: MoneyChannels, folder: Path, kept: dict[str, Any] | None = None
    ) -> None:
        """Serve everything that `devices` lists; ptys and the pin socket lie in `folder`. `kept`: a state that an
        earlier process kept; it is taken up before anybody can ask.
        """
        kept = kept or {}
        folder.mkdir(parents=True, exist_ok=True)
        self.serial: dict[str, ServedTwin] = {}
        lines: dict[str, ServedTwin] = {}  # a recycler has two roles on one
        for name, table in devices.named():
            if (maker := factory.SERIAL.get(type(table))) is not None:
                port: str = table.port  # type: ignore[attr-defined]
                if port not in lines:
                    lines[port] = serve(_restore_twin(maker(table, money), kept.get(name)), folder / Path(port).name)
                self.serial[name] = lines[port]
        wires: dict[str, Any] = {**cctalk_unit.wires(devices, money), **mdb.wires(devices, money)}
        for port, wire in wires.items():
            for name, part in wire.parts.items():
                part.restore(kept.get(name, {}))
            served = serve(wire, folder / Path(port).name)
            self.serial.update(dict.fromkeys(wire.parts, served))
        socket = devices.pins.socket if isinstance(devices.pins, LinkedPins) else "pins.sock"
        beside = {
            f"{name}.line": factory.LINES[type(table)](table, self.serial[name].twin, self.serial[name].lock)
            for name, table in devices.named()
            if type(table) in factory.LINES
        }
        self.board = Board(folder / socket, {**_pin_twins(devices, money, kept), **beside})
        host = HostTwin(folder / (devices.payment_host.phone or "phone.sock"))
        self.others: dict[str, Any] = {"payment_host": _restore_twin(host, kept.get("payment_host"))}
        """Twins without a wire."""

    def act(self, do: str, arguments: dict[str, Any]) -> Answer:
        """Carry out one act.

        Returns:
            `{"ok": True, …}` where it could be done, `{"ok": False, "error": …}` where the cabinet did not let it.

        Raises:
            ValueError: no such act, device or argument; the message says what is allowed.
        """
        try:
            if do in UNIT_ACTS:
                return UNIT_ACTS[do](self, arguments)
            name = self._whose(do, arguments)
            with self.hold(name) as twin:
                return twin.ACTS[do](twin, arguments, now_ms())  # type: ignore[no-any-return]
        except KeyError as error:
            raise ValueError(f"{do}: this request has no {error}") from None

    def _whose(self, do: str, arguments: dict[str, Any]) -> str:
        """Return the device that the act is done to: the one that `at` names, or the first that knows the word."""
        able = [name for name in self._names() if do in self._twin(name).ACTS]
        if not able:
            raise ValueError(f"no act {do!r} in this unit: allowed are {', '.join(self.words())}")
        if (at := str(arguments.get("at", able[0]))) not in able:
            raise ValueError(f"{do} at {at!r}: allowed are {', '.join(able)}")
        return at

    def words(self) -> list[str]:
        """Return every act that this unit knows."""
        twins = (self._twin(name) for name in self._names())
        return sorted({*UNIT_ACTS, *(word for twin in twins for word in twin.ACTS)})

    def _names(self) -> tuple[str, ...]:
        return (*self.serial, *self.board.twins, *self.others)

    def _twin(self, name: str) -> Any:
        if name in self.others:
            return self.others[name]
        return cctalk_unit.part(name, self.serial[name]) if name in self.serial else self.board.twins[name]

    @contextmanager
    def hold(self, name: str) -> Iterator[Any]:
        """Yield a device's twin, with its thread kept away."""
        if name in self.others:
            yield self.others[name]
        elif name in self.serial:
            with self.serial[name].lock:
                yield self._twin(name)
        else:
            with self.board.hold(name) as twin:
                yield twin

    # -- what a technician does, and bad luck -------------------------------------------------------------------------

    def _empty_boxes(self, _: dict[str, Any]) -> Answer:
        """Take kept cards back to the teacher, notes and tokens out of their boxes."""
        for name in (*self.serial, *self.board.twins):
            with self.hold(name) as twin:
                if hasattr(twin, "empty_box"):
                    twin.empty_box()
        return {"ok": True}

    def _unplug(self, args: dict[str, Any]) -> Answer:
        name = self._known(args)
        if name in self.serial:
            self.serial[name].unplug()
        else:
            self.board.unplug(name)
        return {"ok": True}

    def _replug(self, args: dict[str, Any]) -> Answer:
        name = self._known(args)
        if name in self.serial:
            self.serial[name].replug()
        else:
            self.board.replug(name)
        return {"ok": True}

    def _fault(self, args: dict[str, Any]) -> Answer:
        """Begin bad luck by `kind` at `device`; `on` False ends it."""
        kind, on, name = str(args["kind"]), bool(args.get("on", True)), self._known(args)
        with self.hold(name) as twin:
            known = (*twin.FAULTS, *(twin_actions.WIRE_FAULTS if hasattr(twin, "wire") else ()))
            if kind not in known:
                raise ValueError(f"fault {kind!r} of {name}: allowed are {', '.join(known) or 'none'}")
            if kind in twin.FAULTS:
                twin.spoil(kind, on, now_ms())
            else:
                twin_actions.spoil_wire(twin.wire, kind, on, args)
        return {"ok": True}

    def _state(self, _: dict[str, Any]) -> Answer:
        return {"ok": True, "state": self.state()}

    # -- what is seen -------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Return every twin's state by logical device, and `connected`: an application holds the pins."""
        found: dict[str, Any] = {}
        for name in self.serial:
            with self.hold(name) as twin:
                found[name] = twin.state()
        found |= {name: twin.state() for name, twin in self.others.items()}
        return {**found, **self.board.states(), "connected": self.board.connected}

    def save(self, path: Path) -> None:
        """Keep the state on disk, for whoever looks after this process is gone."""
        write_whole(path, json.dumps(self.state(), ensure_ascii=False).encode())

    def close(self) -> None:
        """Stop serving."""
        for served in self.serial.values():
            served.close()
        self.board.close()

    def _known(self, args: dict[str, Any]) -> str:
        name = str(args["device"])
        if name not in self.serial and name not in self.board.twins:
            raise ValueError(f"no device {name!r}: allowed are {', '.join([*self.serial, *self.board.twins])}")
        return name


UNIT_ACTS: dict[str, Callable[[Twins, dict[str, Any]], Answer]] = {
    "empty_boxes": Twins._empty_boxes,
    "unplug": Twins._unplug,
    "replug": Twins._replug,
    "fault": Twins._fault,
    "state": Twins._state,
}


def _restore_twin(twin: Any, kept: Any) -> Any:
    if isinstance(kept, dict) and hasattr(twin, "restore"):
        twin.restore(kept)
    return twin


def _pin_twins(devices: DeviceTables, money: MoneyChannels, kept: dict[str, Any]) -> dict[str, PinTwin]:
    return {
        name: _restore_twin(factory.PINS[type(table)](table, money), kept.get(name))
        for name, table in devices.named()
        if type(table) in factory.PINS
    }
