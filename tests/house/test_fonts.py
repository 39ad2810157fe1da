"""The fonts can draw every text: no box ever stands where a character should be."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont

from deploy.generate_fonts import MARKS, NAMES, ROOT, SAMPLES, TARGET, WEIGHTS, gb2312
from tests.house.tree import files, name, text

HAN = [TARGET / f"NotoSansSC-{weight}.otf" for weight in WEIGHTS]
SIZE_LIMIT = 3_500_000


def covered(*paths) -> set[str]:
    return {chr(code) for path in paths for code in TTFont(path, lazy=True).getBestCmap()}


DRAWN = covered(HAN[0], *(TARGET / sample for sample in SAMPLES))
TEXTS = [
    p for p in files() if p.suffix in (".toml", ".kv") and p.relative_to(ROOT).parts[0] in ("kiosk_firmware", "screens")
]


@pytest.mark.parametrize("path", HAN, ids=lambda p: p.name)
def test_han_font_is_complete_and_small(path):
    assert {*gb2312(), *MARKS, *NAMES} <= covered(path)
    assert path.stat().st_size <= SIZE_LIMIT


@pytest.mark.parametrize("path", HAN, ids=lambda p: p.name)
def test_han_font_is_the_simplified_face(path):
    assert TTFont(path, lazy=True)["name"].getDebugName(1).startswith("Noto Sans CJK SC")


def test_weights_draw_the_same_characters():
    assert covered(HAN[0]) == covered(HAN[1])


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_every_text_can_be_drawn(path):
    lacking = {c for c in text(path) if c.isprintable()} - DRAWN
    assert not lacking, f"{sorted(lacking)}: run python -m deploy.generate_fonts"


def test_sample_scripts_are_there():
    assert set("ꆈꌠꁱꂷ") <= covered(TARGET / SAMPLES[0])
    assert set("བོད་ཡིག") <= covered(TARGET / SAMPLES[1])
