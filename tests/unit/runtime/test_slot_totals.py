"""What went through the slots: hands and boxes always add up, and a settled box stands at nothing."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.core.events import (
    DocumentPrinted,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsReturned,
    ItemsStored,
    ItemsTaken,
    Media,
    MediaDispensed,
    MediaInserted,
    MediaRetained,
    MediaTaken,
)
from kiosk_firmware.unit.runtime import journal_reader
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.slot_totals import BOXES, CustodySum, moves, settlement_moves
from kiosk_firmware.unit.runtime.transition_batch import Batch

FEN = st.sampled_from((100, 500, 10_000))
AT = st.sampled_from(("card_reader", "id_reader", "ticket_dispenser"))
NOTE, TRAY, CUP = "note_acceptor", "cash_dispenser", "coin_dispenser"
HEAP = st.tuples(FEN, st.integers(1, 9))
EVENTS = st.one_of(
    st.builds(lambda at: MediaInserted(at, Media("9900550000005528")), AT),
    st.builds(MediaTaken, AT),
    st.just(MediaDispensed("ticket_dispenser", "r")),
    st.just(MediaRetained("card_reader", "r")),
    st.just(DocumentPrinted("receipt_printer", "r")),
    st.just(DocumentPrinted("receipt_printer", "r", "hardwareError", "paperOut")),
    st.builds(ItemsInserted, st.sampled_from((NOTE, "coin_acceptor")), FEN),
    st.builds(lambda fen: ItemsStored(NOTE, "r", fen), FEN),
    st.builds(lambda fen: ItemsReturned(NOTE, "r", fen), FEN),
    st.builds(lambda at, heap: ItemsPresented(at, "r", (heap,)), st.sampled_from((TRAY, CUP)), HEAP),
    st.builds(lambda heap: ItemsRetracted(TRAY, "r", (heap,)), HEAP),
    st.just(ItemsTaken(TRAY)),
)


def summed(events):
    sums: Counter[str] = Counter()
    for event in events:
        for move in moves(event):
            sums[move.what] += move.n
    return sums


@given(st.lists(EVENTS))
def test_what_hands_lose_boxes_have(events):
    sums = summed(events)
    kinds = {what for what in sums if not what.startswith("box.")} - {"slip", "ident"}
    for what in kinds:
        boxes = sum(n for name, n in sums.items() if name.startswith("box.") and name.endswith(f".{what}"))
        assert sums[what] + boxes == 0
    assert sums["slip"] == sum(isinstance(event, DocumentPrinted) and event.completion == "success" for event in events)


@given(st.lists(EVENTS))
def test_settled_boxes_are_empty_and_nothing_got_lost(events):
    sums = summed(events)
    for at in BOXES:
        for move in settlement_moves({what: CustodySum(what, n, "", 0) for what, n in sums.items()}, at):
            sums[move.what] += move.n
    assert not any(n for what, n in sums.items() if what.startswith("box."))
    assert not any(n for what, n in sums.items() if what.startswith("fen.") or what in ("card", "ticket"))


def test_the_sum_is_kept_with_the_place_and_time_of_the_last_move(tmp_path):
    book = Journal(tmp_path / "screen.db", "u")
    events = (ItemsInserted(NOTE, 100), ItemsReturned(NOTE, "r", 100), ItemsInserted(NOTE, 100))
    for at_ms, event in enumerate(events, 1):
        book.submit(Batch(at_ms, moves=moves(event)))
    book.commit_now()
    assert journal_reader.custody(tmp_path / "screen.db") == {
        "fen.100": CustodySum("fen.100", -1, "inserted", 3),
        "box.notes.fen.100": CustodySum("box.notes.fen.100", 1, "inserted", 3),
    }
    book.close()
