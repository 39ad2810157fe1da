"""Judges what a story left behind: the twins' counts, the tray's book on disk, and the facts of `screen.db`."""

from __future__ import annotations

import time
from typing import Any

from hardware.drivers.settings.hardware_settings import full_cabinet
from tests.stories.rig import House
from tests.wire.rig import query

HOPPERS_FEN = sum(int(fen) * hopper.stock for fen, hopper in full_cabinet().coin_dispenser.hoppers.items())
WORTH = {"10000": 10_000, "05000": 5_000, "02000": 2_000, "01000": 1_000}


def judge(house: House) -> None:
    """Nothing is lost and nothing counted twice: twins, tray's book and facts tell the same, and nothing is held."""
    deadline = time.monotonic() + 5
    while _differences(house) and time.monotonic() < deadline:
        time.sleep(0.05)  # the last edge may still be on its way
    found = _differences(house)
    assert not found, f"twins and unit differ: {found}"
    seqs = [seq for (seq,) in query(house.db, "SELECT seq FROM facts ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1))
    assert query(house.db, "SELECT at, what FROM liabilities") == []


def _differences(house: House) -> dict[str, tuple[Any, Any]]:
    """What the twins count and what the unit says, where they differ."""
    twins, book = house.twins.state(), house.book()
    card, notes, tray, coins = (twins[at] for at in ("card_reader", "note_acceptor", "cash_dispenser", "coin_acceptor"))
    hopper = twins["coin_dispenser"]
    media = [fact["what"] for fact in house.facts("media.moved") if fact["at"] == "card_reader"]
    refused = [fact["fault"] for fact in house.facts("fault.struck")].count("note_rejected")
    unheard = sum(fact["count"] for fact in house.facts("noise.counted") if fact["kind"] == "unheard")
    pairs = {
        "card held": (card["card"], None),
        "note held": ((notes["piece"], notes["stage"]), (None, "idle")),
        "cash lies": (tray["full"], False),
        "tray locked": (tray["locked"], True),
        "cards in": (card["counters"]["inserted"], media.count("inserted")),
        "cards out": (card["counters"]["taken"], media.count("taken")),
        "cards kept": (len(card["captured"]), media.count("retained")),
        "notes in box": (
            sum(_worth(text) for text in notes["box"]),
            sum((*house.moved("note_acceptor", "accepted"), *house.moved("note_acceptor", "retracted"))),
        ),
        "notes back": (notes["counters"]["returned"], len(house.moved("note_acceptor", "returned")) + refused),
        "paid out": (HOPPERS_FEN - _left(hopper["hoppers"]), sum(house.moved("coin_dispenser", "presented"))),
        "tokens": (len(coins["box"]), len(house.moved("coin_acceptor", "accepted")) + unheard + house.fallen),
    }
    for twin, what in (("opened", "presented"), ("taken", "taken"), ("retracted", "retracted")):
        pairs[f"tray {what}"] = (tray["counters"][twin], len(house.moved("cash_dispenser", what)))
        pairs[f"book {what}"] = (tray["counters"][twin], book.get(what, 0))
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _left(hoppers: dict[str, int]) -> int:
    return sum(int(fen) * pieces for fen, pieces in hoppers.items())


def _worth(text: object) -> int:
    return WORTH[str(text)[:5]]
