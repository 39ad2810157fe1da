"""Cash going in: what is taken, what comes back, and that change can always be made for what was taken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import ReturnItems, StoreItems
from kiosk_firmware.core.events import ItemsInserted, ItemsReturned, ItemsStored
from kiosk_firmware.kits import cash_intake
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger, absorb

VALUES = (5000, 2000, 1000, 500, 100, 50)
heaps = st.dictionaries(st.sampled_from(VALUES), st.integers(0, 4)).map(lambda d: money.items(*d.items()))


def put(books: CabinetLedger, fen: int, due_fen: int) -> tuple[CabinetLedger, str]:
    """A note through the whole dialogue; the books after it, and why it came back."""
    books = absorb(books, ItemsInserted("note_acceptor", fen))
    refused = cash_intake.refusal(books, fen, VALUES, 100)
    if not refused and not cash_intake.changeable(books, fen, due_fen):
        refused = "change"
    books, effects = cash_intake.decide_escrow(books, refused)
    assert books.note_busy
    assert isinstance(effects[0], ReturnItems if refused else StoreItems)
    said = ItemsReturned if refused else ItemsStored
    return absorb(books, said("note_acceptor", effects[0].ref, fen)), refused


@given(stock=heaps, due=st.integers(1, 400), notes=st.lists(st.sampled_from((5000, 2000, 1000, 500)), max_size=8))
def test_whatever_was_taken_can_be_changed(stock, due, notes):
    """One piece after the other until it is enough: then the change can be made, and nothing has vanished."""
    books, due_fen = CabinetLedger(stock=stock), due * 50
    taken = []
    for fen in notes:
        if not cash_intake.missing_fen(books, due_fen):
            break
        books, refused = put(books, fen, due_fen)
        taken += [] if refused else [fen]
        assert not books.note_busy
        assert not books.escrow_fen
    assert money.total(books.tally) == sum(taken)
    assert money.total(books.stock) == money.total(stock) + sum(taken)
    if not cash_intake.missing_fen(books, due_fen):
        change = cash_intake.change(books, due_fen)
        assert change is not None
        assert money.total(change) == sum(taken) - due_fen


def test_refusals_say_why():
    books = CabinetLedger(tally=((500, 2),))
    assert cash_intake.refusal(books, 300, (500,), 3) == "value"
    assert cash_intake.refusal(books, 500, (500,), 2) == "full"
    assert cash_intake.refusal(books, 500, (500,), 3) == ""


def test_a_note_without_change_is_refused_before_it_counts():
    assert put(CabinetLedger(stock=((100, 1),)), 500, 300) == (CabinetLedger(stock=((100, 1),)), "change")
    assert put(CabinetLedger(stock=((100, 2),)), 500, 300)[1] == ""
    assert put(CabinetLedger(), 500, 500)[1] == ""
