"""Yi and Tibetan texts draw as they are written: every sign has its drawing, no stack of letters is cut, and none
reaches over the rim of a key or into the next line.
"""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont

from kiosk_firmware.core.pages import Body, Key, Page, text
from kiosk_firmware.core.texts import TextForms, Words
from screens.stage.kivy_boot import WIDE
from screens.stage.skin import lobby, rgba
from screens.text.text_textures import TALL_GAP, TIBETAN, YI
from tests.screens.inspecting import faults

pytestmark = pytest.mark.glass
SAMPLES = {
    "ii": (YI, "ꀉꃀꆏꉂꎭꏂꐎꇬ", "ꆏꉂꊾꄮꈜꌅ", "ꋌꄻ"),
    "bo": (TIBETAN, "དངུལ་འཛིན་འཕྲུལ་འཁོར།", "བྱང་བུ་འཇུག་རོགས།", "འགྲིག"),
}
STACKS = ("བསྒྲུབས་", "རྐྱེན་", "སྤྱོད་", "འཕྲོ་", "རྫུན་", "ཀློག་")
"""Syllables with letters above and below, as plain words have them."""
SIZES = (28, 34, 39, 52)


@pytest.mark.parametrize("language", SAMPLES)
def test_sample_page(glass, language):
    """Every sign has its drawing in the font that ships, and nothing on the page is cut or too small."""
    font, title, line, ok = SAMPLES[language]
    known = TTFont(font).getBestCmap()
    assert all(ord(sign) in known for sign in title + line + ok)
    words = Words([(language, {"title": TextForms(title), "line": TextForms(line), "ok": TextForms(ok)})])
    keys = (Key("ok", "primary", text("ok")),)
    page = Page("Message", "sample", text("title"), body=Body((text("line"),), icon="ok"), keys=keys)
    glass.show(page, words, language, lobby())
    picture = glass.picture(f"script-{language}")
    assert faults(list(glass.stage.notes), picture) == []
    key = next(note for note in glass.stage.notes if note.kind == "key" and note.text == "ok")
    ground = tuple(round(part * 255) for part in rgba(lobby().primary.ground)[:3])
    for y in (round(key.rect.y) + 8, round(key.rect.bottom) - 8):  # just within the rim: nothing but the key's ground
        row = range(round(key.rect.x) + 60, round(key.rect.right) - 60)
        assert {tuple(picture[3 * (y * WIDE + x) : 3 * (y * WIDE + x) + 3]) for x in row} == {ground}


def ink(glass, syllable: str, size: int) -> tuple[float, float, int]:
    """Top and bottom of what is drawn, in pixels from the top of the line's em box; rows of air at the texture's
    rims.
    """
    ((texture, up),) = glass.stage.letters.textures(syllable, size)
    wide, high = texture.size
    pixels = texture.pixels
    rows = [at for at in range(high) if any(pixels[4 * wide * at + 3 : 4 * wide * (at + 1) : 4])]
    return rows[0] - up, rows[-1] + 1 - up, min(rows[0], high - 1 - rows[-1])


@pytest.mark.parametrize("size", SIZES)
def test_no_stack_is_cut_or_reaches_into_the_next_line(glass, size):
    found = {syllable: ink(glass, syllable, size) for syllable in STACKS}
    assert min(air for _, _, air in found.values()) >= 1
    lowest, highest = max(low for _, low, _ in found.values()), min(top for top, _, _ in found.values())
    assert lowest <= highest + TALL_GAP * size


def test_letters_stack_instead_of_standing_in_a_row(glass):
    """A shaped syllable is narrower than its letters one by one: the fonts' rules are followed."""
    letters = glass.stage.letters
    assert letters.width("སྒྲུབ", 39) < sum(letters.width(sign, 39) for sign in "སགརབ")


def test_a_line_ends_between_syllables(glass):
    long = "བོད་སྐད་" * 12
    laid = glass.stage.letters.fit(long, 420, 39, 39, 9)
    lines = ["".join(run.text for run in line) for line in laid.lines]
    assert laid.fits
    assert len(lines) > 2
    assert all(line.endswith("་") for line in lines)
