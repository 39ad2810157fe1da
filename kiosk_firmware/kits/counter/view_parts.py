"""Build the parts of a counter's pages, beside the parts that all machines share (`kits.common_pages`)."""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer, text
from kiosk_firmware.kits.common_pages import key
from kiosk_firmware.kits.counter.state import State, Terms

BACK = key("desk.leave", "back")


def timer(terms: Terms, name: str) -> Timer:
    """The usual time-out of a page."""
    return Timer(name, terms.rules.page_ms)


def told(terms: Terms, name: str) -> Text:
    """Return what the clerk says, with every figure of the rules at hand."""
    return text(name, **terms.figures())


def said(terms: Terms, state: State, word: str) -> tuple[Text, ...]:
    """The clerk's last word as a sentence; words with a dot are texts of their own."""
    if not word:
        return ()
    return (told(terms, word if "." in word else f"clerk.{word}"),)


def clerk(
    terms: Terms, step: str, title: Text, lines: tuple[Text, ...], keys: tuple[Key, ...], icon: str = "clerk"
) -> Page:
    """Show somebody at the window who says something."""
    return Page("Message", step, title, None, Body(lines, icon=icon), keys, timer(terms, step))


def menu(terms: Terms, step: str, title: Text, lines: tuple[Text, ...], keys: tuple[Key, ...]) -> Page:
    """Show somebody at the window who asks something."""
    return Page("Menu", step, title, None, Body(lines), keys, timer(terms, step))
