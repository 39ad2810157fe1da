"""Cards out of the dispenser's stack and balances on cards, as every machine's world has them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.core import cabinet_model
from kiosk_firmware.core.cabinet_model import CabinetModel
from kiosk_firmware.core.effects import DispenseMedia, EjectMedia, RetainMedia, WriteMedia
from kiosk_firmware.core.events import Media, MediaDispensed, MediaInserted, MediaTaken, MediaWritten
from kiosk_firmware.core.pages import Page, Text
from kiosk_firmware.core.power_cut_outcomes import power_cut

AT = "ticket_dispenser"
PAGE = Page("Insert", "any", Text("x"), at=("card_reader",))
EFFECTS = (
    DispenseMedia(AT, "out"),
    RetainMedia(AT, "back"),
    EjectMedia("card_reader", "eject"),
    RetainMedia("card_reader", "keep"),
    *(WriteMedia("card_reader", "write", str(n), 100 * n) for n in range(3)),
)
START = CabinetModel(hand=(Media("0"),), stack=(Media("1", fen=0), Media("2", fen=0)))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(choices=st.lists(st.integers(0, 100), max_size=30))
def test_no_card_appears_or_vanishes_whatever_is_done(choices):
    world = START
    for choice in choices:
        acts = [act for act in cabinet_model.acts(world, PAGE, (), {}) if isinstance(act, MediaInserted | MediaTaken)]
        done = [*acts, *(cabinet_model.answer(world, effect, False) for effect in EFFECTS)]
        event = done[choice % len(done)]
        before, world = world, cabinet_model.after_event(world, event)
        assert cabinet_model.breaches(START, world) == ()
        if isinstance(event, MediaWritten) and event.completion == "success":
            assert world.reader == Media(before.reader.number, fen=event.fen)
        if isinstance(event, MediaDispensed):
            assert (event.completion == "success") == (before.offered is None and bool(before.stack))
    for effect in EFFECTS:
        assert cabinet_model.after_event(world, cabinet_model.unknown(effect)) == world


def test_a_card_that_is_bought_stands_in_the_slot_until_it_is_taken():
    sold = cabinet_model.after_event(START, cabinet_model.answer(START, EFFECTS[0], False))
    assert (sold.offered, sold.stack) == (Media("1", fen=0), (Media("2", fen=0),))
    assert not cabinet_model.at_rest(sold)
    assert MediaTaken(AT) in cabinet_model.acts(sold, PAGE, (), {})
    assert cabinet_model.answer(sold, EFFECTS[0], False) == MediaDispensed(AT, "out", None, "hardwareError", "occupied")
    taken = cabinet_model.after_event(sold, MediaTaken(AT))
    assert taken.hand == (Media("0"), Media("1", fen=0))
    assert cabinet_model.at_rest(taken)
    cut = power_cut(START, ((EFFECTS[0], False),))
    assert {event.completion for way in cut for event in way if isinstance(event, MediaDispensed)} == {
        "success",
        "unknown",
    }
