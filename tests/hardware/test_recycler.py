"""The recycler's driver against its twin over a pty: what went in comes out again, once, and what came is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hardware.drivers import recycler_essp
from hardware.drivers.payout_essp import Payout
from hardware.drivers.recycler_essp import RecyclerEssp
from hardware.transport.serial_port import PortSettings
from hardware.twins.essp import EsspTwin
from kiosk_firmware.core.effects import Cancel, Dispense, Retract, StoreItems
from kiosk_firmware.core.events import (
    AnyEvent,
    DeviceBack,
    DeviceLost,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsStored,
    ItemsTaken,
)
from tests.hardware.wired import Wired

IN, OUT = "note_acceptor", "cash_dispenser"
Machine = Wired[EsspTwin, "QuickRecycler"]


class QuickRecycler(RecyclerEssp):
    """The driver with shorter patience."""

    POLL_MS, GRACE_MS, EFFECT_MS = 30, 1500, 4000


class QuickTwin(EsspTwin):
    """The twin with a short path and a quick store."""

    READ_MS, STACK_MS, REJECT_MS, PAY_MS = 30, 40, 30, 40


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recycler_essp, "FOLLOW_MS", 20)
    monkeypatch.setattr(recycler_essp, "QUIET_MS", 300)
    monkeypatch.setattr(recycler_essp, "STALL_MS", 600)
    monkeypatch.setattr(recycler_essp, "TAKEN_MS", 100)


def make(
    folder: Path, port: PortSettings, post: Callable[[AnyEvent], None], recycled: tuple[int, ...] = (), **more: Any
) -> QuickRecycler:
    driver = QuickRecycler(port, post, memory=folder / "book.json", currency=True, reply_ms=200, **more)
    driver.roles.add(IN)
    driver.pays(recycled, 10)
    return driver


def filled(*notes: tuple[int, int]) -> QuickTwin:
    twin = QuickTwin()
    twin.store = dict(notes)
    return twin


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Wired(filled((10_000, 5), (5_000, 4)), partial(make, tmp_path), tmp_path / "line") as wired:
        wired.driver.enable(True)
        wired.until(lambda: wired.state()["enabled"] and wired.driver.book.stock)
        yield wired


def paid(machine: Machine, *items: tuple[int, int], ref: str = "out") -> ItemsPresented:
    machine.driver.perform(Dispense(OUT, ref, items))
    machine.until(lambda: any(event.ref == ref for event in machine.all(ItemsPresented)))
    return next(event for event in machine.all(ItemsPresented) if event.ref == ref)


def test_notes_are_paid_by_value_and_count_as_taken_a_little_later(machine: Machine) -> None:
    assert machine.driver.book.stock == ((10_000, 5), (5_000, 4))
    assert paid(machine, (10_000, 2), (5_000, 1)) == ItemsPresented(OUT, "out", ((10_000, 2), (5_000, 1)))
    assert sorted(machine.state()["out"]) == [5_000, 10_000, 10_000]
    assert machine.driver.book.stock == ((10_000, 3), (5_000, 3))
    assert machine.heard(ItemsTaken) == ItemsTaken(OUT)
    assert machine.driver.book.counters == {
        "presented": 1,
        "taken": 1,
        "retracted": 0,
        "paid_fen": 25_000,
        "unknown_fen": 0,
    }
    assert machine.state()["counters"]["orders"] == 1


def test_a_note_that_was_taken_in_can_be_paid_out_again(machine: Machine) -> None:
    with machine.served.lock:
        assert machine.twin.insert_note(20)
    assert machine.heard(ItemsInserted) == ItemsInserted(IN, 2_000, 0)
    machine.driver.perform(StoreItems(IN, "store"))
    assert machine.heard(ItemsStored) == ItemsStored(IN, "store", 2_000)
    assert machine.driver.found().stacked in (0, 1)
    machine.driver.committed("store")
    machine.until(lambda: not machine.state()["owed"])
    machine.until(lambda: (2_000, 1) in machine.driver.book.stock)
    assert machine.driver.found().stacked == 1
    assert paid(machine, (2_000, 1)).items == ((2_000, 1),)
    assert machine.state()["store"]["2000"] == 0


def test_values_that_are_not_recycled_go_into_the_box(tmp_path: Path) -> None:
    with Wired(QuickTwin(), partial(make, tmp_path, recycled=(10_000,)), tmp_path / "line") as machine:
        machine.until(lambda: machine.driver.payout_health()["pays"])
        assert {fen for fen, route in machine.twin.routes.items() if route == 0} == {10_000}


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (((10_000, 6),), "notDispensable"),
        (((2_000, 1),), "notDispensable"),
        ((), "notDispensable"),
        (((10_000, 5), (5_000, 6)), "tooManyItems"),
    ],
)
def test_what_cannot_be_paid_is_refused_and_nothing_moves(
    machine: Machine, items: tuple[tuple[int, int], ...], reason: str
) -> None:
    answer = paid(machine, *items)
    assert (answer.items, answer.completion, answer.reason) == ((), "hardwareError", reason)
    assert machine.state()["out"] == []
    assert machine.state()["counters"]["orders"] == 0


def test_what_was_not_taken_is_put_away_by_hand(machine: Machine) -> None:
    machine.driver.hold()
    paid(machine, (10_000, 1))
    machine.driver.perform(Retract(OUT, "in"))
    assert machine.heard(ItemsRetracted) == ItemsRetracted(OUT, "in", ((10_000, 1),))
    assert machine.driver.book.tray == ()
    machine.driver.perform(Retract(OUT, "again"))
    assert machine.heard(ItemsRetracted, 2).items == ()


@pytest.mark.parametrize(("lands", "came"), [("out", 10_000), ("box", 0), ("store", 0)])
def test_power_that_fails_in_the_middle(machine: Machine, lands: Any, came: int) -> None:
    with machine.served.lock:
        machine.twin.lands = lands
        machine.twin.PAY_MS = 900
    machine.driver.perform(Dispense(OUT, "out", ((10_000, 2),)))
    machine.until(lambda: machine.twin._transit)
    with machine.served.lock:
        machine.twin.power_cycle()
    answer = machine.heard(ItemsPresented)
    assert answer.completion == "hardwareError"
    assert sum(fen * count for fen, count in answer.items) == came == sum(machine.state()["out"])
    assert machine.driver.book.counters["unknown_fen"] == 0
    assert machine.state()["counters"]["orders"] == 1


def test_a_jam_halts_the_payout_and_what_came_is_told(machine: Machine) -> None:
    machine.driver.perform(Dispense(OUT, "out", ((10_000, 3),)))
    machine.until(lambda: machine.state()["out"])
    with machine.served.lock:
        machine.twin.payout_jam = True
        fell = list(machine.twin.out)
    answer = machine.heard(ItemsPresented)
    assert machine.state()["out"] == fell
    assert [fen for fen, count in answer.items for _ in range(count)] == fell
    assert machine.driver.book.stock == ((10_000, 5 - len(fell)), (5_000, 4))
    assert DeviceLost(IN) in machine.events
    assert DeviceLost(OUT) in machine.events
    with machine.served.lock:
        machine.twin.payout_jam = False
    machine.until(lambda: DeviceBack(IN) in machine.events and DeviceBack(OUT) in machine.events)


def test_a_cable_pulled_while_notes_come_out(machine: Machine) -> None:
    with machine.served.lock:
        machine.twin.PAY_MS = 200
    machine.driver.perform(Dispense(OUT, "out", ((10_000, 3),)))
    machine.until(lambda: machine.state()["out"])
    machine.served.unplug()
    machine.until(lambda: len(machine.state()["out"]) == 3)
    machine.served.replug()
    assert machine.heard(ItemsPresented) == ItemsPresented(OUT, "out", ((10_000, 3),))
    assert machine.state()["counters"]["orders"] == 1


def test_an_order_that_was_not_heard_is_not_given_again(machine: Machine) -> None:
    machine.driver.perform(Dispense(OUT, "out", ((10_000, 1),)))
    with machine.served.lock:
        machine.twin.wire.deaf = True
    machine.until(lambda: machine.driver.health()["silences"])
    with machine.served.lock:
        machine.twin.wire.deaf = False
    answer = machine.heard(ItemsPresented)
    assert machine.state()["counters"]["orders"] == len(machine.state()["out"]) <= 1
    assert sum(count for _, count in answer.items) == len(machine.state()["out"])


def test_a_crash_while_notes_come_out_is_settled_by_the_next_process(tmp_path: Path) -> None:
    twin = filled((10_000, 5))
    twin.PAY_MS = 300
    with Wired(twin, partial(make, tmp_path), tmp_path / "line") as first:
        first.until(lambda: first.driver.book.stock)
        first.driver.perform(Dispense(OUT, "out", ((10_000, 3),)))
        first.until(lambda: first.state()["out"])
    with Wired(twin, partial(make, tmp_path), tmp_path / "line") as second:
        assert second.driver.book.tray == ((10_000, 3),)
        assert second.driver.book.counters["presented"] == 1
        assert second.driver.payout_health()["unanswered_fen"] == 30_000
        assert second.all(ItemsPresented) == second.all(ItemsTaken) == []
        Payout(second.driver).enable(True)
        assert second.heard(ItemsTaken) == ItemsTaken(OUT)
        assert second.driver.book.stock == ((10_000, 2),)


def test_another_fixed_key_is_said(tmp_path: Path) -> None:
    twin = QuickTwin(key=7)
    served = Wired(twin, partial(make, tmp_path), tmp_path / "line")
    served.driver.start()
    served.until(lambda: "fixed key" in served.driver.health()["trouble"] and served.heard(DeviceLost, 2))
    assert {event.at for event in served.all(DeviceLost)} == {IN, OUT}
    served.__exit__()


def test_wrong_checks_and_late_answers_pay_once(machine: Machine) -> None:
    for turn in range(4):
        with machine.served.lock:
            machine.twin.wire.bad_checks = turn % 3
            machine.twin.wire.late_ms = 260 * (turn % 2)
        assert paid(machine, (10_000, 1), ref=f"out{turn}").items == ((10_000, 1),)
        with machine.served.lock:
            machine.twin.wire.late_ms = 0
        machine.heard(ItemsTaken, turn + 1)
    assert machine.state()["out"] == [10_000] * 4
    assert machine.state()["counters"]["orders"] == 4


def test_the_other_role_waits_for_its_turn(machine: Machine) -> None:
    with machine.served.lock:
        machine.twin.PAY_MS = 400
    machine.driver.perform(Dispense(OUT, "out", ((10_000, 1),)))
    machine.driver.perform(StoreItems(IN, "one"))
    machine.driver.perform(StoreItems(IN, "two"))
    machine.driver.perform(Cancel(IN, "two"))
    assert machine.heard(ItemsStored) == ItemsStored(IN, "two", 0, "canceled")
    assert machine.heard(ItemsPresented).completion == "success"
    assert machine.heard(ItemsStored, 2) == ItemsStored(IN, "one", 0, "userError")


def test_a_recycler_without_poll_with_ack_takes_and_pays_once(tmp_path: Path) -> None:
    """Older firmware answers 56 with F2 under the seal too: two notes in, two out, each once, and health says so."""
    twin = filled((10_000, 3))
    twin.repeats_credit = False
    with Wired(twin, partial(make, tmp_path), tmp_path / "line") as machine:
        machine.driver.enable(True)
        machine.until(lambda: machine.state()["enabled"] and machine.driver.book.stock)
        for count in (1, 2):
            with machine.served.lock:
                assert machine.twin.insert_note(100)
            machine.heard(ItemsInserted, count)
            machine.driver.perform(StoreItems(IN, f"in {count}"))
            assert machine.heard(ItemsStored, count) == ItemsStored(IN, f"in {count}", 10_000)
            machine.driver.committed(f"in {count}")
            machine.until(lambda count=count: (10_000, 3 + count) in machine.driver.book.stock)
        for ref, left in (("one", 4), ("two", 3)):
            assert paid(machine, (10_000, 1), ref=ref) == ItemsPresented(OUT, ref, ((10_000, 1),))
            machine.until(lambda left=left: machine.driver.book.stock == ((10_000, left),))
            machine.driver.offer()
            machine.until(lambda: not machine.driver.book.tray)
        assert machine.state()["counters"]["orders"] == 2
        assert machine.state()["store"]["10000"] == 3
        assert "POLL WITH ACK" in machine.driver.payout_health()["trouble"]
        assert not machine.all(DeviceLost)


def test_a_recycler_without_poll_with_ack_settles_a_payout_that_a_power_cut_ended(tmp_path: Path) -> None:
    """How much came is said once only: levels tell the rest."""
    twin = filled((10_000, 5))
    twin.repeats_credit = False
    twin.PAY_MS = 200
    with Wired(twin, partial(make, tmp_path), tmp_path / "line") as machine:
        machine.until(lambda: machine.driver.book.stock)
        machine.driver.perform(Dispense(OUT, "cut", ((10_000, 3),)))
        machine.until(lambda: machine.state()["counters"]["dispensed"] >= 1)
        with machine.served.lock:
            machine.twin.power_cycle()
        presented = machine.heard(ItemsPresented)
        assert sum(fen * count for fen, count in presented.items) == sum(machine.state()["out"])
        assert machine.state()["counters"]["orders"] == 1


def test_aes_is_imported_only_when_a_recycler_is_met() -> None:
    code = "import sys, hardware.drivers.payout_essp; print('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"
