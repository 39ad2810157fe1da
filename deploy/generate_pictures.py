"""Render the pictures' sheets from their drawings: `python -m deploy.generate_pictures`, run by `./kiosk setup`.

Each table of `screens/pictures/pictures.toml` becomes one PNG, each picture in the heights that the table names, and
`sheets.json` says where each lies. The sheets are no part of the repository: they are made where a checkout is set up,
and a package carries them. Made once: a stamp holds the hash of everything that went in.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "screens" / "pictures"
OWN, TARGET = HOME / "own", HOME / "sheets"
VENDOR = ROOT / "kiosk_firmware" / "office" / "web" / "static" / "vendor"
FONTS = [str(ROOT / "screens" / "fonts" / f"NotoSansSC-{weight}.otf") for weight in ("Regular", "Bold")]
FOLDERS = {
    "own": OWN,
    "emoji": VENDOR / "@lobehub" / "fluent-emoji-flat" / "assets",
    "line": VENDOR / "@tabler" / "icons" / "icons" / "outline",
    "full": VENDOR / "@tabler" / "icons" / "icons" / "filled",
}
COMPOSED = {"person": "compose_people", "paper": "compose_papers"}
"""Kinds of pictures that are put together from parts, and who does it."""
WIDE, GAP = 1024, 2
Size = tuple[str, int]
Place = tuple[int, int, int, int]


def table() -> dict[str, dict[str, Any]]:
    """The pictures by sheet and name, as the file lists them."""
    return tomllib.loads((HOME / "pictures.toml").read_text(encoding="utf-8"))


def source(entry: dict[str, Any]) -> Path:
    """The file that a picture is made of or by.

    Raises:
        ValueError: no such kind of source, or no such file; says what is allowed.
    """
    kind, _, name = entry["from"].partition(":")
    if kind in COMPOSED:
        return Path(__file__).with_name(f"{COMPOSED[kind]}.py")
    if kind not in FOLDERS:
        raise ValueError(f"from = {entry['from']!r}: allowed are {', '.join((*FOLDERS, *COMPOSED))}")
    path = FOLDERS[kind] / f"{name}.svg"
    if not path.is_file():
        raise ValueError(
            f"from = {entry['from']!r}: {path.relative_to(ROOT)} is missing; ./kiosk setup assets brings it"
        )
    return path


def drawing(entry: dict[str, Any]) -> str:
    """The picture as SVG."""
    kind, _, rest = entry["from"].partition(":")
    if kind in COMPOSED:
        return str(import_module(f"deploy.{COMPOSED[kind]}").svg(rest))
    return source(entry).read_text(encoding="utf-8")


def digest() -> str:
    """One hash of all that the sheets are made of."""
    paths = [Path(__file__), HOME / "pictures.toml", *map(Path, FONTS)]
    paths += dict.fromkeys(source(entry) for sheet in table().values() for entry in sheet.values())
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def is_current() -> bool:
    """The sheets are there, and made of what is here."""
    stamp = TARGET / "stamp.txt"
    return stamp.is_file() and stamp.read_text(encoding="ascii") == digest()


def rendered(entry: dict[str, Any], high: int) -> Any:
    """One picture in one height, as a Pillow image; a line is white, so that any ink can tint it."""
    import resvg_py
    from PIL import Image

    text = drawing(entry)
    is_line = entry["from"].startswith(("line:", "full:"))
    if is_line:
        text = text.replace("currentColor", "#FFFFFF")
    made = resvg_py.svg_to_bytes(
        svg_string=text, height=high, font_files=FONTS, skip_system_fonts=True, font_family="Noto Sans CJK SC"
    )
    image = Image.open(BytesIO(bytes(made))).convert("RGBA")
    if is_line:  # no dark rim where it is scaled
        image = Image.merge("RGBA", (*(Image.new("L", image.size, 255) for _ in "rgb"), image.getchannel("A")))
    return image


def packed(images: dict[Size, Any]) -> tuple[Any, dict[Size, Place]]:
    """All of them on one sheet, in rows, the highest first; and where each lies."""
    from PIL import Image

    places: dict[Size, Place] = {}
    x = y = row = 0
    for size, image in sorted(images.items(), key=lambda item: (-item[1].height, item[0])):
        if x + image.width > WIDE:
            x, y, row = 0, y + row + GAP, 0
        places[size] = (x, y, image.width, image.height)
        x, row = x + image.width + GAP, max(row, image.height)
    sheet = Image.new("RGBA", (max(a + w for a, _, w, _ in places.values()), y + row))
    for size, (left, top, _, _) in places.items():
        sheet.paste(images[size], (left, top))
    return sheet, places


def make() -> None:
    """Write the sheets, their table and the stamp."""
    TARGET.mkdir(exist_ok=True)
    index: dict[str, Any] = {}
    for name, entries in table().items():
        images = {(one, high): rendered(entry, high) for one, entry in entries.items() for high in entry["high"]}
        sheet, places = packed(images)
        sheet.save(TARGET / f"{name}.png", optimize=True)
        for (one, high), place in places.items():
            index.setdefault(one, []).append([name, high, *place])
    (TARGET / "sheets.json").write_text(json.dumps(index, indent=0), encoding="utf-8")
    (TARGET / "stamp.txt").write_text(digest(), encoding="ascii")


def main(arguments: list[str]) -> int:
    """Make the sheets unless they are current; 2 for an unknown argument."""
    if arguments:
        print("usage: python -m deploy.generate_pictures", file=sys.stderr)
        return 2
    if not is_current():
        make()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
