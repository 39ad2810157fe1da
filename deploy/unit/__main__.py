"""`python -m deploy.unit` writes each kind's wiring.svg, panel.svg, panel-a4.html, parts.md, loom.yml and loom.md.

A test holds them to unit.toml. loom.svg and loom.bom.tsv are drawn and counted from loom.yml by WireViz and Graphviz
(`pip install wireviz`, `apt install graphviz`; only whoever changes the wiring needs them): a test holds the digest.

The settings themselves are written again too, so that their comments say what the code says today.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.unit import generate_loom, generate_panels, generate_wiring
from deploy.unit.unit_kinds import BESIDES, HERE, KINDS, About, in_chinese, parts, screen, unit
from hardware.setup import reference_boards
from kiosk_firmware.settings import unit_toml


def papers(kind: str) -> dict[Path, str]:
    """Return file → content."""
    folder = HERE / kind
    return {
        folder / "wiring.svg": generate_wiring.draw_wiring(kind),
        folder / "panel.svg": generate_panels.draw_panel(kind),
        folder / "panel-a4.html": generate_panels.tile_pages(kind),
        folder / "parts.md": "\n".join(_listed(kind)) + "\n",
        folder / "loom.yml": generate_loom.text(kind),
        folder / "loom.md": generate_loom.table(kind),
    }


def _listed(kind: str) -> Iterator[str]:
    yield f"# {kind}: 部件 parts\n"
    yield "由程序生成，不要手改。配件和电源按下表准备；先看[接线图](wiring.svg)，再按[接线表](loom.md)一根一根接。\n"
    yield "Written by `python -m deploy.unit` from `unit.toml`, `parts.toml` and `boards.toml`; do not edit.\n"
    panel = "面板图 Panel, 1:1: [panel.svg](panel.svg), on A4: [panel-a4.html](panel-a4.html)."
    wiring = (
        "接线图 Wiring: [wiring.svg](wiring.svg); 线束 loom: [loom.svg](loom.svg), wire by wire: [loom.md](loom.md)."
    )
    yield f"设置 Settings: [unit.toml](unit.toml). {wiring} {panel}\n"
    yield "| part 部件 | pins or port 针脚或口 | supply 电源 | signals 信号 | besides 另备 |\n|---|---|---|---|---|"
    place = reference_boards.header().place
    yield _row("screen", screen(kind), "HDMI, USB")
    yield from (_row(part.role, part.about, _where(part.pins, part.port, place)) for part in parts(kind))
    used = sum(len(part.pins) for part in parts(kind))
    besides = len(BESIDES.get(kind, ()))
    adapters = len({part.port for part in parts(kind) if part.port}) - bool(besides)
    yield f"\n针脚 pins: {used} / {len(place)}. USB 转串口线 serial adapters: {adapters}"
    for board in reference_boards.boards().values():
        more = adapters + besides + 1 - board.usb
        hub = f", so a powered USB hub with {more + 1} or more sockets" if more > 0 else ""
        hub_zh = f"，不够用：加一个至少 {more + 1} 口、自带电源的 USB 集线器" if more > 0 else ""
        yield f"\n## {board.title}\n\n电源 5.1 V {board.amps:g} A；{board.usb} 个 USB 口{hub_zh}。"
        yield f"Supply 5.1 V, {board.amps:g} A; {board.usb} USB sockets{hub}.\n"
        yield from (f"- {_in_both('board', difference, ' ')}" for difference in board.differences)


def _row(role: str, about: About, where: str) -> str:
    name = f"{about.en} {about.zh} (`{role}`)"
    supply, wire = _in_both("supply", about.supply), _in_both("wire", about.wire)
    return f"| {name} | {where} | {supply} | {wire} | {', '.join(_in_both('need', need, ' ') for need in about.need)} |"


def _in_both(table: str, said: str, between: str = "<br>") -> str:
    zh = in_chinese(table, said)
    return said if zh == said else f"{zh}{between}{said}"


def _where(pins: tuple[tuple[str, int], ...], port: str, place: dict[int, int]) -> str:
    wires = ", ".join(f"{key} GPIO{pin} ({place[pin]})" for key, pin in pins)
    return ", ".join(part for part in (port, wires) if part)


def main() -> None:
    """Write all papers."""
    for kind in KINDS:
        (HERE / kind / "unit.toml").write_text(unit_toml.settings_toml(unit(kind)), encoding="utf-8")
        for path, content in papers(kind).items():
            path.write_text(content, encoding="utf-8")
        draw_loom(kind)


def draw_loom(kind: str) -> None:
    """Have WireViz draw and count the loom, unless that was done already; says so where it is not installed."""
    drawing = HERE / kind / "loom.svg"
    mark = f"<!-- loom {generate_loom.digest(kind)} -->\n"
    if drawing.exists() and drawing.read_text(encoding="utf-8").endswith(mark):
        return
    if shutil.which("wireviz") is None or shutil.which("dot") is None:
        print(f"{kind}/loom.svg is old: install wireviz and graphviz, then run this again", file=sys.stderr)
        return
    subprocess.run(["wireviz", "-f", "st", "loom.yml"], cwd=HERE / kind, check=True, stdout=subprocess.DEVNULL)
    with drawing.open("a", encoding="utf-8") as file:
        file.write(mark)


if __name__ == "__main__":
    main()
