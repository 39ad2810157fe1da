"""A blank unit's first life: the same glass, the commissioning pages, and no devices but those it is asking about.

`kiosk run` comes here where there is no unit.toml, or where a supervisor asked for it (`BLANK` in the state folder).
Templates are the kinds' own unit.toml in `deploy/unit`, the unit's own file, or the one named by `--template`. Ports
are asked by `hardware.setup.port_probing`, in a thread each; then every part is tried by starting a cabinet with what
was found. When all is written the process ends with the exit code that starts it again, as that unit.

Where the enrolment service runs, the glass shows what it tells and takes what is typed for it
(`unit.enrolment.status_file`).
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import msgspec

from hardware.cabinet.cabinet import Cabinet
from hardware.diagnostics.live_socket import driver_of
from hardware.setup import port_probing, reference_boards, unit_kind_matching
from hardware.transport import port_names
from kiosk_firmware.core.events import Tapped, Typed
from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.settings.unit_toml import Kind, UnitSettings
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import READABLE, screen_folder, shared_folder
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.enrolment.identity_settings import adopt, adopt_identity, template
from kiosk_firmware.unit.identity import status_file
from kiosk_firmware.unit.identity.unit_identity import UnitTrust
from kiosk_firmware.unit.lobby.commissioning.transitions import update
from kiosk_firmware.unit.lobby.commissioning.view import view
from kiosk_firmware.unit.lobby.phases import commissioning as c
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from kiosk_firmware.unit.shell import blank_unit_self_test
from kiosk_firmware.unit.shell.environment import BLANK
from kiosk_firmware.unit.shell.supervisor_lock import ERASE, SupervisorLock

SETTLE_MS = 4000
CHECK_S = 2.0
"""Between two self-tests of the board."""
_TROUBLE = ("lost", "starting", "misplaced")
Ports = Callable[[], Mapping[str, str]]
"""Name that stays → tty."""


def adapters() -> dict[str, str]:
    """Return every serial port of this machine, by the name that stays."""
    return {name: tty for tty, name in port_names.bound(port_names.ports()).items()}


def links(folder: Path) -> dict[str, str]:
    """Return the twins' ports in a folder, as a desk has them."""
    return {path.name: str(path) for path in sorted(folder.glob("tty-*"))}


def templates(named: Path | None = None, own: Path | None = None) -> dict[str, UnitSettings]:
    """Return the settings to begin with, by kind: the kinds' own; what the unit is already; the file that was named,
    alone.

    Raises:
        ValueError: a file is wrong; names file, key, value, what is allowed.
    """
    if named is not None:
        found = unit_settings.read_settings(named)
        return {found.unit.kind: found}
    known = {kind: template(kind) for kind in get_args(Kind)}
    if own is not None and own.exists():
        found = unit_settings.read_settings(own)
        known[found.unit.kind] = found
    return known


class NoRun:
    """No run goes on, and none can begin."""

    run = None
    glass = None
    ready = True
    is_searching = False


class CommissioningApp:
    """Commissioning on the glass; `exit_code` says that it is over. All on the glass's thread but the looking."""

    def __init__(
        self,
        unit: Path,
        state: Path,
        known: Mapping[str, UnitSettings],
        glass: Any,
        post: Callable[[object], None],
        look: Any,
        ports: Ports,
        utc_ms: Callable[[], int],
        restart: int,
    ) -> None:
        """Take `known`: templates by kind; `unit`: where unit.toml will stand; `restart`: the exit code to end with."""
        self.engine = NoRun()
        self.talk = self  # it has no voice of its own
        self.is_searching = False
        self.exit_code: int | None = None
        self._unit, self._state, self._known, self._glass, self._post = unit, state, known, glass, post
        self._look, self._ports, self._restart = look, ports, restart
        self._lock = SupervisorLock(state, utc_ms)
        self._words = lobby_words()
        self._now = c.Commissioning()
        self._shown, self._visit = "", 0
        self._first = bytearray()
        self._fitting: unit_kind_matching.KindMatch | None = None
        self._parts: tuple[c.Part, ...] = ()
        self._asking = 0
        self._was_there = self._touched = False
        self._checked_at = 0.0

    def start(self) -> None:
        """Show the first page."""
        self._offer()
        self.tick()
        self._show()

    def _offer(self) -> None:
        self._was_there = self._unit.exists()
        now = unit_settings.read_settings(self._unit).unit.kind if self._was_there else ""
        is_set_up = self._was_there and not (shared_folder(self._state) / BLANK).exists()
        self._hear(c.Offered(tuple(self._known), now, self._lock.knows("code"), is_set_up))

    def tick(self) -> None:
        """Hear how far the enrolment is, and look after the board; several times a second."""
        if self._unit.exists() and not self._was_there:  # the certificate has made it something
            self._offer()
        said = status_file.read_status(self._state)
        if said is None:
            return
        self._hear(c.Trusting(said, status_file.office_heard(self._state, said.unit)))
        if time.monotonic() - self._checked_at >= CHECK_S:
            self._checked_at = time.monotonic()
            self._hear(c.Checked(tuple(blank_unit_self_test.rows(self._state, said, self._touched))))

    def handle(self, item: object) -> None:
        """Handle one item of the inbox."""
        self._touched = self._touched or isinstance(item, Tapped | Typed)
        if isinstance(item, ProbingResult):
            self._take_found(item)
        elif isinstance(item, c.CommissioningEvent):
            self._hear(item)

    def on_digit(self, value: str) -> None:
        """Pass a key of the pad on; the digit goes to the lock."""
        if isinstance(self._now.phase, c.Code) and (value == ERASE or value.isdecimal()):
            self._hear(c.CodeTyped(self._lock.press(value)))

    def on_strip(self, kind: str) -> None:
        """Ignore the strip: nobody to call yet, and nothing to end."""

    def explain(self, what: object) -> None:
        """Explain nothing: the pages say all."""

    def told(self, key: str) -> None:
        """Tell nothing: there is no run."""

    def knocked(self) -> None:
        """Ignore the knock: the door is open already."""

    # -- the lobby's side ---------------------------------------------------------------------------------------------

    def _hear(self, event: c.CommissioningEvent) -> None:
        after, requests = update(self._now, event)
        if after is self._now and not requests:
            return
        self._now = after
        for request in requests:
            self._serve(request)
        self._show()

    def _show(self) -> None:
        page = view(self._now)
        if page.step != self._shown:
            self._shown, self._visit = page.step, self._visit + 1
        named = msgspec.structs.replace(page, step=f"{page.step}#{self._visit}")
        self._glass.show(named, self._words, self._now.language, self._look, self._visit)

    def _serve(self, request: c.AnyRequest) -> None:
        match request:
            case c.Choose() | c.Look():
                self._ask()
            case c.TakeCode(again=again):
                self._hear(self._code(again))
            case c.ForgetCode():
                self._lock.clear()
                self._first = bytearray()
            case c.Write(kind=kind, number=number):
                self._hear(c.Written(self._write(kind, number)))
            case c.UseTicket(code=code):
                status_file.ask(self._state, status_file.EnrolmentRequest(code))
            case c.MakeSheet():
                status_file.ask(self._state, status_file.EnrolmentRequest(sheet=True))
            case c.Begin():
                settle(self._unit, self._state)
                (shared_folder(self._state) / BLANK).unlink(missing_ok=True)
                self.exit_code = self._restart

    def _code(self, again: bool) -> c.CodeTaken | c.CodeRefused:
        typed = self._lock.take()
        if not again:
            self._first = typed
            return c.CodeTaken(True) if self._lock.fit(typed) else c.CodeRefused("weak")
        first, self._first = self._first, bytearray()
        same = typed == first
        first[:] = bytes(len(first))
        if not same:
            typed[:] = bytes(len(typed))
            return c.CodeRefused("differs")
        self._lock.set("code", 1, typed)
        return c.CodeTaken(False)

    def _write(self, kind: str, number: str) -> str:
        """Write unit.toml, whole; return what is wrong with it in words, "" for nothing."""
        made = self._settings(kind)
        made = msgspec.structs.replace(made, unit=msgspec.structs.replace(made.unit, id=f"{kind}-{number}"))
        made = apply_office_names(made, self._state)
        found = list(unit_settings.problems(made))
        if found:
            return found[0]
        try:
            write_whole(self._unit.resolve(), unit_settings.settings_toml(made).encode(), READABLE)
            report(self._state, made, self._parts)
        except OSError as error:
            return f"{self._unit.name}: {error.strerror}"
        self._was_there = True
        return ""

    def _settings(self, kind: str) -> UnitSettings:
        """Return the kind's template with what was found; parts that nobody found are left out."""
        template = self._known[kind]
        if self._fitting is None:
            return template
        gone = [part.role for part in self._fitting.parts if part.state in ("waiting", "double")]
        return msgspec.structs.replace(template, devices=unit_kind_matching.without(self._fitting.devices, gone))

    # -- the hardware's side ------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        self._asking += 1
        job = functools.partial(look, self._asking, self._known[self._now.kind], self._state, self._ports, self._post)
        threading.Thread(target=job, name="commissioning", daemon=True).start()

    def _take_found(self, found: ProbingResult) -> None:
        if found.asking != self._asking:
            return  # somebody has chosen another kind meanwhile
        self._fitting, self._parts = found.fitting, found.parts
        self._hear(c.Looked(found.parts, found.busy, found.fitting.extra, found.clash))


def apply_office_names(made: UnitSettings, state: Path) -> UnitSettings:
    """Return the settings with what the office has said that the unit is, whatever number it was given."""
    member = UnitTrust(state)
    identity = member.identity()
    return adopt_identity(made, member, identity) if identity else made


def settle(unit: Path, state: Path) -> None:
    """Adopt the certificate's names once more: it may have come while the file was being written."""
    member = UnitTrust(state)
    if identity := member.identity():
        adopt(unit, state, member, identity)


def report(state: Path, made: UnitSettings, parts: tuple[c.Part, ...]) -> None:
    """Keep what the parts' own tests have shown, for the acceptance sheet, until somebody tries each by hand."""
    from hardware.diagnostics.cli import device_bench, test_and_teach  # the technician's verbs

    tried = [part for part in parts if part.state in ("works", "wrong")]
    devices = dict(made.devices.named())
    rows = tuple(
        test_and_teach.DeviceTest(
            part.role, driver_of(devices[part.role]), ok, (device_bench.Step("self-test", part.state, ok),), {}
        )
        for part in tried
        if part.role in devices
        for ok in (part.state == "works",)
    )
    if rows:
        at_ms = utc_ms()
        test_and_teach.keep(test_and_teach.Report(at_ms, all(row.ok for row in rows), rows), screen_folder(state))


class ProbingResult(msgspec.Struct, frozen=True):
    """Of the looking: which question this answers, and what is known so far."""

    asking: int
    fitting: unit_kind_matching.KindMatch
    parts: tuple[c.Part, ...]
    clash: tuple[tuple[str, int, str], ...]
    busy: bool


def look(asking: int, template: UnitSettings, state: Path, ports: Ports, post: Callable[[object], None]) -> None:
    """Ask all ports at once who is there, tell it; then try every part that is there, and tell that."""
    known = ports()
    with ThreadPoolExecutor(max(1, len(known)), thread_name_prefix="probe") as pool:
        answers = dict(zip(known, pool.map(_identify_port, known.values()), strict=True))
    fit = unit_kind_matching.match_ports(template.devices, answers)
    board = reference_boards.boards().get(reference_boards.this())
    found = reference_boards.clashes(fit.devices, board) if board else ()
    clash = tuple((one.key.split(".")[1], one.pin, one.port) for one in found)
    post(ProbingResult(asking, fit, tuple(_part(part) for part in fit.parts), clash, True))
    gone = [part.role for part in fit.parts if part.state in ("waiting", "double")]
    devices = unit_kind_matching.without(fit.devices, gone)
    rows = try_devices(msgspec.structs.replace(template, devices=devices), state)
    parts = tuple(_part(part) if part.role in gone else _part(part, rows.get(part.role, "")) for part in fit.parts)
    post(ProbingResult(asking, fit, parts, clash, False))


def _identify_port(tty: str) -> list[port_probing.ProbedDevice]:
    try:
        return port_probing.probe(tty)
    except OSError:
        return []


def try_devices(made: UnitSettings, state: Path) -> dict[str, str]:
    """Start every device as the unit would; what is wrong with each, in a word ("" nothing)."""
    cabinet = Cabinet(made.hardware(screen_folder(state)), lambda event: None)
    try:
        cabinet.start(SETTLE_MS)
        return {str(row["at"]): "" if row["ok"] else str(row["text"]) for row in cabinet.self_test()}
    finally:
        cabinet.stop()


def _part(part: unit_kind_matching.MatchedPart, trouble: str | None = None) -> c.Part:
    """Return the part in words; `trouble` "" it works, None it was not tried."""
    port = ", ".join(part.ports)
    pins = " ".join(str(pin) for pin in part.pins)
    if trouble:
        word = trouble if trouble in _TROUBLE else "failed"
        return c.Part(part.role, "wrong", text(f"unit.part.{word}", port=port or pins))
    if trouble == "":
        return c.Part(part.role, "works", text("unit.part.works", port=port) if port else _on(pins, "pins_work"))
    match part.state:
        case "pins":
            return c.Part(part.role, "pins", _on(pins, "on_pins"))
        case "double":
            return c.Part(part.role, "double", Text("unit.part.double"), part.ports)
        case "waiting":
            return c.Part(part.role, "waiting", Text("unit.part.waiting"))
        case _:
            return c.Part(part.role, part.state, text(f"unit.part.{part.state}", port=port))


def _on(pins: str, word: str) -> Text:
    return text(f"unit.part.{word}", pins=pins)
