"""The validator's driver against its twin over a pty: held until decided, credited once, never from noise."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hardware.drivers.notes_ssp import NotesSsp
from hardware.protocols import ssp, ssp_money
from hardware.transport.serial_port import PortSettings
from hardware.twins.pseudo_terminal import serve
from hardware.twins.ssp import SspTwin
from kiosk_firmware.core.effects import Cancel, ReturnItems, StoreItems
from kiosk_firmware.core.events import (
    AnyEvent,
    DeviceBack,
    DeviceLost,
    ItemsInserted,
    ItemsRefused,
    ItemsReturned,
    ItemsStored,
)
from tests.hardware.wired import Wired

TICKET = "100000000000000017"
AT = "note_acceptor"
Notes = Wired[SspTwin, NotesSsp]


class QuickNotes(NotesSsp):
    """The driver with shorter patience, so that the tests of what it gives up on are short too."""

    POLL_MS, GRACE_MS, EFFECT_MS = 30, 1500, 4000


class QuickTwin(SspTwin):
    """The twin with a short path, and a long memory for a held piece (the ten seconds are tested on the core)."""

    READ_MS, STACK_MS, REJECT_MS = 30, 40, 30


make: Callable[..., NotesSsp] = partial(QuickNotes, currency=True, reply_ms=200)


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Notes]:
    with Wired(QuickTwin(), make, tmp_path / "notes") as wired:
        wired.driver.enable(True)
        wired.until(lambda: wired.state()["enabled"])
        yield wired


def ticket(notes: Notes, text: str = TICKET, count: int = 1) -> ItemsInserted:
    with notes.served.lock:
        assert notes.twin.insert_ticket(text)
    return notes.heard(ItemsInserted, count)


def money(notes: Notes) -> list[AnyEvent]:
    """Everything heard that says money moved into the box."""
    return [event for event in notes.all(ItemsStored) if event.completion == "success"]


def test_a_practice_note_is_held_until_it_is_stored_and_owed_until_it_is_committed(notes: Notes) -> None:
    assert ticket(notes) == ItemsInserted(AT, 10_000, 0)
    notes.until(lambda: notes.driver.health()["port"]["bytes_out"] > 0)
    polls = notes.driver.health()["port"]["bytes_in"]
    notes.until(lambda: notes.driver.health()["port"]["bytes_in"] > polls + 60)  # ten more answers: still held
    assert notes.state()["stage"] == "escrow"
    notes.driver.perform(StoreItems(AT, "store"))
    assert notes.heard(ItemsStored) == ItemsStored(AT, "store", 10_000, "success")
    assert notes.state()["box"] == [TICKET]
    polls = notes.driver.health()["port"]["bytes_in"]
    notes.until(lambda: notes.driver.health()["port"]["bytes_in"] > polls + 60)
    assert notes.state()["owed"], "acknowledged before anybody committed it"
    with notes.served.lock:
        assert not notes.twin.insert_ticket(TICKET), "a new piece while the last one is still owed"
    assert len(money(notes)) == 1
    for wrong in ("", "another"):
        notes.driver.committed(wrong)
    polls = notes.driver.health()["port"]["bytes_in"]
    notes.until(lambda: notes.driver.health()["port"]["bytes_in"] > polls + 60)
    assert notes.state()["owed"], "acknowledged for a commit of something else"
    notes.driver.committed("store")
    notes.until(lambda: not notes.state()["owed"])
    assert len(money(notes)) == 1


def test_a_practice_note_is_returned(notes: Notes) -> None:
    ticket(notes)
    notes.driver.perform(ReturnItems(AT, "return"))
    assert notes.heard(ItemsReturned) == ItemsReturned(AT, "return", 10_000, "success")
    assert notes.state()["mouth"] == TICKET
    assert notes.state()["box"] == []


@pytest.mark.parametrize("value", [1, 5, 10, 20, 50, 100])
def test_notes_by_channel_are_worth_what_the_validator_says(notes: Notes, value: int) -> None:
    with notes.served.lock:
        assert notes.twin.insert_note(value)
    assert notes.heard(ItemsInserted).fen == value * 100
    notes.driver.perform(StoreItems(AT, "store"))
    assert notes.heard(ItemsStored).fen == value * 100


def test_several_notes_are_counted_one_by_one(notes: Notes) -> None:
    for count in (1, 2, 3):
        assert ticket(notes, TICKET, count).counter == count - 1
        notes.driver.perform(StoreItems(AT, f"store{count}"))
        notes.heard(ItemsStored, count)
        notes.driver.committed(f"store{count}")
        notes.until(lambda: not notes.state()["owed"])
    assert sum(event.fen for event in money(notes)) == 30_000
    assert notes.driver.found().stacked == 3


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (lambda twin: twin.insert_ticket(TICKET, good=False), "invalidBill"),
        (lambda twin: twin.insert_ticket("777777777777777777"), "unsupported"),
        (lambda twin: twin.insert_note(50, good=False), "invalidBill"),
    ],
)
def test_what_is_not_ours_is_refused_and_never_money(notes: Notes, act: Callable[[SspTwin], bool], reason: str) -> None:
    with notes.served.lock:
        assert act(notes.twin)
    assert notes.heard(ItemsRefused).reason == reason
    assert notes.all(ItemsInserted) == []
    assert notes.state()["box"] == []


def test_what_was_rejected_is_counted_by_reason(notes: Notes) -> None:
    """Not drawn in again before the last one was taken; counted under the words of the manual."""
    for count, act in enumerate(
        (
            lambda twin: twin.insert_note(50, good=False),
            lambda twin: twin.insert_ticket("10000"),
            lambda twin: twin.insert_ticket("777777777777777777"),
        ),
        1,
    ):
        with notes.served.lock:
            assert act(notes.twin)
        notes.heard(ItemsRefused, count)
        with notes.served.lock:
            assert notes.twin.take_note() is not None
    assert notes.driver.health()["rejected"] == {"length": 1, "barcode_scan": 1, "host": 1}


@pytest.mark.parametrize("fault", ["jam", "stacker_full", "cashbox_out"])
def test_what_keeps_it_from_taking_is_told_as_lost_and_back(notes: Notes, fault: str) -> None:
    with notes.served.lock:
        notes.twin.spoil(fault, True, 0)
    notes.heard(DeviceLost)
    flag = {"jam": "unsafe_jam", "cashbox_out": "cashbox_removed"}.get(fault, fault)
    assert notes.driver.health()["flags"] == [flag]
    notes.served.unplug()
    notes.until(lambda: not notes.driver.health()["ready"])
    notes.served.replug()
    notes.until(lambda: notes.driver.health()["ready"] and notes.state()["enabled"])
    assert notes.all(DeviceBack) == [], "back with the cable, and still blocked"
    with notes.served.lock:
        notes.twin.spoil(fault, False, 0)
    notes.heard(DeviceBack)
    assert notes.driver.health()["flags"] == []
    assert len(notes.all(DeviceLost)) == 1
    ticket(notes)


def test_the_reader_is_told_how_long_our_tickets_are(tmp_path: Path) -> None:
    twin = QuickTwin()
    with Wired(twin, partial(make, digits=12), tmp_path / "notes") as wired:
        assert wired.twin.digits == 12
        wired.driver.enable(True)
        wired.until(lambda: wired.state()["enabled"])
        ticket(wired, "100000000017")


@pytest.mark.parametrize("currency", [True, False])
def test_a_validator_without_a_barcode_reader_is_one_for_notes(tmp_path: Path, currency: bool) -> None:
    twin = QuickTwin()
    twin.readers = 0
    link = tmp_path / "notes"
    with serve(twin, link):
        driver = make(PortSettings(str(link)), lambda event: None, currency=currency)
        driver.start()
        end = time.monotonic() + 30
        while not (driver.health()["ready"] or driver.health()["trouble"]) and time.monotonic() < end:
            time.sleep(0.01)
        assert driver.health()["ready"] is currency
        assert driver.health()["trouble"] == ("" if currency else "no barcode reader")
        driver.stop()


def test_nothing_is_drawn_in_while_no_note_is_wanted(notes: Notes) -> None:
    notes.driver.enable(False)
    notes.until(lambda: not notes.state()["enabled"])
    with notes.served.lock:
        assert not notes.twin.insert_ticket(TICKET)


def test_switching_off_leaves_a_held_note_held(notes: Notes) -> None:
    ticket(notes)
    notes.driver.enable(False)
    polls = notes.driver.health()["port"]["bytes_in"]
    notes.until(lambda: notes.driver.health()["port"]["bytes_in"] > polls + 60)
    assert notes.state()["stage"] == "escrow"
    notes.driver.perform(StoreItems(AT, "store"))
    assert notes.heard(ItemsStored).completion == "success"
    notes.until(lambda: not notes.state()["enabled"])


def test_deciding_about_nothing_is_answered(notes: Notes) -> None:
    notes.driver.perform(StoreItems(AT, "store"))
    assert notes.heard(ItemsStored) == ItemsStored(AT, "store", 0, "userError")
    notes.driver.perform(ReturnItems(AT, "return"))
    assert notes.heard(ItemsReturned) == ItemsReturned(AT, "return", 0, "userError")


@pytest.mark.parametrize("effect", [StoreItems(AT, "do"), ReturnItems(AT, "do")])
@pytest.mark.parametrize("spoiled", [1, 2])
def test_wrong_checks_neither_lose_nor_double(notes: Notes, effect: StoreItems | ReturnItems, spoiled: int) -> None:
    ticket(notes)
    with notes.served.lock:
        notes.twin.wire.bad_checks = spoiled
    notes.driver.perform(effect)
    kind = ItemsStored if isinstance(effect, StoreItems) else ItemsReturned
    assert notes.heard(kind).completion == "success"
    assert len(notes.state()["box"]) == (1 if isinstance(effect, StoreItems) else 0)


@pytest.mark.parametrize("how", ["deaf", "silent"])
def test_a_return_that_was_not_heard_never_becomes_a_credit(notes: Notes, how: str) -> None:
    ticket(notes)
    with notes.served.lock:
        setattr(notes.twin.wire, how, True)
        notes.driver.perform(ReturnItems(AT, "return"))
    notes.until(lambda: notes.driver.health()["silences"] >= 1)
    with notes.served.lock:
        setattr(notes.twin.wire, how, False)
    assert notes.heard(ItemsReturned).ref == "return"
    notes.until(lambda: notes.state()["stage"] == "idle")
    assert notes.state()["box"] == []


def test_cancelling_in_the_middle_of_an_exchange_upsets_no_counting(notes: Notes) -> None:
    ticket(notes)
    for count in range(1, 7):
        with notes.served.lock:
            notes.twin.wire.late_ms = 100  # most of the time an answer is under way
        polls = notes.driver.health()["port"]["bytes_out"]
        notes.until(lambda polls=polls: notes.driver.health()["port"]["bytes_out"] > polls)
        notes.driver.perform(StoreItems(AT, f"store{count}"))
        notes.driver.perform(Cancel(AT, f"store{count}"))
        assert notes.heard(ItemsStored, count).ref == f"store{count}"
        with notes.served.lock:
            notes.twin.wire.late_ms = 0
    canceled = [event for event in notes.all(ItemsStored) if event.completion == "canceled"]
    assert canceled or notes.state()["box"], "neither cancelled nor, where the cancel came too late, stored"
    assert notes.state()["counters"]["repeated"] == 0


def test_a_cable_pulled_while_a_note_is_held(notes: Notes) -> None:
    ticket(notes)
    notes.served.unplug()
    notes.heard(DeviceLost)
    notes.driver.perform(StoreItems(AT, "store"))
    assert notes.heard(ItemsStored).completion == "hardwareError"
    assert notes.state()["stage"] == "escrow"
    notes.served.replug()
    notes.heard(DeviceBack)
    notes.driver.perform(StoreItems(AT, "again"))
    assert notes.heard(ItemsStored, 2) == ItemsStored(AT, "again", 10_000, "success")
    assert notes.state()["box"] == [TICKET]


def test_a_cable_pulled_while_a_note_is_being_stored(notes: Notes) -> None:
    ticket(notes)
    with notes.served.lock:
        notes.driver.perform(StoreItems(AT, "store"))
        notes.twin.STACK_MS = 300
    notes.until(lambda: notes.state()["stage"] == "stacking")
    notes.served.unplug()
    notes.heard(DeviceLost)
    notes.until(lambda: notes.state()["box"])
    notes.served.replug()
    assert notes.heard(ItemsStored) == ItemsStored(AT, "store", 10_000, "success")
    assert len(money(notes)) == 1


def test_a_power_cut_in_escrow_gives_the_note_back_and_says_so(notes: Notes) -> None:
    ticket(notes)
    with notes.served.lock:
        notes.twin.power_cycle()
    notes.heard(ItemsRefused)
    notes.driver.perform(StoreItems(AT, "store"))
    assert notes.heard(ItemsStored).completion == "userError"
    assert notes.state()["box"] == []


def test_a_power_cut_while_stacking_is_credited_once(notes: Notes) -> None:
    with notes.served.lock:
        notes.twin.STACK_MS = 3_000
        assert notes.twin.insert_note(50)
    notes.heard(ItemsInserted)
    notes.driver.perform(StoreItems(AT, "store"))
    notes.until(lambda: notes.state()["stage"] == "stacking")
    with notes.served.lock:
        notes.twin.power_cycle()
    assert notes.heard(ItemsStored) == ItemsStored(AT, "store", 5_000, "success")
    notes.driver.committed("store")
    notes.until(lambda: not notes.state()["owed"])
    assert len(money(notes)) == 1


def test_a_credit_that_a_dead_process_never_wrote_down_is_told_to_the_next(tmp_path: Path) -> None:
    twin = QuickTwin()
    with Wired(twin, make, tmp_path / "notes") as first:
        first.driver.enable(True)
        first.until(lambda: first.state()["enabled"])
        ticket(first)
        first.driver.perform(StoreItems(AT, "store"))
        first.heard(ItemsStored)  # and it dies before committed()
    with Wired(twin, make, tmp_path / "notes") as second:
        found = second.until(lambda: second.driver.found() if second.driver.found().unclaimed_fen else None)
        assert found.unclaimed_fen == 10_000
        assert found.escrow_fen == 0
        assert second.all(ItemsStored) == []
        second.driver.committed("")
        second.until(lambda: not second.state()["owed"])
        assert second.driver.found().unclaimed_fen == 0


def test_a_note_that_a_dead_process_left_in_escrow_is_still_held(tmp_path: Path) -> None:
    twin = QuickTwin()
    with Wired(twin, make, tmp_path / "notes") as first:
        first.driver.enable(True)
        first.until(lambda: first.state()["enabled"])
        ticket(first)
    with Wired(twin, make, tmp_path / "notes") as second:
        assert second.driver.found().escrow_fen == 10_000
        assert second.state()["stage"] == "escrow"
        second.driver.perform(ReturnItems(AT, "return"))
        assert second.heard(ItemsReturned).fen == 10_000
        assert second.state()["box"] == []


def test_noise_is_never_money_and_never_the_end(notes: Notes) -> None:
    credit = ssp.send(ssp.Packet(0, 0, b"\xf0\xee\x06\xeb"))
    dice = random.Random(5)
    for turn in range(30):
        noise = (credit[:-1], credit[1:], dice.randbytes(30), b"\x7f" * 9, credit[:5] + dice.randbytes(4))[turn % 5]
        with notes.served.lock:
            notes.twin.wire.noise = noise
        notes.until(lambda: not notes.twin.wire.noise)
    assert notes.all(ItemsInserted) == []
    assert notes.all(ItemsStored) == []
    assert notes.driver.found().unclaimed_fen == 0
    assert sum(notes.driver.health()["faults"].values()) > 30
    notes.until(lambda: notes.driver.health()["ready"] and notes.state()["enabled"])
    ticket(notes)
    notes.driver.perform(StoreItems(AT, "store"))
    assert notes.heard(ItemsStored).fen == 10_000
    assert notes.state()["box"] == [TICKET]


def test_a_silent_validator_is_lost_and_comes_back(notes: Notes) -> None:
    with notes.served.lock:
        notes.twin.wire.silent = True
    notes.heard(DeviceLost)
    with notes.served.lock:
        notes.twin.wire.silent = False
    notes.heard(DeviceBack)
    ticket(notes)


def test_a_late_answer_is_not_taken_for_another(notes: Notes) -> None:
    with notes.served.lock:
        notes.twin.wire.late_ms = 260  # later than the reply time: each answer meets the repeated question
    notes.until(lambda: notes.state()["counters"]["repeated"] >= 3)
    with notes.served.lock:
        notes.twin.wire.late_ms = 0
    notes.until(lambda: notes.driver.health()["ready"] and notes.state()["enabled"])
    ticket(notes)
    notes.driver.perform(StoreItems(AT, "store"))
    assert notes.heard(ItemsStored).fen == 10_000
    assert len(money(notes)) == 1


def test_a_validator_without_poll_with_ack_is_polled_plainly_and_said_so(tmp_path: Path) -> None:
    """Older firmware answers 56 with F2: the set-up ends, two notes are credited, and health tells why."""
    twin = QuickTwin()
    twin.repeats_credit = False
    with Wired(twin, make, tmp_path / "notes") as notes:
        notes.driver.enable(True)
        notes.until(lambda: notes.state()["enabled"])
        for count, ref in enumerate(("one", "two"), 1):
            ticket(notes, count=count)
            notes.driver.perform(StoreItems(AT, ref))
            assert notes.heard(ItemsStored, count) == ItemsStored(AT, ref, 10_000, "success")
            notes.driver.committed(ref)
        assert "POLL WITH ACK" in notes.driver.health()["trouble"]
        assert not notes.all(DeviceLost)


@pytest.mark.parametrize("values", [(1, 5, 10, 20, 50, 100, 0, 0), None])
def test_a_validator_is_asked_for_its_channels_again(tmp_path: Path, values: tuple[int, ...] | None) -> None:
    """Empty channels behind the used ones are no contradiction; one that does not know the question is believed."""
    twin = QuickTwin()
    twin.channel_values = values
    with Wired(twin, make, tmp_path / "notes") as notes:
        notes.driver.enable(True)
        notes.until(lambda: notes.state()["enabled"])
        assert notes.driver.health()["trouble"] == ""
        assert notes.twin.counters["asked_values"] > 0


def test_a_validator_that_says_other_values_takes_nothing_and_says_why(tmp_path: Path) -> None:
    twin = QuickTwin()
    twin.channel_values = (1, 5, 10, 20, 100, 50)
    notes = Wired(twin, make, tmp_path / "notes")
    notes.driver.start()
    notes.driver.enable(True)
    notes.until(lambda: "channels' values" in notes.driver.health()["trouble"])
    notes.heard(DeviceLost)
    assert not notes.state()["enabled"]
    notes.__exit__()


def test_short_channel_values_are_multiplied_as_the_set_up_says() -> None:
    setup = ssp_money.Setup(0, "0100", "CNY", (10, 50, 0, 100), 5, 100, (), 10)
    assert not ssp_money.contradicts(setup, bytes([4, 1, 5, 0, 10]))
    assert ssp_money.contradicts(setup, bytes([4, 1, 5, 10, 0]))
    assert ssp_money.contradicts(setup, bytes([4, 1, 5, 0])), "cut"
