"""Many units at once: enrolment files for USB drives or cards, and a sheet of labels for cases.

The list is a CSV with the columns `unit,site,kind` and, where the boards' numbers are known, `serial`. A file holds
the unit's one-time code: whoever has the USB drive can be that unit, once, until the code ends. A label shows no
secret: id, site, kind, the operator of office.toml, and a square code with the id, for the storeroom.
"""

from __future__ import annotations

import csv
import html
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import get_args

import msgspec

from kiosk_firmware.core.validation import nearest
from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.office.pki.unit_register import CODE_MS, Register, RegisteredUnit, name_of
from kiosk_firmware.office.settings import OfficeSettings
from kiosk_firmware.settings.unit_toml import Kind
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.wire.enrolment_messages import PURPOSE, EnrolmentFile
from kiosk_firmware.wire.error_texts import kind_name

ENDING = ".enrol"
NOTHING_SAID = OfficeSettings()
"""Without an office.toml a label names neither site nor operator."""
COLUMNS = ("unit", "site", "kind")
KINDS: tuple[str, ...] = tuple(sorted(get_args(Kind)))


class BatchRow(msgspec.Struct, frozen=True):
    """A line of the list."""

    unit: str
    site: str
    kind: str
    serial: str = ""


def rows(path: Path) -> list[BatchRow]:
    """Read the list of units.

    Raises:
        ValueError: no such file or no UTF-8, a column is missing, a word is not allowed, a unit stands twice; names
            file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8; save it as CSV UTF-8") from error
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    read = csv.DictReader(text.splitlines())
    lacking = [name for name in COLUMNS if name not in (read.fieldnames or ())]
    if lacking:
        seen = ", ".join(read.fieldnames or ())
        allowed = "allowed are unit, site, kind and serial, with commas"
        raise ValueError(f"{path}, line 1: {seen!r} has no column {lacking[0]}; {allowed}")
    found: dict[str, BatchRow] = {}
    for line in read:
        row = BatchRow(*((line.get(name) or "").strip() for name in (*COLUMNS, "serial")))
        try:
            _check(row, found)
        except ValueError as error:
            raise ValueError(f"{path}, line {read.line_num}: {error}") from error
        found[row.unit] = row
    return list(found.values())


def _check(row: BatchRow, above: Container[str]) -> None:
    name_of("unit", row.unit)
    name_of("site", row.site)
    kind_of(row.kind)
    if row.unit in above:
        raise ValueError(f"unit {row.unit!r} stands there twice; allowed is once")


def kind_of(kind: str) -> None:
    """Check the kind. Raises ValueError: no unit is built as this, so none would know what to become."""
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r}: allowed are {', '.join(KINDS)}{nearest(kind, KINDS)}")


def write(
    place: TrustFolder,
    register: Register,
    listed: Sequence[BatchRow],
    out: Path,
    desk: str,
    hours: float,
    settings: OfficeSettings = NOTHING_SAID,
) -> Path:
    """Write an enrolment file for each, and `labels.html` to print. All ids are checked before the first file is
    written.

    Returns:
        The sheet of labels.

    Raises:
        ValueError: an id is not allowed, or a unit another site's.
    """
    units = [register.expect(row.unit, row.site, row.kind, now_ms(), row.serial) for row in listed]
    for unit in units:
        file(place, register, unit, out, desk, hours)
    sheet = out / "labels.html"
    write_whole(sheet, "\n".join(labels(units, settings)).encode(), 0o644)
    return sheet


def file(
    place: TrustFolder,
    register: Register,
    unit: RegisteredUnit,
    out: Path,
    desk: str,
    hours: float,
    replaces: bool = False,
) -> Path:
    """Write one unit's enrolment file, with a new code in it."""
    lasts = round(hours * CODE_MS / 24)
    code = register.code(unit.id, now_ms(), replaces=replaces, lasts_ms=lasts)
    authority = place.authority
    payload = EnrolmentFile(unit.id, unit.site, unit.kind, code, now_ms() + lasts, desk, authority.root)
    path = out / f"{unit.id}{ENDING}"
    write_whole(path, place.seal(PURPOSE, payload))
    return path


def labels(units: Sequence[RegisteredUnit], settings: OfficeSettings = NOTHING_SAID) -> Iterator[str]:
    """Yield a page of labels, 70 × 37 mm, 24 on a sheet of A4: the unit, its site by name, and whose it is."""
    yield "<!doctype html><html lang=zh><meta charset=utf-8><title>标签 Labels</title><style>"
    yield "@page{size:A4;margin:0}body{margin:0;font-family:sans-serif;"
    yield "display:grid;grid-template-columns:repeat(3,70mm)}"
    yield "div{height:37mm;display:flex;gap:4mm;align-items:center;padding:0 4mm;box-sizing:border-box}"
    yield "svg{width:26mm;height:26mm}p{font-size:7pt;margin:0}b{font-size:12pt}</style>"
    for unit in units:
        told = settings.sites.get(unit.site)
        site = " ".join((*(told.name.values() if told else ()), unit.site))
        words = "<br>".join(html.escape(word) for word in (site, kind_name(unit.kind), *settings.operator.lines()))
        yield f"<div>{_square(unit.id)}<p><b>{html.escape(unit.id)}</b><br>{words}</p></div>"


def _square(text: str) -> str:
    import qrcode  # only labels need it
    from qrcode.image.svg import SvgPathImage

    made: str = qrcode.make(text, image_factory=SvgPathImage, border=0).to_string(encoding="unicode")
    return made
