"""One step: what is open, what reaches the machine, and a bench on which no piece is ever made or lost."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.core import cabinet_model, faults, money
from kiosk_firmware.core.cabinet_model import CabinetModel
from kiosk_firmware.core.effects import Cancel, Dispense, EjectMedia, PrintDocument, ReadPin, Retract, StoreItems
from kiosk_firmware.core.events import (
    Answer,
    AnyEvent,
    DoorOpened,
    DoubleTapped,
    HostAnswered,
    Idled,
    ItemsInserted,
    ItemsPresented,
    Media,
    MediaDispensed,
    MediaInserted,
    MediaPresented,
    MediaTaken,
    MediaWritten,
    Started,
    Struck,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.hosts.airline import CheckInAsked
from kiosk_firmware.core.play import Play, open_effects
from tests.unit.runtime import tiny

EJECT = EjectMedia("card_reader", "eject")
CASH = Dispense("cash_dispenser", "cash", ((10_000, 1),))


# -- open effects ------------------------------------------------------------------------------------------------------


def test_an_answer_closes_its_effect_and_no_other():
    open_ = open_effects((), Idled(), (EJECT, CASH))
    assert open_effects(open_, MediaPresented("card_reader", "eject"), ()) == ((CASH, False),)
    assert open_effects(open_, MediaPresented("card_reader", "another"), ()) == open_
    assert open_effects(open_, MediaTaken("card_reader"), ()) == open_  # a surprise answers nothing


def test_a_device_is_never_asked_twice():
    with pytest.raises(ValueError, match="still busy"):
        open_effects(((EJECT, False),), Idled(), (EjectMedia("card_reader", "again"),))
    answered = open_effects(((EJECT, False),), MediaPresented("card_reader", "eject"), (EJECT,))
    assert answered == ((EJECT, False),)


def test_cancel_marks_and_adds_nothing():
    pin = ReadPin("pin_pad", "pin", "1")
    open_ = open_effects(((pin, False), (EJECT, False)), Idled(), (Cancel("pin_pad", "pin"),))
    assert open_ == ((pin, True), (EJECT, False))
    assert open_effects((), Idled(), (Cancel("pin_pad", "pin"),)) == ()


# -- a play at random --------------------------------------------------------------------------------------------------


def wander(seeds, armed=None):
    """A random play of the tiny machine: every situation on the way, and the event that led there."""
    play = Play(tiny.Tiny(), tiny.TinyWorld())
    now = play.begin(Started(0, tiny.PERSONA, armed))
    yield play, now, None
    for seed in seeds:
        ways = [(event,) for event in (*play.answers(now), *play.acts(now, {}))]
        ways += [(expiry,)] if (expiry := play.expiry(now)) else []
        ways += play.world.faults(now.world, now.armed, now.open) if now.armed else []
        if not ways:
            return
        for event in ways[seed % len(ways)]:
            now = play.step(now, event).after
            yield play, now, event


SEEDS = st.lists(st.integers(0, 1000), max_size=25)
FAULTS = st.sampled_from((None, "card_left", "notes_left", "notes_gone", "power_cut"))


@given(SEEDS, FAULTS)
@settings(max_examples=150)
def test_pieces_and_cards_are_conserved_in_every_play_and_fault(seeds, armed):
    start = None
    for _, now, _ in wander(seeds, armed):
        start = start or now.world
        assert cabinet_model.breaches(start, now.world) == ()
        assert now.world.cards() == start.cards()
        assert money.total(now.world.pieces()) == money.total(start.pieces())


@given(SEEDS, FAULTS)
def test_a_journal_replays_to_the_same_situation(seeds, armed):
    walked = list(wander(seeds, armed))
    play, now, _ = walked[0]
    for _, expected, event in walked[1:]:
        read = msgspec.json.decode(msgspec.json.encode(event), type=AnyEvent)
        now = play.step(now, read).after
        assert now == expected
        assert hash(now) == hash(expected)


@given(SEEDS)
def test_acts_for_another_page_never_reach_the_machine(seeds):
    *_, (play, now, _) = wander(seeds)
    page = play.machine.view(now.state)
    strangers = [
        Tapped("choose.one", "elsewhere"),
        Tapped("no.such", page.step),
        Typed("no.field", "1", page.step),
        Idled(),
        DoubleTapped(page.step),
        TimerExpired("no-timer"),
    ]
    for event in strangers:
        transition = play.step(now, event)
        assert not transition.taken
        assert transition.after is now


@given(SEEDS, FAULTS)
def test_a_strike_is_for_the_world_alone(seeds, armed):
    *_, (play, now, _) = wander(seeds, armed)
    after = play.step(now, Struck("power_cut")).after
    assert after.state is now.state
    assert after.open == now.open
    assert after.armed is None


@given(SEEDS)
def test_settling_leaves_only_what_a_person_must_do(seeds):
    *_, (play, now, _) = wander(seeds)
    settled = play.settle(now)
    assert list(play.answers(settled)) == []
    assert play.settle(settled) == settled


# -- the bench by itself -----------------------------------------------------------------------------------------------

EFFECTS = (
    EJECT,
    CASH,
    StoreItems("note_acceptor", "store"),
    Retract("cash_dispenser", "retract"),
    Dispense("cash_dispenser", "cash", ((10_000, 99),)),
    ReadPin("pin_pad", "pin", "1"),
)


@given(SEEDS)
def test_unknown_moves_nothing_and_has_the_effects_ref(seeds):
    *_, (_, now, _) = wander(seeds)
    for effect in EFFECTS:
        event = cabinet_model.unknown(effect)
        assert isinstance(event, Answer)
        assert (event.at, event.ref, event.completion) == (effect.at, effect.ref, "unknown")
        after = cabinet_model.after_event(now.world, event)
        assert msgspec.structs.replace(after, unsure=now.world.unsure) == now.world, "but for what is noted as unsure"


def test_a_piece_that_the_persona_lacks_was_brought():
    held = cabinet_model.after_event(CabinetModel(), ItemsInserted("note_acceptor", 10_000))
    assert held.escrow_fen == 10_000
    assert held.pieces() == ()
    assert held.inside() == ((10_000, 1),)


def test_what_is_not_there_cannot_come_out():
    with pytest.raises(ValueError, match="is not in"):
        cabinet_model.after_event(CabinetModel(), ItemsPresented("cash_dispenser", "cash", ((10_000, 1),)))


@pytest.mark.parametrize("fault", faults.FAULTS)
def test_a_fault_strikes_only_at_its_moment_and_says_so_first(fault):
    events = [
        MediaInserted("card_reader", Media("1")),
        MediaPresented("card_reader", "eject"),
        ItemsInserted("note_acceptor", 100),
        ItemsPresented("cash_dispenser", "cash", ((100, 1),)),
        ItemsPresented("coin_dispenser", "cash", ((100, 1),)),
        MediaDispensed("ticket_dispenser", "out"),
        MediaWritten("card_reader", "write", 100),
        cabinet_model.answer(CabinetModel(), PrintDocument("receipt_printer", "p", None), False),
        HostAnswered("network_host", "in", "ok", CheckInAsked(1, gate="118")),
        DoorOpened("parcel_locker", "open"),
    ]
    met = [event for event in events if faults.moment(fault, event)]
    assert len(met) == (0 if fault == "power_cut" else 1)
    for event in met:
        strike, said = faults.struck(fault, event)
        assert strike.fault == fault
        assert getattr(said, "at", "") == event.at
        assert getattr(said, "ref", "") == getattr(event, "ref", "")
