"""Build the parts of the ATM's pages, beside the parts that all machines share (`kits.common_pages`)."""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer, text
from kiosk_firmware.machines.atm.state import Terms


def timer(terms: Terms, name: str) -> Timer:
    """Return the usual time-out of a page."""
    return Timer(name, terms.rules.page_ms)


def menu(terms: Terms, step: str, keys: tuple[Key, ...], icon: str, lines: tuple[Text, ...] = ()) -> Page:
    """Make a page with a choice."""
    return Page("Menu", step, text(f"{step}.title"), None, Body(lines, icon=icon), keys, timer(terms, step))
