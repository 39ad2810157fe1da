"""The front panel's practice phone: it looks at the glass, as a camera would, and pays what the code there says.

A picture goes in as pixels; the code in it is read by a library, which only a demo installs and which is imported when
the phone is first used. Only codes of our own are paid (`kiosk-practice:pay?order=3&fen=15400`), so a picture of a real
shop's code does nothing, and a real phone can do nothing with ours.
"""

from __future__ import annotations

import re

import msgspec

OURS = re.compile(r"kiosk-practice:pay\?order=(\d{1,9})&fen=(\d{1,9})")


class CodeScan(msgspec.Struct, frozen=True):
    """The result of a look at the glass. `word`: "" (none yet), looking, order (a code of ours), no_code, other_code,
    and after paying: paid, over (no page waits for it), unreached (nobody answers). `order` and `fen` are the code's.
    """

    word: str = ""
    order: int = 0
    fen: int = 0


def look(rgb: bytes, width: int, height: int) -> CodeScan:
    """Return what the phone sees in a picture of `width` x `height` pixels, RGB from the top left."""
    import zxingcpp

    picture = memoryview(rgb).cast("B", (height, width, 3))
    codes = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    ours = [match for code in codes if (match := OURS.fullmatch(code.text))]
    if ours:
        return CodeScan("order", int(ours[0][1]), int(ours[0][2]))
    return CodeScan("other_code" if codes else "no_code")
