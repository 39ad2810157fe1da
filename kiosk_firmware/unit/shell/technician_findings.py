"""Find out what a technician asks of a unit: a device, its history, what got worse, failures, configuration, network
and clock, each as rows of words.

The same functions as behind `kiosk devices` and `kiosk config` are asked. Nothing here waits for anybody but the unit's
own technician's socket, so it is called off the glass's thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hardware.diagnostics import degradation
from hardware.diagnostics.cli import history, listing
from hardware.diagnostics.cli.device_access import UnitError, connect_running
from hardware.diagnostics.device_history import FILE, UTC8, History
from hardware.diagnostics.live_socket import driver_of
from hardware.drivers.settings.hardware_settings import DeviceTables
from kiosk_firmware.core.pages import Row, Text, text
from kiosk_firmware.system.state_folders import agent_folder, screen_folder
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.agent import config_rollout, log_lines
from kiosk_firmware.unit.identity import status_file
from kiosk_firmware.unit.lobby.phases.technician import Subject
from kiosk_firmware.unit.shell import technician_lines as lines
from kiosk_firmware.unit.shell.technician_lines import Mark
from kiosk_firmware.unit.shell.unit_wipe import unsent
from kiosk_firmware.wire import event_clock

LOGGED = 24
"""Lines of failures that are shown."""
Rows = Iterator[Row]


def find_troubles(
    subject: Subject, device: str, state: Path, devices: DeviceTables, sys: Path = Path("/sys")
) -> tuple[Row, ...]:
    """Return what is to be said. `state`: the unit's folder; `sys`: where the kernel tells of networks."""
    places = screen_folder(state)
    asks: dict[Subject, Callable[[], Rows]] = {
        "part": lambda: part(device, places, devices),
        "locate": lambda: locate(device, places, devices),
        "history": lambda: weeks(device, places),
        "compare": lambda: compare_devices(places),
        "failures": lambda: failures(state),
        "config": lambda: configuration(state),
        "network": lambda: network(state, sys),
        "clock": clock,
    }
    try:
        return tuple(asks[subject]())
    except (UnitError, OSError) as error:
        return tuple(lines.rows(str(error), "bad"))


def _row(key: str, value: Text | str, mark: Mark = "") -> Row:
    return Row(Text(f"tech.{key}"), lines.plain(value) if isinstance(value, str) else value, mark)


def _long(key: str, value: str, mark: Mark) -> Rows:
    """Yield its name, then the line, which may be longer than a row."""
    yield Row(Text(f"tech.{key}"), None, mark)
    yield from lines.rows(value)


# -- a device ----------------------------------------------------------------------------------------------------------


def part(device: str, places: Path, devices: DeviceTables) -> Rows:
    """Yield the rows of a device: how it is, how it is driven, where it sits, and what was wrong with it last."""
    table = dict(devices.named()).get(device)
    told = _told(places)
    seen = {**told["health"], **told["failed"]}.get(device)
    yield from _standing(seen, told["misplaced"].get(device, ""))
    if table is not None:
        yield _row("part.driver", driver_of(table))
        yield from _long("part.where", listing.port_description(table, places) or "-", "")
    yield from _troubles(seen if isinstance(seen, Mapping) else {})


def _told(places: Path) -> dict[str, Any]:
    unit = connect_running(places)
    if unit is None:
        return {"health": {}, "failed": {}, "misplaced": {}}
    with unit:
        return unit.ask("health")


def _standing(seen: Any, misplaced: str) -> Rows:
    if misplaced:
        yield from _long("part.misplaced", misplaced, "bad")
    elif isinstance(seen, str):
        yield from _long("part.failed", seen, "bad")
    elif seen is None:
        yield Row(Text("tech.part.absent"), None, "warn")
    elif seen.get("ready", True):
        yield Row(Text("tech.part.ready"), None, "ok")
    else:
        lost = bool(seen.get("lost"))
        yield Row(Text(f"tech.part.{'lost' if lost else 'starting'}"), None, "bad" if lost else "warn")


def _troubles(seen: Mapping[str, Any]) -> Rows:
    """Yield the reason of the last failure, the port's own, and what went wrong on the line by kind."""
    port = seen.get("port") or {}
    reasons = [str(one) for one in (seen.get("trouble"), port.get("error")) if one]
    for one in reasons:
        yield from _long("part.trouble", one, "warn")
    faults = {name: n for name, n in (seen.get("faults") or {}).items() if n}
    for name, n in sorted(faults.items()):
        yield Row(lines.plain(str(name)), text("tech.part.count", n=n), "warn")
    if not reasons and not faults:
        yield Row(Text("tech.part.well"), None, "ok")


def locate(device: str, places: Path, devices: DeviceTables) -> Rows:
    """Flash its lamp."""
    for _ in listing.locate_device(device, devices, places):
        yield Row(text("tech.locate.on", n=round(listing.FLASH_S)), None, "ok")


def weeks(device: str, places: Path) -> Rows:
    """Yield a device's log, newest first, then its weeks."""
    kept = _history(places)
    for entry in reversed([one for one in kept.log() if one.device in (device, "")]):
        yield from lines.rows(f"{history.shown_day(entry.at_ms)} {entry.text}")
    for week, counts in reversed(kept.weeks(device).items()):
        yield Row(lines.plain(week), text("tech.history.week", **_summed(counts)))


def _history(places: Path) -> History:
    """Return the history file, with what the running unit has counted up to now."""
    unit = connect_running(places)
    if unit is not None:
        with unit:
            unit.ask("save")
    return History(places / FILE)


def _summed(counts: Counter[str]) -> dict[str, int]:
    of = degradation.cases
    failed = of("fails", counts).total() + of("refuses", counts).total()
    told = {"failed": failed, "lost": of("lost", counts).total()}
    return {"accepted": counts.get("accepted", 0), "done": counts.get("done", 0), **told}


def compare_devices(places: Path) -> Rows:
    """Return what got worse since the acceptance, device by device."""
    kept = _history(places)
    accepted = kept.accepted()
    if accepted is None:
        yield Row(Text("tech.compare.never"), None, "warn")
        return
    now, before = kept.counts(era=accepted[0]), kept.counts(era=accepted[0] - 1)
    for device in sorted({*now, *before}):
        yield from _compared(device, now.get(device, Counter()), before.get(device, Counter()))


def _compared(device: str, now: Counter[str], before: Counter[str]) -> Rows:
    name, any_worse = Text(f"device.{device}"), False
    for one in degradation.worse(device, now, before):
        any_worse = True
        yield Row(name, text(f"tech.compare.{one.kind}", now=_share(one.now), before=_share(one.before)), "bad")
    if degradation.pulse_shift_sentence(device, now, before):
        any_worse = True
        widths = {word: round(of["pulse_ms"] / of["pulses"]) for word, of in (("now", now), ("before", before))}
        yield Row(name, text("tech.compare.pulses", **widths), "bad")
    if not any_worse:
        few = min(degradation.operations("line", one) for one in (now, before)) < degradation.ENOUGH
        yield Row(name, Text(f"tech.compare.{'few' if few else 'same'}"), "" if few else "ok")


def _share(rate: tuple[int, int]) -> str:
    return f"{100 * rate[0] / max(1, rate[1]):.1f} %"


# -- the unit ----------------------------------------------------------------------------------------------------------


def failures(state: Path) -> Rows:
    """Yield the last warnings and errors of both processes, newest first, as they were logged: with their reason."""
    kept = [*log_lines.last(screen_folder(state), "screen"), *log_lines.last(agent_folder(state), "agent")]
    for one in sorted((one for one in kept if log_lines.is_wrong(one)), reverse=True)[:LOGGED]:
        yield from lines.rows(one, "warn")


def configuration(state: Path) -> Rows:
    """Return what became of the configuration that the office wanted last."""
    last = config_rollout.record(state)
    if last is None:
        yield Row(Text("tech.config.none"))
        return
    yield _row("config.number", text("tech.config.version", n=last.version))
    yield _row("config.state", _phase(last), "warn" if last.phase == "undone" else "ok")
    if last.reason:
        yield from _long("config.reason", last.reason, "")


def _phase(last: config_rollout.RolloutRecord) -> Text:
    if last.phase != "trial":
        return Text(f"tech.config.{last.phase}")
    if not last.starts:
        return Text("tech.config.waiting")
    return text("tech.config.trial", n=last.starts, of=config_rollout.STARTS)


def network(state: Path, sys: Path) -> Rows:
    """Yield ports and cables, whether the office was heard, what waits for it, and how long the certificate lasts."""
    ports = sorted(path.parent.name for path in sys.glob("class/net/*/carrier") if path.parent.name != "lo")
    for name in ports:
        is_up = _is_up(sys / "class" / "net" / name / "carrier")
        word = Text(f"tech.network.{'up' if is_up else 'down'}")
        yield Row(text("tech.network.port", name=name), word, "ok" if is_up else "warn")
    if not ports:
        yield Row(Text("tech.network.none"), None, "bad")
    told = status_file.read_status(state)
    heard = told is not None and status_file.office_heard(state, told.unit)
    yield _row("network.office", Text(f"tech.network.{'heard' if heard else 'unheard'}"), "ok" if heard else "warn")
    waits = unsent(state)
    yield _row("network.waits", text("tech.network.facts", n=waits) if waits >= 0 else Text("tech.network.unread"))
    until = told.until if told is not None else ""
    yield _row("network.until", until or Text("tech.network.uncertified"), "" if until else "warn")


def _is_up(carrier: Path) -> bool:
    try:
        return carrier.read_text().strip() == "1"
    except OSError:  # a port that is switched off tells no carrier
        return False


def clock() -> Rows:
    """Yield the unit's own time, where it is from, and how long the computer has run."""
    stamp = event_clock.stamp_now()
    now = datetime.fromtimestamp(utc_ms() / 1000, UTC) + UTC8
    yield _row("clock.time", now.strftime("%Y-%m-%d %H:%M:%S"))
    yield _row("clock.source", Text(f"tech.clock.{stamp.quality}"), "warn" if stamp.quality == "guess" else "ok")
    yield _row("clock.up", text("tech.clock.minutes", n=stamp.up_ms // 60_000))
