"""Makes the fonts in screens/fonts; run by hand when a text needs a character they lack: `python -m
deploy.generate_fonts`.

Why subsets: the glass speaks simplified Chinese, and Debian's Noto CJK is a collection of 16 MB that opens its
Japanese face first, in which 门, 直 or 骨 are drawn as a Chinese reader never learnt them. A subset of one pinned face
(Simplified Chinese) opens faster, weighs a few megabytes, and looks the same on every unit whatever its system
carries.

Outlines are turned from cubic (CFF) into quadratic (TrueType), within half a thousandth of the em: FreeType then
opens each size in 1.7 ms instead of 4.5, and a page that shows four new sizes and weights comes that much sooner.
OpenType allows both kinds under the name .otf. The hints are lost with it, which no one sees at 28 pixels and more.

What goes in: all of GB 2312 (6,763 characters: what newspapers, schools and forms use), ASCII, Latin-1, the
punctuation and marks in `MARKS`, characters of people's names in `NAMES`, and every other character that a text of
this project uses.

Sources: Debian's packages fonts-noto-cjk and fonts-noto-core, both under the SIL Open Font License 1.1
(screens/fonts/OFL.txt). Needs the `test` extra (fontTools) and the two Debian packages; nothing at run time imports
this.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont, newTable

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "screens" / "fonts"
NOTO = Path("/usr/share/fonts")
CJK_FACE = "Noto Sans CJK SC"
WEIGHTS = ("Regular", "Bold")
SAMPLES = ("NotoSansYi-Regular.ttf", "NotoSerifTibetan-Regular.ttf")  # whole: each script is one small file

MARKS = (
    "•‧·✓×▲△▼▽■□●○◆◇★☆‹›«»←↑→↓↔¥￥€“”‘’…—–―−×÷±≈≤≥≠°℃№§©®™‰√∞〇「」『』【】〔〕《》〈〉、。〃々〜～﹣﹢⋯⏎␣①②③④⑤⑥⑦⑧⑨⑩▶◀"
)
ALIASES = {"✕": "×", "✖": "×", "✗": "×", "✔": "✓", "▸": "▶", "◂": "◀"}  # not in the face; its own glyph says the same
NAMES = "喆堃玥昇翀珺璟堉瑄頔赟鋆婳姮珮祎镕旻昉晞煊甯睿嫚"
TEXTS = ("**/*.toml", "**/*.kv", "**/*.py")
OUTLINE_ERROR = 0.5  # font units of a 1000-unit em
NO_PROGRAMS = {
    f"max{what}": 0
    for what in (
        *("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs"),
        *("StackElements", "SizeOfInstructions", "ComponentElements"),
    )
}
KEPT_FEATURES = ("ccmp", "kern", "mark", "mkmk")  # what a horizontal line of text needs


def main() -> int:
    """Write every font anew; return 1 when a wanted character is in no source face."""
    wanted = set(wanted_characters())
    lacking: set[str] = set()
    for weight in WEIGHTS:
        font = sc_face(NOTO / "opentype" / "noto" / f"NotoSansCJK-{weight}.ttc")
        small = with_aliases(quadratic(subset(font, wanted)))
        lacking |= wanted - characters_of(small)
        save(small, TARGET / f"NotoSansSC-{weight}.otf")
    for name in SAMPLES:
        save(TTFont(NOTO / "truetype" / "noto" / name), TARGET / name)
    if lacking:
        print("in no source face:", " ".join(f"{c} U+{ord(c):04X}" for c in sorted(lacking)), file=sys.stderr)
    return 1 if lacking else 0


def wanted_characters() -> Iterator[str]:
    """Yield every character that the subset holds, repeats included."""
    yield from (chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100)))
    yield from gb2312()
    yield from MARKS + NAMES
    other_scripts = {c for name in SAMPLES for c in characters_of(TTFont(NOTO / "truetype" / "noto" / name))}
    yield from set(used_characters()) - other_scripts


def gb2312() -> Iterator[str]:
    """Yield the characters of GB 2312, marks and hanzi, as Python's own codec knows them."""
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            yield from bytes((row, cell)).decode("gb2312", errors="ignore")


def used_characters() -> Iterator[str]:
    """Yield what the project's own texts write outside ASCII: a new text with a rare character needs only a new run."""
    for room in ("kiosk_firmware", "hardware", "screens"):
        for pattern in TEXTS:
            for path in (ROOT / room).glob(pattern):
                yield from (c for c in path.read_text(encoding="utf-8") if c.isprintable() and ord(c) > 0x7F)


def sc_face(collection: Path) -> TTFont:
    """Return the Simplified Chinese face of a collection; LookupError when it holds none."""
    for font in TTCollection(collection, lazy=True).fonts:
        if font["name"].getDebugName(1) == CJK_FACE or font["name"].getDebugName(16) == CJK_FACE:
            return font
    raise LookupError(f"{collection} holds no face named {CJK_FACE}")


def characters_of(font: TTFont) -> set[str]:
    """Return what a face can draw."""
    return {chr(code) for code in font.getBestCmap()}


def subset(font: TTFont, characters: Iterable[str]) -> TTFont:
    """Cut the face down to these characters, and return it."""
    options = Options()
    options.layout_features = list(KEPT_FEATURES)
    options.name_IDs = [0, 1, 2, 4, 6, 13, 14, 16, 17]  # who made it and its licence stay with it
    options.notdef_outline = True
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG"]  # nothing is written top to bottom
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[ord(c) for c in characters])
    subsetter.subset(font)
    return font


def quadratic(font: TTFont) -> TTFont:
    """Return the same font with TrueType outlines and no hints."""
    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    outlines = {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, OUTLINE_ERROR, reverse_direction=True))
        outlines[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, outlines
    del font["CFF "]
    font["glyf"].compile(font)  # measures each outline, which the next line needs
    font["hmtx"].metrics = {n: (font["hmtx"][n][0], getattr(outlines[n], "xMin", 0)) for n in order}
    vars(font["maxp"]).update(tableVersion=0x00010000, maxZones=1, **NO_PROGRAMS)
    font.sfntVersion = "\0\1\0\0"
    return font


def with_aliases(font: TTFont) -> TTFont:
    """Return the same font, drawing each character of `ALIASES` with the glyph of its stand-in."""
    for table in font["cmap"].tables:
        if table.isUnicode() and table.format != 14:
            table.cmap |= {ord(alias): table.cmap[ord(like)] for alias, like in ALIASES.items()}
    return font


def save(font: TTFont, path: Path) -> None:
    """Write a font with its own date left as it was, so that an unchanged run changes no byte."""
    font.recalcTimestamp = False
    font.save(path)
    print(f"{path.relative_to(ROOT)}: {len(characters_of(font))} characters, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    sys.exit(main())
