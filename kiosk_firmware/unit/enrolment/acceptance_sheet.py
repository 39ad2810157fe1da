"""The acceptance sheet: what a unit was on the day it was handed over, signed with its own key.

Two files: `acceptance.json`, a signed document whose chain leads to the office's root, and `acceptance.html`, the same
to print and sign by hand. It says who the unit is, which software it has, what the last test of each part found, and
whether any radio is on: the kernel's own list of radios (`/sys/class/rfkill`) and of wireless networks. A sheet on
which something is wanting says so first; whether it is signed all the same is for people to decide.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from hardware.diagnostics.cli.device_bench import Step
from hardware.diagnostics.cli.test_and_teach import FOLDER, DeviceTest, Report
from kiosk_firmware.core.pages import Text
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import screen_folder
from kiosk_firmware.unit.identity.unit_identity import UnitTrust, board_serial
from kiosk_firmware.unit.lobby.texts import lobby_texts
from kiosk_firmware.wire import certificates, private_keys, signed_document
from kiosk_firmware.wire.certificates import TrustError

PURPOSE = "acceptance"
SELF_TEST = "self-test"
"""What a step is told that no person did: the unit looked at the part's health (`unit/shell/commissioning`)."""
BEIJING = dt.timezone(dt.timedelta(hours=8))


class AcceptanceSheet(msgspec.Struct, frozen=True):
    """The payload. `parts`: (device, ok or not, what was seen); `radios`: those that are there, empty is "off"."""

    unit: str
    site: str
    kind: str
    board: str
    version: str
    at_ms: int
    certificate_until_ms: int
    parts: tuple[tuple[str, bool, str], ...]
    radios: tuple[str, ...]

    @property
    def wanting(self) -> tuple[str, ...]:
        """Return what keeps it from being complete, in both languages; empty is well."""
        parts = [f"{_in_both(f'device.{name}', name)}: {seen}" for name, well, seen in self.parts if not well]
        radios = [f"无线开着 radio on: {name}" for name in self.radios]
        return (*(parts if self.parts else ["部件还没有试过 no part was tested: kiosk devices test"]), *radios)


def radios(sys: Path = Path("/sys")) -> tuple[str, ...]:
    """Return the radios that could send: not blocked, or a wireless network without a switch."""
    switches = sorted((sys / "class" / "rfkill").glob("*"))
    on = [one for one in switches if "1" not in (_word(one / "soft"), _word(one / "hard"))]
    networks = sorted((sys / "class" / "net").glob("*/wireless"))
    named = (f"{_word(one / 'type')} {_word(one / 'name')}" for one in on)
    return (*named, *(f"network {path.parent.name}" for path in networks))


def _word(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def parts(state: Path) -> tuple[tuple[str, bool, str], ...]:
    """Return what the newest report of `kiosk devices test` found."""
    reports = sorted((screen_folder(state) / FOLDER).glob("*.json"))
    if not reports:
        return ()
    report = msgspec.json.decode(reports[-1].read_bytes(), type=Report)
    return tuple((one.at, one.ok, _device_result(one)) for one in report.devices)


def _device_result(one: DeviceTest) -> str:
    """Return what was wrong first, or with which driver all went well; and whether only the part itself said so."""
    alone = "（只有自检 self-test）" if one.steps and all(step.told == SELF_TEST for step in one.steps) else ""
    return next((_step_result(step) for step in one.steps if not step.ok), one.driver + alone)


def _step_result(step: Step) -> str:
    """Return what a step found: as it was said to people, or what the part's own health means in both languages."""
    if step.told != SELF_TEST:
        return f"{step.told} → {step.seen}"
    return f"自检 self-test → {_in_both(f'staff.seen.{step.seen}', step.seen)}"


def _in_both(key: str, otherwise: str) -> str:
    """Return a text of the lobby in both languages; `otherwise` where there is none."""
    said = lobby_texts()
    return f"{said.write(Text(key), 'zh')} {said.write(Text(key), 'en')}" if said.has(key) else otherwise


def make_sheet(member: UnitTrust, version: str, state: Path, now_ms: int, sys: Path = Path("/sys")) -> AcceptanceSheet:
    """Make the sheet of this moment. Raises TrustError: the unit is nobody yet."""
    identity = member.identity()
    if identity is None:
        raise TrustError("this unit is nobody yet; see kiosk enrol --help")
    until = certificates.ms(member.leaf().not_valid_after_utc)
    names = identity.unit, identity.site, identity.kind, board_serial()
    return AcceptanceSheet(*names, version, now_ms, until, parts(state), radios(sys))


def write(member: UnitTrust, sheet: AcceptanceSheet, out: Path) -> None:
    """Write both files."""
    write_whole(
        out / "acceptance.json",
        signed_document.seal(PURPOSE, sheet, private_keys.load(member.certificate), member.chain()),
    )
    write_whole(out / "acceptance.html", "\n".join(page(sheet)).encode())


def page(sheet: AcceptanceSheet) -> Iterator[str]:
    """Yield the sheet to print: one page of A4 in both languages."""
    yield "<!doctype html><html lang=zh><meta charset=utf-8><title>验收单 Acceptance</title>"
    yield "<style>body{font:12pt sans-serif;margin:20mm}td,th{border:1px solid;padding:2mm;text-align:left}"
    yield ".sign{display:flex;gap:3mm;white-space:nowrap}.sign i{flex:1;border-bottom:1px solid}</style>"
    yield f"<h1>验收单 Acceptance: {html.escape(sheet.unit)}</h1><table>"
    for name, value in _rows(sheet):
        yield f"<tr><th>{name}<td>{html.escape(value)}"
    yield "</table><h2>部件 Parts</h2><table>"
    for name, well, seen in sheet.parts:
        part = html.escape(_in_both(f"device.{name}", name))
        yield f"<tr><th>{part}<td>{'✓' if well else '✗'}<td>{html.escape(seen)}"
    yield "</table>" + "".join(f"<p><b>✗ {html.escape(one)}</b>" for one in sheet.wanting)
    for who in ("运营单位 Operator", "技术员 Technician", "验收人 Taken over by"):
        yield f"<p class=sign>{who}: <i></i> 签字 Signed: <i></i> 日期 Date: <i></i>"


def _day(at_ms: int, form: str = "%Y-%m-%d") -> str:
    """Return an instant as people at the site write it."""
    return dt.datetime.fromtimestamp(at_ms / 1000, BEIJING).strftime(form)


def _rows(sheet: AcceptanceSheet) -> Sequence[tuple[str, str]]:
    off = "无线已关 radio off" if not sheet.radios else f"无线开着 RADIO ON: {', '.join(sheet.radios)}"
    return (
        ("日期 Date", _day(sheet.at_ms, "%Y-%m-%d %H:%M")),
        ("地点 Site", sheet.site),
        ("种类 Kind", _in_both(f"unit.kind.{sheet.kind}", sheet.kind)),
        ("主板 Board", sheet.board),
        ("证书到 Certificate until", _day(sheet.certificate_until_ms)),
        ("软件 Software", sheet.version),
        ("无线 Radio", off),
    )
