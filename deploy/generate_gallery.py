"""Makes the README's gallery: one small picture of each machine, and of the place that strings them together.

`python -m deploy.generate_gallery` takes them out of the pictures that `./kiosk test --long tests/screens` left in
build/pictures, shrinks them, and writes docs/pictures/gallery; a machine that is added needs one line here, and a test
says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
SOURCE, TARGET = ROOT / "build" / "pictures", ROOT / "docs" / "pictures" / "gallery"
SIZE = (480, 300)
COLOURS = 128
"""Pages are drawn with few colours; so each picture has some ten kilobytes."""
PAGES: Mapping[str, str] = {
    "atm": "atm-rongjiang-amounts",
    "rail": "rail-chengdudong-trains",
    "airport": "airport-tianfu-kiosk-seats",
    "metro-ticket": "metro-ticket-rongjiang-lines",
    "metro-gate": "metro-gate-guangchang-passing",
    "metro-desk": "metro-desk-guangchang-offer-over-time",
    "bank-counter": "bank-counter-laojie-tell-ban",
    "id-card": "id-card-liuhe-photo",
    "social-insurance": "social-insurance-xinqu-tell-own",
    "medical-insurance": "medical-insurance-anhe-tell-wait_two",
    "civil-affairs": "civil-affairs-xinqu-form-people",
    "business-counter": "business-counter-qiban-ask-trade",
    "legal-desk": "legal-desk-sifa-ask-pay",
    "mobile-shop": "mobile-shop-app-plans",
    "account": "account-rongliao-face-blink",
    "payment": "payment-rongfu-code",
    "shop": "shop-bazaar-product",
    "social": "social-rongliao-chat",
    "visit": "visit-zhongxin-talk-still",
    "first-week": "real-lobby-route-1",
}
"""Machine or place → the page, in Mandarin."""


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
