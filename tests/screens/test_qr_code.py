"""A code on the glass: what is drawn is, module by module, what the library made of the text."""

from __future__ import annotations

import pytest
import zxingcpp
from PIL import Image

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Body, Key, Page, text
from kiosk_firmware.kits.phone_payment import own_code
from screens.parts import qr_code
from screens.stage import kivy_boot

pytestmark = pytest.mark.glass
CODE = "kiosk-practice:pay?order=3&fen=15400"
PAGE = Page(
    "Pay",
    "phone",
    text("phone.title"),
    body=Body((text("phone.how"),), amount_fen=15400, icon="phone", code=CODE),
    keys=(Key("phone.back", "back", text("key.phone.back")),),
)


@pytest.mark.parametrize("skin", machine_loader.skins("rail"))
def test_every_module_is_on_the_glass(glass, monkeypatch, skin):
    drawn = []
    monkeypatch.setattr(
        qr_code, "place", lambda said, rect, place=qr_code.place: drawn.append(place(said, rect)) or drawn[-1]
    )
    it = machine_loader.load("rail", skin)
    glass.show(PAGE, it.words, "zh", it.look)
    picture = glass.picture(f"qr-{skin}")
    where, side = drawn[-1]
    assert side >= 6, "too small for a phone's camera"
    for down, row in enumerate(qr_code.modules(CODE)):
        for across, dark in enumerate(row):
            x, y = int(where.x + (across + 0.5) * side), int(where.y + (down + 0.5) * side)
            pixel = picture[3 * (y * kivy_boot.WIDE + x) :][:3]
            assert (max(pixel) < 64) if dark else (min(pixel) > 192), (across, down)


def test_the_quiet_border_is_light():
    rows = qr_code.modules(CODE)
    assert not any(any(row) for row in (*rows[: qr_code.QUIET], *rows[-qr_code.QUIET :]))
    assert not any(any((*row[: qr_code.QUIET], *row[-qr_code.QUIET :])) for row in rows)


@pytest.mark.parametrize("skin", machine_loader.skins("payment"))
def test_a_phones_code_and_its_bars_are_read_off_the_glass(glass, skin):
    """By a library that knows nothing of how they were drawn, from the whole picture and from one of half the size."""
    digits = "119569278109251130"
    page = Page(
        "Pay",
        "code",
        text("code.title"),
        body=Body(code=own_code(digits), bar=digits),
        keys=(
            Key("till.show", "primary", text("key.till.show")),
            Key("nav.back", "back", text("key.nav.back")),
            Key("source.wallet", "choice", text("key.source.wallet")),
        ),
    )
    it = machine_loader.load("payment", skin)
    glass.show(page, it.words, "zh", it.look)
    picture = Image.frombytes("RGB", (kivy_boot.WIDE, kivy_boot.HIGH), bytes(glass.picture(f"bars-{skin}")))
    assert {code.text for code in zxingcpp.read_barcodes(picture)} == {own_code(digits), digits}
    half = zxingcpp.read_barcodes(picture.resize((kivy_boot.WIDE // 2, kivy_boot.HIGH // 2)))
    assert own_code(digits) in {code.text for code in half}
