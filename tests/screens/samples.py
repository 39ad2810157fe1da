"""Sample pages of every kind with their words, so that the drawings are tested before any machine uses them.

They imitate what a cash machine and the lobby show, the longest texts included. `PAGES` maps a name to a page;
`LOOKS` a name to a look; `words()` has Mandarin and English.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from kiosk_firmware.core.pages import Body, Key, Page, Row, Timer, text
from kiosk_firmware.core.texts import Words, table
from screens.stage.skin import SkinLook, decode, lobby

HERE = Path(__file__).parent
TIMER = Timer("idle", 60_000)


def key(name: str, role: str = "choice", words: str = "", **more: object) -> Key:
    """A key whose text has the key's own name."""
    return Key(name, role, text(words or name), **more)  # type: ignore[arg-type]


BACK = key("nav.back", "back")
EJECT = key("nav.eject", "danger")
OK = key("nav.ok", "primary")
MENU = ("menu.balance", "menu.deposit", "menu.transfer", "menu.pin", "menu.withdraw", "menu.statement", "menu.language")
LINES = (text("line.short"),)
LONG = (text("line.long"), text("line.longer"))
ROWS = (
    Row(text("row.to"), text("row.to.value")),
    Row(text("row.account"), text("row.account.value")),
    Row(text("row.amount"), text("money", sum_fen=120000)),
    Row(text("row.fee"), text("money", sum_fen=0)),
)
STATEMENT = tuple(
    Row(text("row.entry", day=f"11-{day:02d}", what_key="row.kind"), text("money", sum_fen=-day * 1050))
    for day in range(24, 4, -1)
)

MACHINE_PAGES: dict[str, Page] = {
    "menu": Page(
        "Menu",
        "home",
        text("title.menu"),
        body=Body(lines=(text("card.now"), text("card.tail")), card="9900 **** 5528"),
        keys=(*(key(name) for name in MENU), EJECT),
    ),
    "menu_amounts": Page(
        "Menu",
        "withdraw.amount",
        text("title.amount"),
        keys=(
            *(
                key(f"amount.{n}", words="money", value=str(n)).__class__(
                    f"amount.{n}", "choice", text("money", sum_fen=n * 100), str(n)
                )
                for n in (100, 200, 300, 500, 1000, 2000)
            ),
            key("amount.other"),
            BACK,
        ),
        timer=TIMER,
    ),
    "menu_language": Page("Menu", "language", text("title.language"), keys=(key("lang.zh"), key("lang.en"))),
    "menu_receipt": Page(
        "Menu",
        "receipt",
        text("title.receipt"),
        body=Body(amount_fen=30000, lines=LINES),
        keys=(key("receipt.yes", "primary"), key("receipt.no"), BACK),
        timer=TIMER,
    ),
    "message_ok": Page(
        "Message", "done", text("title.done"), body=Body(lines=LINES, icon="ok", amount_fen=30000), keys=(OK,)
    ),
    "message_long": Page(
        "Message", "fraud", text("title.fraud"), body=Body(lines=LONG, icon="warn"), keys=(BACK, OK), timer=TIMER
    ),
    "message_rows": Page("Message", "check", text("title.check"), body=Body(rows=ROWS), keys=(BACK, OK), timer=TIMER),
    "message_wait": Page("Message", "wait", text("title.wait"), body=Body(icon="wait", lines=LINES)),
    "message_kept": Page("Message", "kept", text("title.kept"), body=Body(icon="card_kept", lines=LONG), keys=(OK,)),
    "message_closed": Page("Message", "closed", text("title.closed"), body=Body(icon="closed", lines=LINES)),
    "pin": Page(
        "PinEntry",
        "pin",
        text("title.pin"),
        body=Body(digits=3, length=6, lines=(text("pin.cover"), text("pin.keys"))),
        keys=(EJECT,),
        timer=TIMER,
        at=("pin_pad",),
        private=True,
    ),
    "pin_glass": Page(
        "PinEntry",
        "pin.glass",
        text("title.pin"),
        body=Body(digits=2, length=6, lines=(text("pin.cover"),)),
        keys=(
            *(Key(f"digit.{n}", "digit", text(str(n)), str(n)) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9)),
            Key("digit.clear", "digit", text("digit.clear"), "clear", icon="erase"),
            Key("digit.0", "digit", text("0"), "0"),
            EJECT,
            OK,
        ),
        timer=TIMER,
        private=True,
    ),
    "amount": Page(
        "Amount",
        "amount",
        text("title.amount"),
        body=Body(field="300", field_key="amount", lines=(text("amount.rule"),)),
        keys=(BACK, OK),
        timer=TIMER,
    ),
    "amount_presets": Page(
        "Amount",
        "amount.presets",
        text("title.amount"),
        body=Body(field="1200", field_key="amount"),
        keys=(
            *(Key(f"amount.{n}", "choice", text("money", sum_fen=n * 100), str(n)) for n in (100, 300, 500, 1000)),
            BACK,
            OK,
        ),
    ),
    "form": Page(
        "Form",
        "transfer.to",
        text("title.transfer"),
        body=Body(field="9900120000005528", field_key="form.card"),
        keys=(key("form.card", "field"), key("form.amount", "field", value="300"), BACK, OK),
        private=True,
    ),
    "list": Page(
        "List",
        "statement",
        text("title.statement"),
        body=Body(rows=STATEMENT),
        keys=(BACK, key("list.print", "primary", icon="printer")),
    ),
    "list_short": Page("List", "balance", text("title.balance"), body=Body(rows=ROWS[:3]), keys=(BACK,)),
    "insert_card": Page(
        "Insert",
        "insert",
        text("title.insert"),
        body=Body(lines=(text("insert.card"),)),
        at=("card_reader",),
        keys=(key("menu.language"),),
    ),
    "insert_note": Page(
        "Insert",
        "deposit",
        text("title.notes"),
        body=Body(lines=(text("insert.note"),), rows=ROWS[2:3]),
        at=("note_acceptor",),
        keys=(BACK, OK),
        timer=TIMER,
    ),
    "take_card": Page(
        "Take", "take.card", text("title.take.card"), body=Body(lines=LINES), at=("card_reader",), timer=TIMER
    ),
    "take_cash": Page(
        "Take",
        "take.cash",
        text("title.take.cash"),
        body=Body(amount_fen=30000, lines=LINES),
        at=("cash_dispenser",),
        timer=TIMER,
    ),
    "take_slip": Page("Take", "take.slip", text("title.take.slip"), at=("receipt_printer",)),
    "pay": Page(
        "Pay",
        "pay",
        text("title.pay"),
        body=Body(
            amount_fen=500,
            rows=(
                Row(text("pay.in"), text("money", sum_fen=300), "ok"),
                Row(text("pay.left"), text("money", sum_fen=200), "next"),
            ),
        ),
        at=("coin_acceptor",),
        keys=(BACK,),
        due_fen=200,
        timer=TIMER,
    ),
}
_TILES = (("atm", 62), ("train", 30), ("metro", 12), ("phone", 45), ("counter", 20), ("plane", 0))


def _tile(name: str, progress: int) -> Key:
    return Key(
        f"tile.{name}", "choice", text(f"tile.{name}"), sub=text(f"tile.{name}.sub"), icon=name, progress=progress
    )


_SMALL = (key("home.who", "field"), key("home.language", "field"))
LOBBY_PAGES: dict[str, Page] = {
    "home": Page(
        "Home",
        "home",
        text("title.home"),
        body=Body(lines=(text("home.why"),)),
        keys=(
            Key("home.next", "primary", text("home.go"), sub=text("home.next"), icon="atm"),
            *(_tile(*tile) for tile in _TILES),
            *_SMALL,
        ),
    ),
    "home_many": Page(
        "Home",
        "home.many",
        text("title.home"),
        keys=(*(_tile(*tile) for tile in _TILES), Key("tile.gate", "choice", text("tile.gate"), icon="gate"), *_SMALL),
    ),
    "debrief": Page(
        "Debrief",
        "debrief",
        text("title.debrief"),
        body=Body(
            rows=(
                Row(text("proof.found"), mark="ok"),
                Row(text("proof.amount"), mark="ok"),
                Row(text("proof.order"), mark="ok"),
            ),
            lines=(text("debrief.next"),),
        ),
        keys=(key("debrief.other", "primary"), key("debrief.again", "back")),
    ),
    "debrief_mixed": Page(
        "Debrief",
        "debrief.mixed",
        text("title.debrief"),
        body=Body(
            rows=(
                Row(text("proof.found"), mark="ok"),
                Row(text("proof.amount"), mark="warn"),
                Row(text("proof.order"), mark="bad"),
                Row(text("proof.found"), mark="next"),
            ),
            lines=(text("debrief.next"),),
        ),
        keys=(key("debrief.other", "primary"), key("debrief.again", "back")),
    ),
    "lobby_message": Page("Message", "closed", text("title.closed"), body=Body(icon="closed", lines=LONG), keys=(OK,)),
    "lobby_menu": Page("Menu", "lessons", text("title.menu"), keys=(*(key(name) for name in MENU[:5]), BACK)),
    "sign_in": Page("Form", "sign-in", text("title.sign"), body=Body(field="0932", field_key="who"), keys=(BACK, OK)),
}


@cache
def looks() -> dict[str, SkinLook]:
    """The two banks' looks and the lobby's."""
    tables = tomllib.loads((HERE / "looks.toml").read_text(encoding="utf-8"))
    return {**{name: decode(entry["look"], name) for name, entry in tables.items()}, "lobby": lobby()}


@cache
def words() -> Words:
    """The samples' texts."""
    tables = tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))
    return Words([(language, table(entries)) for language, entries in tables.items()], partial=True)
