"""Make the reference of the facts that a unit tells the office."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.reference.struct_tables import NOTE, about
from kiosk_firmware.wire.facts import FACTS


def lines() -> Iterator[str]:
    """Yield the page."""
    yield f"# Facts\n\n{NOTE}"
    yield "What a unit tells the office, a closed list: no name of a person, no card number, no PIN. Amounts are fen,"
    yield "times ms. Topics, envelope and the types of every field are the contract's:"
    yield "`kiosk_firmware/wire/asyncapi.yaml`.\n"
    yield "| fact | fields | meaning |\n|---|---|---|"
    for name, shape in sorted(FACTS.items()):
        fields = ", ".join(f"`{field}`" for field in shape.__struct_fields__)
        yield f"| `{name}` | {fields} | {about(shape)} |"
