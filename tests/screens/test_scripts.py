"""Yi and Tibetan are folders of texts to come; the fonts are here, and one sample page each is drawn and measured."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont

from kiosk_firmware.core.pages import Body, Key, Page, text
from kiosk_firmware.core.texts import Words, Written
from screens.letters import TIBETAN, YI
from screens.look import lobby
from tests.screens.inspecting import faults

pytestmark = pytest.mark.glass
SAMPLES = {
    "ii": (YI, "ꀉꃀꆏꉂꎭꏂꐎꇬ", "ꆏꉂꊾꄮꈜꌅ", "ꋌꄻ"),
    "bo": (TIBETAN, "དངུལ་འཛིན་འཕྲུལ་འཁོར།", "བྱང་བུ་འཇུག་རོགས།", "འགྲིག"),
}


@pytest.mark.parametrize("language", SAMPLES)
def test_sample_page(glass, language):
    """Every sign has its drawing in the font that ships, and nothing on the page is cut or too small."""
    font, title, line, ok = SAMPLES[language]
    known = TTFont(font).getBestCmap()
    assert all(ord(sign) in known for sign in title + line + ok)
    words = Words([(language, {"title": Written(title), "line": Written(line), "ok": Written(ok)})])
    keys = (Key("ok", "primary", text("ok")),)
    page = Page("Message", "sample", text("title"), body=Body((text("line"),), icon="ok"), keys=keys)
    glass.show(page, words, language, lobby())
    assert faults(list(glass.stage.notes), glass.picture(f"script-{language}")) == []
