"""`kiosk devices list`, `probe`, `locate`: which devices there are, who answers at a port, and where a device sits."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hardware.diagnostics.cli.device_access import UnitError, absolute_port, connect_running, holder, tty
from hardware.diagnostics.live_socket import driver_of
from hardware.drivers.settings.base import Table
from hardware.drivers.settings.hardware_settings import MEDIA, DeviceTables
from hardware.drivers.settings.unit_fixtures import Lamps, LinkedPins
from hardware.setup import port_probing
from hardware.setup import unit_toml_proposal as proposing
from hardware.transport import port_names

NOT_DEVICES = ("pins", "payment_host", *MEDIA)
FLASH_S = 6.0


def list_devices(devices: DeviceTables, state: Path) -> Iterator[str]:
    """Yield a line for each device: name, driver, where, what it is called there, how it is."""
    line = connect_running(state)
    if line is None:
        health: dict[str, Any] = {}
        misplaced: dict[str, str] = {}
    else:
        with line:
            told = line.ask("health")
        health, misplaced = {**told["health"], **told["failed"]}, told["misplaced"]
    yield "the unit runs" if line is not None else "no unit runs here"
    for name, table in devices.named():
        if name not in NOT_DEVICES:
            how = misplaced.get(name) or (_how(health.get(name)) if line is not None else _at_rest(table, state))
            yield f"{name:<16} {driver_of(table):<14} {port_description(table, state):<44} {how}"


def port_description(table: Table, state: Path) -> str:
    """Return a port with its tty and the name that it could keep, or pins."""
    if not (port := getattr(table, "port", "")):
        return ", ".join(f"{key} {pin}" for key, pin in table.wired())[:44]
    path = tty(port, state)
    better = port_names.bound(port_names.ports()).get(path, "")
    keeps = f", better called {better}" if port_names.is_usb(better) and not port_names.is_usb(port) else ""
    return f"{port} ({path or 'not there'}{keeps})"


def _how(seen: Any) -> str:
    """Return a driver's health in a few words."""
    if seen is None:
        return "absent"
    if isinstance(seen, str):
        return f"failed: {seen}"
    words = ["ready" if seen.get("ready", True) else "lost" if seen.get("lost") else "starting"]
    if seen.get("trouble"):
        words.append(str(seen["trouble"]))
    if faults := sum(seen.get("faults", {}).values()):
        words.append(f"{faults} line faults")
    if seen.get("port", {}).get("error") and not seen["port"]["open"]:
        words.append(seen["port"]["error"])
    return ", ".join(words)


def _at_rest(table: Table, state: Path) -> str:
    """Return what can be said of a device while nobody runs it."""
    if not (port := getattr(table, "port", "")):
        return "on pins"
    if not (path := tty(port, state)):
        return "nothing is plugged in there"
    who = holder(path)
    return f"held by {who}" if who else "there, not asked (kiosk devices probe asks)"


def probe_ports(names: Iterable[str], state: Path) -> Iterator[str]:
    """Ask at these ports (none: every port of this machine), and propose what unit.toml could say."""
    wanted = {name: tty(name, state) for name in names} or {port.device: port.device for port in port_names.ports()}
    better = port_names.bound(port_names.ports())
    found: dict[str, list[port_probing.ProbedDevice]] = {}
    for name, path in wanted.items():
        called = name if port_names.is_usb(name) else better.get(path, absolute_port(name, state))
        if not path:
            yield f"{name}: nothing is plugged in there"
            continue
        try:
            found[called] = port_probing.probe(path)
        except port_probing.PortError as error:
            who = holder(path)
            yield f"{name}: " + (f"held by {who}" if who else f"cannot be opened: {error}")
            continue
        yield f"{name}: " + ("; ".join(one.words for one in found[called]) or _nobody(path))
    if not wanted:
        yield "no serial port is plugged in"
    proposal = proposing.propose_tables(found)
    if proposal.tables:
        yield from ("", "# unit.toml could say:", proposal.toml(), *(f"# {remark}" for remark in proposal.remarks))


def _nobody(path: str) -> str:
    """Return what is to be said of a port where nobody that we know has answered."""
    return port_probing.refusal(path) or "nobody that we know answers"


def locate_device(at: str, devices: DeviceTables, state: Path) -> Iterator[str]:
    """Flash the device's lamp. Raises UnitError when it has none."""
    if (line := connect_running(state)) is not None:
        with line:
            yield f"{at}: its lamp flashes for {line.ask('locate', at=at)['seconds']:.0f} s"
        return
    lamps = devices.lights
    if lamps is None or at not in lamps.slots:
        raise UnitError(f"{at!r} has no lamp: allowed are {', '.join(lamps.slots) if lamps else 'none'}")
    yield f"{at}: its lamp flashes for {FLASH_S:.0f} s"
    _flash(at, lamps, devices, state)


def _flash(at: str, lamps: Lamps, devices: DeviceTables, state: Path) -> None:
    from hardware.drivers.indicator_lamps import Lights
    from hardware.transport import gpio_pin_factory  # brings gpiozero

    linked = isinstance(devices.pins, LinkedPins)
    factory = gpio_pin_factory.factory("linked" if linked else "lgpio", state / getattr(devices.pins, "socket", ""))
    lights = Lights(lamps, factory)
    try:
        lights.start()
        lights.show(at, "quick")
        time.sleep(FLASH_S)
    finally:
        lights.stop()
        factory.close()
