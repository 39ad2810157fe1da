"""Every kind of page in every look and language: its layout is measured, its text compared, its picture kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import Words
from tests.screens import samples
from tests.screens.inspecting import faults

pytestmark = pytest.mark.glass
CASES = [
    (look, name)
    for look in ("rongjiang", "shufeng", "lobby")
    for name in (samples.LOBBY_PAGES if look == "lobby" else samples.MACHINE_PAGES)
]
SENTENCE = {
    "zh": "取 **300 元**。按右边的**“取款”**。",
    "en": "Take out **300 yuan**. Press **Withdraw cash** on the right.",
}


def page_of(look: str, name: str) -> Page:
    return (samples.LOBBY_PAGES if look == "lobby" else samples.MACHINE_PAGES)[name]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("look", "name"), CASES)
def test_layout(glass: Any, look: str, name: str, language: str) -> None:
    page = msgspec.structs.replace(page_of(look, name), private=False)
    glass.stage.strip(Strip(SENTENCE[language], can_show=True))
    glass.show(page, samples.words(), language, samples.looks()[look])
    glass.stage.clock("14:05")
    notes = list(glass.stage.notes)
    if page.timer:
        glass.stage.ring(46_000, 60_000)
        notes += glass.stage.ring_notes
    assert faults(notes, glass.picture(f"{look}-{name}-{language}")) == []


@pytest.mark.parametrize(("look", "name"), CASES)
def test_every_key_of_the_page_is_on_the_glass(glass: Any, look: str, name: str) -> None:
    page = page_of(look, name)
    glass.show(page, samples.words(), "zh", samples.looks()[look])
    seen: set[str] = set()
    for _ in range(4):  # pages of tiles
        seen |= {hot.key.name for hot in glass.stage.hots}
        if not glass.stage.tap("scroll.down"):
            break
        glass.frame()
    assert {key.name for key in page.keys} <= seen


def as_text(page: Page, language: str, words: Words | None = None) -> str:
    """A page as a person would read it aloud."""
    words = words or samples.words()
    lines = [f"{page.kind} {page.step}: {words.write(page.title, language)}"]
    lines += [f"  {words.write(line, language)}" for line in page.body.lines]
    for row in page.body.rows:
        value = f" = {words.write(row.value, language)}" if row.value else ""
        lines.append(f"  {row.mark or '-'} {words.write(row.label, language)}{value}")
    for key in page.keys:
        sub = f" / {words.write(key.sub, language)}" if key.sub else ""
        lines.append(f"  [{key.state or key.role} {key.name}] {words.write(key.text, language)}{sub}")
    return "\n".join(lines)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_as_text(language: str) -> None:
    golden = Path(__file__).with_name(f"pages_{language}.txt")
    written = "\n\n".join(
        as_text(page, language) for page in (*samples.MACHINE_PAGES.values(), *samples.LOBBY_PAGES.values())
    )
    assert written + "\n" == golden.read_text(encoding="utf-8")


def test_what_the_page_says_is_drawn(glass: Any) -> None:
    """The golden text is no use if the drawing leaves a sentence out."""
    for look, name in CASES:
        page = page_of(look, name)
        glass.show(page, samples.words(), "zh", samples.looks()[look])
        drawn = " ".join(note.text for note in glass.stage.notes)
        said = [page.title, *page.body.lines] + ([row.label for row in page.body.rows] if page.kind != "List" else [])
        if (
            page.body.digits
            or name == "amount_presets"
            or (page.kind == "Home" and not any(k.role == "primary" for k in page.keys))
        ):
            said = [page.title]
        missing = [samples.words().write(text, "zh") for text in said if samples.words().write(text, "zh") not in drawn]
        assert not missing, f"{look} {name}"


@pytest.mark.parametrize("followed", [False, True])
def test_a_private_page_is_covered_in_pictures(glass: Any, monkeypatch: pytest.MonkeyPatch, followed: bool) -> None:
    """Also while the page that follows only waits and is not drawn yet."""
    monkeypatch.setattr(glass.stage, "_patience_s", 60)
    page = samples.MACHINE_PAGES["form"]
    pictures = []
    for typed in ("1111222233334444", "9999888877776666"):
        body = msgspec.structs.replace(page.body, field=typed)
        glass.show(msgspec.structs.replace(page, body=body), samples.words(), "zh", samples.looks()["shufeng"])
        if followed:
            wait = samples.MACHINE_PAGES["message_wait"]
            glass.show(wait, samples.words(), "zh", samples.looks()["shufeng"])
        pictures.append(glass.stage.pixels(640, 400))
        assert len(pictures[-1]) == 640 * 400 * 3
    assert pictures[0] == pictures[1]
