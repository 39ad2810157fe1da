"""`python -m deploy.unit` writes each kind's wiring.svg, panel.svg, panel-a4.html and parts.md.

A test holds them to unit.toml.

The settings themselves are written again too, so that their comments say what the code says today.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from deploy.unit import generate_panels, generate_wiring
from deploy.unit.unit_kinds import BESIDES, HERE, KINDS, About, parts, screen, unit
from hardware.setup import reference_boards
from kiosk_firmware.settings import unit_toml


def papers(kind: str) -> dict[Path, str]:
    """File → content."""
    folder = HERE / kind
    return {
        folder / "wiring.svg": generate_wiring.drawn(kind),
        folder / "panel.svg": generate_panels.drawn(kind),
        folder / "panel-a4.html": generate_panels.tiled(kind),
        folder / "parts.md": "\n".join(_listed(kind)) + "\n",
    }


def _listed(kind: str) -> Iterator[str]:
    yield f"# {kind}: parts\n"
    yield "Written by `python -m deploy.unit` from `unit.toml`, `parts.toml` and `boards.toml`; do not edit.\n"
    panel = "Panel, 1:1: [panel.svg](panel.svg), on A4: [panel-a4.html](panel-a4.html)."
    yield f"Settings: [unit.toml](unit.toml). Wiring: [wiring.svg](wiring.svg). {panel}\n"
    yield "| part 部件 | pins or port | supply | signals | besides |\n|---|---|---|---|---|"
    place = reference_boards.header().place
    yield _row("screen", screen(kind), "HDMI, USB")
    yield from (_row(part.role, part.about, _where(part.pins, part.port, place)) for part in parts(kind))
    used = sum(len(part.pins) for part in parts(kind))
    besides = len(BESIDES.get(kind, ()))
    adapters = len({part.port for part in parts(kind) if part.port}) - bool(besides)
    yield f"\nPins: {used} of {len(place)}. Serial adapters: {adapters}"
    for board in reference_boards.boards().values():
        more = adapters + besides + 1 - board.usb
        hub = f", so a powered USB hub with {more + 1} or more sockets" if more > 0 else ""
        yield f"\n## On a {board.title}\n\nSupply 5.1 V, {board.amps:g} A; {board.usb} USB sockets{hub}.\n"
        yield from (f"- {difference}" for difference in board.differences)


def _row(role: str, about: About, where: str) -> str:
    name = f"{about.en} {about.zh} (`{role}`)"
    return f"| {name} | {where} | {about.supply} | {about.wire} | {', '.join(about.need)} |"


def _where(pins: tuple[tuple[str, int], ...], port: str, place: dict[int, int]) -> str:
    wires = ", ".join(f"{key} GPIO{pin} ({place[pin]})" for key, pin in pins)
    return ", ".join(part for part in (port, wires) if part)


def main() -> None:
    """Write all papers."""
    for kind in KINDS:
        (HERE / kind / "unit.toml").write_text(unit_toml.dumped(unit(kind)), encoding="utf-8")
        for path, content in papers(kind).items():
            path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
