"""Makes the README's gallery: one small picture of each machine, and of the place that strings them together.

`python -m deploy.generate_gallery` takes them out of the pictures that `./kiosk test --long tests/screens` left in
build/pictures, shrinks them, and writes docs/pictures/gallery.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from kiosk_firmware.catalogue.machine_list import MACHINES

ROOT = Path(__file__).parent.parent
SOURCE, TARGET = ROOT / "build" / "pictures", ROOT / "docs" / "pictures" / "gallery"
SIZE = (480, 300)
COLOURS = 128
"""Pages are drawn with few colours; so each picture has some ten kilobytes."""
PAGES: Mapping[str, str] = {
    **{line.id: line.gallery for line in MACHINES if line.gallery},
    "first-week": "lobby-first-week-lying-3",
}
"""Machine or place → the page, in Mandarin. A machine's own stands in its `entry.toml`."""


def main() -> None:
    """Write all of them."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        with Image.open(SOURCE / f"{page}-zh.png") as found:
            small = found.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
        few = small.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(TARGET / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
