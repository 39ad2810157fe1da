"""Pages and parts of pages that every machine has: messages, rows of money, and the pages of leaving.

Texts are the machine's own, under the same keys in all: `take_cash.title`, `slip.<kind>.how`, `moving.<step>`, …
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, Text, Timer, text
from kiosk_firmware.kits import return_items as lv
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger


def key(name: str, role: Role, value: str = "") -> Key:
    """Make a key whose text has its own name."""
    return Key(name, role, text(f"key.{name}"), value)


def unready(name: str, role: Role) -> Key:
    """Make a key that does nothing yet, or no more: it stands at its place from the first, so that no other one moves,
    and its second line says why.
    """
    return Key(name, role, text(f"key.{name}"), sub=text(f"unready.{name}"), state="off")


def amount_row(name: str, fen: int, **args: int) -> Row:
    """Make a line "name: so many yuan"."""
    return Row(text(f"row.{name}", **args), text("amount", x_fen=fen))


def trail(
    steps: Sequence[str],
    now: str,
    chosen: Callable[[str], Text | None] = lambda _: None,
) -> tuple[Row, ...]:
    """Return where a person is in an errand: its steps, those that are done with what was `chosen` there, and the one
    that is next; empty where `now` is none of them. Texts: `trail.<step>`.
    """
    if now not in steps:
        return ()
    done, left = steps[: steps.index(now)], steps[steps.index(now) + 1 :]
    ticked = tuple(Row(text(f"trail.{name}"), chosen(name), "ok") for name in done)
    return (*ticked, Row(text(f"trail.{now}"), None, "next"), *(Row(text(f"trail.{name}"), None, "") for name in left))


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
    """Make a page with one thing to say."""
    body = Body(lines, rows=rows, icon=icon)
    return Page("Message", step, text(title, x_fen=fen), None, body, keys, time_out)


DONE = {"bought", "changed", "refunded", "checked_in", "card_bought", "loaded", "let_out", "done", "ended"}
MENDED = "mended_"
"""Good-byes that say what was done, by name and by how a name begins: no other has a tick."""


def storing_page() -> Page:
    """Return the page while a note is counted; the coin slot stays open: one that is cut off is deaf for a while."""
    page = message("storing", "wait.note", (), (), None, icon="wait_notes")
    return msgspec.structs.replace(page, at=("coin_acceptor",))


def leaving_page(books: CabinetLedger, phase: lv.LeavePhase, take_ms: int, note_ms: int) -> Page:
    """Return the page of a leaving phase. `take_ms`: how long things lie ready; `note_ms`: how long a
    message stands.
    """
    leave = phase.leave
    why = (text(f"why.{leave.why}"),) if leave.why else ()
    match phase:
        case lv.TakingCash() | lv.TakingTokens() | lv.TakingCard() | lv.TakingIdent():
            return _take(books, phase, why, take_ms)
        case lv.KeptNotice(kind=kind, printed=printed):
            return _told(kind, printed, note_ms)
        case lv.Goodbye():
            keys = (key("told.ok", "primary"),)
            done = leave.why in DONE or leave.why.startswith(MENDED)
            icon = "ok" if done else TOLD_ICONS.get(leave.why, "tea")
            return message("goodbye", "goodbye.title", why, keys, Timer("goodbye", 4000), icon=icon)
        case lv.Stuck():
            lines = (text("stuck.how"),)
            return message("stuck", "stuck.title", lines, (), Timer("stuck", note_ms), icon="help")
        case lv.Recounting():
            return message("recounting", "recounting.title", (), (), Timer("recounting", 5000), icon="wait_notes")
        case _:
            return _moving_page(phase, why)


def _take(
    books: CabinetLedger,
    phase: lv.TakingCash | lv.TakingTokens | lv.TakingCard | lv.TakingIdent,
    why: tuple[Text, ...],
    take_ms: int,
) -> Page:
    match phase:
        case lv.TakingCash():
            pieces = tuple(_picture(fen) for fen, count in books.tray for _ in range(count))
            how, fen = (text("take_cash.how"),), money.total(books.tray)
            body = Body(how, amount_fen=fen, icon="cash_out", carried=pieces)
            time_out = Timer("take_cash", take_ms)
            return Page("Take", "take-cash", text("take_cash.title"), None, body, (), time_out, ("cash_dispenser",))
        case lv.TakingTokens(fen=fen):
            body = Body((text("take_tokens.how"),), amount_fen=fen, icon="coin_in")
            keys, time_out = (key("tokens.ok", "primary"),), Timer("take_tokens", take_ms)
            title = text("take_tokens.title")
            return Page("Take", "take-tokens", title, None, body, keys, time_out, ("coin_dispenser",))
        case lv.TakingIdent():
            body = Body((*why, text("take_ident.how")), icon="ident_out")
            time_out = Timer("take_ident", take_ms)
            return Page("Take", "take-ident", text("take_ident.title"), None, body, (), time_out, ("id_reader",))
        case _:
            body = Body((*why, text("take_card.how")), icon="card_out")
            time_out = Timer("take_card", take_ms)
            return Page("Take", "take-card", text("take_card.title"), None, body, (), time_out, ("card_reader",))


WAITS = dict.fromkeys(("returning", "counting-out", "retracting"), "wait_notes") | {
    "ejecting": "wait_card",
    "retaining": "wait_card",
    "slip": "wait_slip",
    "printing": "wait_slip",
    "settling": "wait_bank",
}
"""What is seen moving meanwhile."""


def _picture(fen: int) -> str:
    """Return the picture of a piece of money."""
    return f"{'note' if fen >= money.NOTE_FROM_FEN else 'coin'}_{fen // 100}"


MOVING: dict[type[lv.LeavePhase], str] = {
    lv.Returning: "returning",
    lv.Presenting: "counting-out",
    lv.Retracting: "retracting",
    lv.Ejecting: "ejecting",
    lv.Retaining: "retaining",
    lv.SlipPrinting: "slip",
    lv.ReceiptPrinting: "printing",
    lv.Undone: "settling",
}


def _moving_page(phase: lv.LeavePhase, why: tuple[Text, ...]) -> Page:
    """Return the page that stands while something in the cabinet moves."""
    step = MOVING[type(phase)]
    return message(step, f"moving.{step}", why, (), None, icon=WAITS[step])


TOLD_ICONS = dict.fromkeys(("card_left", "pin_tries", "expired", "lost"), "card_kept") | {"no_receipt": "receipt"}


def _told(kind: str, printed: bool, note_ms: int) -> Page:
    lines = [text(f"slip.{kind}.how")]
    if kind != "no_receipt":
        lines.append(text("told.slip" if printed else "told.no_slip"))
    icon = TOLD_ICONS.get(kind, "warn")
    keys = (key("told.ok", "primary"),)
    return message("told", f"slip.{kind}.title", tuple(lines), keys, Timer("told", note_ms), icon=icon)
