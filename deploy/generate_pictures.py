"""Render the pictures from their drawings: `python -m deploy.generate_pictures`, run by `./kiosk setup`.

Each picture of `screens/pictures/pictures.toml` becomes one PNG for each height that it names, so that a unit reads
what a page shows and no more; `pictures.json` lists them with their sizes. They are no part of the repository: they
are made where a checkout is set up, and a package carries them. Made once: a stamp holds the hash of all that went in.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tomllib
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "screens" / "pictures"
OWN, TARGET = HOME / "own", HOME / "made"
VENDOR = ROOT / "kiosk_firmware" / "office" / "web" / "static" / "vendor"
FONTS = [str(ROOT / "screens" / "fonts" / f"NotoSansSC-{weight}.otf") for weight in ("Regular", "Bold")]
FOLDERS = {
    "own": OWN,
    "emoji": VENDOR / "@lobehub" / "fluent-emoji-flat" / "assets",
    "line": VENDOR / "@tabler" / "icons" / "icons" / "outline",
    "full": VENDOR / "@tabler" / "icons" / "icons" / "filled",
}
COMPOSED = {"person": "person_svg", "paper": "document_svg"}
"""Kinds of pictures that are put together from parts, and who does it."""


def table() -> dict[str, dict[str, Any]]:
    """Return the pictures by table and name, as the file lists them."""
    return tomllib.loads((HOME / "pictures.toml").read_text(encoding="utf-8"))


def entries() -> dict[str, dict[str, Any]]:
    """Return all pictures by name."""
    return {name: entry for rows in table().values() for name, entry in rows.items()}


def is_line(entry: dict[str, Any]) -> bool:
    """Return whether a picture has no colour of its own."""
    return str(entry["from"]).startswith(("line:", "full:"))


def source(entry: dict[str, Any]) -> Path:
    """Return the file that a picture is made of or by.

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


def svg_text(entry: dict[str, Any]) -> str:
    """Return the picture as SVG."""
    kind, _, rest = entry["from"].partition(":")
    if kind in COMPOSED:
        return str(import_module(f"deploy.{COMPOSED[kind]}").svg(rest))
    return source(entry).read_text(encoding="utf-8")


def digest() -> str:
    """Return one hash of all that the pictures are made of."""
    paths = [Path(__file__), HOME / "pictures.toml", *map(Path, FONTS)]
    paths += dict.fromkeys(source(entry) for entry in entries().values())
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def is_current() -> bool:
    """Return whether the pictures are there, and made of what is here."""
    stamp = TARGET / "stamp.txt"
    return stamp.is_file() and stamp.read_text(encoding="ascii") == digest()


def render_picture(entry: dict[str, Any], high: int) -> Any:
    """Render one picture in one height, as a Pillow image; a line is white, so that any ink can tint it."""
    import resvg_py
    from PIL import Image

    text = svg_text(entry)
    if is_line(entry):
        text = text.replace("currentColor", "#FFFFFF")
    made = resvg_py.svg_to_bytes(
        svg_string=text, height=high, font_files=FONTS, skip_system_fonts=True, font_family="Noto Sans CJK SC"
    )
    image = Image.open(BytesIO(bytes(made))).convert("RGBA")
    if is_line(entry):  # no dark rim where it is scaled
        image = Image.merge("RGBA", (*(Image.new("L", image.size, 255) for _ in "rgb"), image.getchannel("A")))
    return image


def make() -> None:
    """Write the pictures, their list and the stamp anew, nothing old beside them."""
    fresh = TARGET.with_name("made.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    index = {name: [_written(fresh, name, entry, high) for high in entry["high"]] for name, entry in entries().items()}
    (fresh / "pictures.json").write_text(json.dumps(index, indent=0), encoding="utf-8")
    (fresh / "stamp.txt").write_text(digest(), encoding="ascii")
    shutil.rmtree(TARGET, ignore_errors=True)
    fresh.rename(TARGET)


def _written(folder: Path, name: str, entry: dict[str, Any], high: int) -> tuple[str, int, int, int, bool]:
    """Write one picture in one height; return its row of the list."""
    image = render_picture(entry, high)
    image.save(folder / f"{name}-{high}.png", optimize=True)
    return f"{name}-{high}.png", high, image.width, image.height, is_line(entry)


def main(arguments: list[str]) -> int:
    """Make the pictures unless they are current; 2 for an unknown argument."""
    if arguments:
        print("usage: python -m deploy.generate_pictures", file=sys.stderr)
        return 2
    if not is_current():
        make()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
