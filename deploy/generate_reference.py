"""Writes docs/reference.md from the code itself: every setting, command, event, effect and fact; none is forgotten.

`python -m deploy.generate_reference` writes it; a test compares. What it says of each is the code's own docstring.
"""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from hardware.cabinet.settings import Devices
from hardware.drivers.settings.base import Table
from kiosk_firmware.cli import COMMANDS
from kiosk_firmware.core import effects, events
from kiosk_firmware.core.faults import FAULTS
from kiosk_firmware.settings import unit_toml
from kiosk_firmware.wire.facts import FACTS

TARGET = Path(__file__).parent.parent / "docs" / "reference.md"


def lines() -> Iterator[str]:
    """The whole file."""
    yield "# Reference\n"
    yield "Written by `python -m deploy.generate_reference` from the code; do not edit.\n"
    yield "## Commands\n"
    yield "| command | what it is |\n|---|---|"
    yield from (f"| `kiosk {name}` | {what} |" for name, (_, what) in COMMANDS.items())
    yield "\n## `unit.toml`\n\nA whole one, as `kiosk config example demo` prints it:\n\n```toml"
    yield unit_toml.example("demo").rstrip()
    yield "```\n\n## Drivers\n\nEvery table that `unit.toml` may hold, by logical device. Keys in bold must be given.\n"
    yield from _drivers()
    yield "\n## Events\n"
    yield from _structs(events.AnyEvent)
    yield "\n## Effects\n"
    yield from _structs(effects.AnyEffect)
    yield "\n## Faults that can be armed\n"
    yield ", ".join(f"`{fault}`" for fault in FAULTS)
    yield "\n## Facts to the office\n"
    yield "Their data is described in `kiosk_firmware/wire/asyncapi.yaml`.\n"
    yield ", ".join(f"`{fact}`" for fact in sorted(FACTS))


def _drivers() -> Iterator[str]:
    yield "| device | `driver` | keys and what they are otherwise | meaning |\n|---|---|---|---|"
    hints = typing.get_type_hints(Devices)
    for device in Devices.__struct_fields__:
        for table in typing.get_args(hints[device]) or (hints[device],):
            if inspect.isclass(table) and issubclass(table, Table):
                about = " ".join((inspect.getdoc(table) or "").split()).replace("|", "\\|")
                yield f"| {device} | `{table.__struct_config__.tag}` | {_keys(table)} | {about} |"


def _keys(table: type[Table]) -> str:
    """Each key of a table with its default, as TOML would have it."""
    found = []
    for field in msgspec.structs.fields(table):
        default = field.default_factory() if callable(field.default_factory) else field.default
        if default is msgspec.NODEFAULT:
            found.append(f"**`{field.encode_name}`**")
        else:
            shown = "" if default is None else f" = {json.dumps(msgspec.to_builtins(default))}"
            found.append(f"`{field.encode_name}{shown}`")
    return ", ".join(found)


def _structs(union: Any) -> Iterator[str]:
    yield "| name | fields | meaning |\n|---|---|---|"
    for struct in typing.get_args(union):
        fields = ", ".join(f"`{name}`" for name in struct.__struct_fields__)
        about = " ".join((inspect.getdoc(struct) or "").split()).replace("|", "\\|")
        yield f"| `{struct.__name__}` | {fields} | {about} |"


def main() -> None:
    """Write the file."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("\n".join(lines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
