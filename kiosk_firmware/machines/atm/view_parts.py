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


def amount_row(name: str, fen: int, **args: int) -> Row:
    """A line "name: so many yuan"."""
    return Row(text(f"row.{name}", **args), text("amount", x_fen=fen))


def menu(terms: Terms, step: str, keys: tuple[Key, ...], icon: str, lines: tuple[Text, ...] = ()) -> Page:
    """A page with a choice."""
    return Page("Menu", step, text(f"{step}.title"), None, Body(lines, icon=icon), keys, timer(terms, step))


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
