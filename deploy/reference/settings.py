"""Make the reference of the two files of settings, `unit.toml` and `office.toml`, and of every device's table."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator

import msgspec

from deploy.reference.struct_tables import NOTE, about, keys
from hardware.drivers.settings.base import Table
from hardware.drivers.settings.hardware_settings import DeviceTables
from kiosk_firmware.office import settings as office
from kiosk_firmware.settings import unit_toml
from kiosk_firmware.visit.office import policy
from kiosk_firmware.visit.office.public_holidays import HolidayNotice

OFFICE: dict[str, type[msgspec.Struct]] = {
    "[sites.ID]": office.Site,
    "[retention]": office.Retention,
    "[mail]": office.Mail,
    "[[webhook]]": office.Webhook,
    "[visits]": policy.VisitPolicy,
    "[[visits.holidays]]": HolidayNotice,
}


def unit_lines() -> Iterator[str]:
    """Yield the page of `unit.toml`."""
    yield f"# `unit.toml`\n\n{NOTE}"
    yield "One file a unit; commissioning on the glass writes it. `kiosk config check unit.toml` names file, key, value"
    yield "and what is allowed. Every device's table: [devices](devices.md). What follows is a whole file, as"
    yield "`kiosk config example demo` prints it.\n"
    yield f"```toml\n{unit_toml.example('demo').rstrip()}\n```"


def office_lines() -> Iterator[str]:
    """Yield the page of `office.toml`."""
    yield f"# `office.toml`\n\n{NOTE}"
    yield "In the office's state folder, or where `--settings` says. Everything is optional; an error names file, key,"
    yield "value and what is allowed. Keys in bold must be given.\n"
    yield f"```toml\n{_sample(office)}\n```\n\nMore of `[visits]`:\n\n```toml\n{_sample(policy)}\n```\n"
    yield "| table | keys and what they are otherwise | meaning |\n|---|---|---|"
    yield from (f"| `{name}` | {keys(table)} | {about(table)} |" for name, table in OFFICE.items())


def _sample(module: object) -> str:
    """Return the example in a module's docstring."""
    shown = [line[4:] for line in (inspect.getdoc(module) or "").splitlines() if line.startswith("    ") or not line]
    return "\n".join(shown).strip()


def device_lines() -> Iterator[str]:
    """Yield the page of devices and their drivers."""
    yield f"# Devices\n\n{NOTE}"
    yield "Every table `[devices.DEVICE]` that [unit.toml](unit-toml.md) may hold. Keys in bold must be given.\n"
    yield "| device | `driver` | keys and what they are otherwise | meaning |\n|---|---|---|---|"
    hints = typing.get_type_hints(DeviceTables)
    for device in DeviceTables.__struct_fields__:
        for table in typing.get_args(hints[device]) or (hints[device],):
            if inspect.isclass(table) and issubclass(table, Table):
                yield f"| {device} | `{table.__struct_config__.tag}` | {keys(table)} | {about(table)} |"
