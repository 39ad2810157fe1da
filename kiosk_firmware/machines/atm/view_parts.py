"""What the ATM's pages are built of."""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, Text, Timer, text
from kiosk_firmware.machines.atm.state import Terms


def key(name: str, role: Role, value: str = "") -> Key:
    """A key whose text has its own name."""
    return Key(name, role, text(f"key.{name}"), value)


def timer(terms: Terms, name: str) -> Timer:
    """The usual time-out of a page."""
    return Timer(name, terms.rules.page_ms)


def message(
    step: str,
    title: str,
    lines: tuple[Text, ...],
    keys: tuple[Key, ...],
    time_out: Timer | None,
    *,
    icon: str = "",
    fen: int = 0,
    rows: tuple[Row, ...] = (),
) -> Page:
    """A page with one thing to say."""
    body = Body(lines, rows=rows, icon=icon)
    return Page("Message", step, text(title, x_fen=fen), None, body, keys, time_out)
