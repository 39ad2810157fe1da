"""`kill -9` of the screen process at named points and at random; of the twins' process too.

After each the unit is started again and a person goes on from whatever stands on the glass. In the end the card is
back in the hand or in the box, cash was presented at most once, and twins, tray's book and facts tell the same
(`judge`); and what the bank's account gained is what the machine took in and did not hand out again.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.stories.judging import judge
from tests.stories.rig import OURS, GoneError, House
from tests.wire.rig import query, wait

pytestmark = pytest.mark.glass
FULL = 682_000


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Twins only; counting and printing take a while, to be killed in."""
    made = House(tmp_path_factory.mktemp("house"), count_ms=300, line_ms=20)
    try:
        made.start_twins()
        yield made
    finally:
        made.close()


@pytest.fixture
def house(twins: House) -> Iterator[House]:
    """Nobody at the glass, before and after."""
    yield twins
    twins.kill("screen")


def ask_for_cash(house: House) -> None:
    """Nobody reaches in: a hand that is as quick as the death of the unit is seen by no barrier (`House.reaching`)."""
    house.begin("")
    house.enter()
    house.tap("menu.withdraw")
    house.tap("amount.100")
    house.tap("receipt.yes")
    house.take_card()


def withdraw(house: House) -> None:
    ask_for_cash(house)
    house.take_cash()
    house.end()


def pay_in(house: House) -> None:
    house.begin("")
    house.enter()
    house.tap("menu.deposit")
    house.token(500)
    house.wait_amount("deposit", 500)
    house.note(10_000)
    house.wait_amount("deposit", 10_500)
    house.tap("deposit.done")
    house.tap("deposit.ok")
    house.tap("receipt.yes")
    house.tap("another.no")
    house.take_card()
    house.end()


def pay_in_a_note(house: House) -> None:
    house.begin("")
    house.enter()
    house.tap("menu.deposit")
    house.note(10_000)
    house.wait_amount("deposit", 10_000)


def until_dead(house: House, errand: Callable[[House], None]) -> None:
    """The errand, cut off; its last page may stand before the event is on the disk, after which the unit dies."""
    with contextlib.suppress(GoneError):
        errand(house)
    house.wait_dead()


KEYS = {
    "menu": "menu.eject",
    "amounts": "amount.back",
    "receipt": "receipt.yes",
    "receipt-offered": "receipt.yes",
    "another": "another.no",
    "deposit": "deposit.cancel",
    "deposit-confirm": "deposit.ok",
    "pin": "pin.cancel",
    "notice": "notice.ok",
    "told": "told.ok",
    "goodbye": "told.ok",
    "home": "strip.end",
}
TAKING = ("take-card", "take-cash", "take", "deposit")


def go_on(house: House, **keys: str) -> None:
    """Do what stands on the glass, until nothing goes on and nothing waits to be taken. `keys` press otherwise."""
    deadline = time.monotonic() + 60
    while (seen := house.look())["run"] or not seen["ready"]:
        assert time.monotonic() < deadline, f"{seen['page']}\n{house.log()[-1500:]}"
        step = seen["page"]["step"].split("#")[0]
        if step in TAKING:
            house.twins.do("take_card")
            house.twins.do("take_note")
            house.reach_in()
        if step in KEYS:
            house.look(tap=keys.get(step) or KEYS[step])
        time.sleep(0.1)


def judge_run(house: House) -> dict[str, object]:
    """The newest run has ended, once; money is conserved; and all the rest of `judge`. Its last fact."""
    judge(house)
    ((run, ended),) = query(house.db, "SELECT run, ended FROM runs ORDER BY rowid DESC LIMIT 1")
    (last,) = [fact for fact in house.ended() if fact["run"] == run]
    assert ended == last["outcome"]
    moved = [fact for fact in house.facts("items.moved") if fact["run"] == run]
    sums = {what: sum(fact["fen"] for fact in moved if fact["what"] == what) for what in ("accepted", "taken")}
    assert sum(fact["what"] == "presented" for fact in moved) <= 1
    if last["facts"]:
        assert last["facts"]["balance_fen"] == FULL + sums["accepted"] - sums["taken"]
    return last


WITHDRAWING = (
    "before HostAnswered 2",
    "after HostAnswered 2",
    "after MediaTaken 1",
    "during Dispense 1",
    "before ItemsPresented 1",
    "before ItemsTaken 1",
    "during PrintDocument 1",
)
PAYING_IN = (
    "before ItemsInserted 1",
    "after ItemsInserted 1",
    "before ItemsInserted 2",
    "after ItemsInserted 2",
    "during StoreItems 1",
    "before ItemsStored 1",
    "after ItemsStored 1",
    "before HostAnswered 2",
    "after HostAnswered 2",
)


EACH = [
    *((withdraw, point) for point in WITHDRAWING),
    (ask_for_cash, "after ItemsPresented 1"),
    *((pay_in, point) for point in PAYING_IN),
]


@pytest.mark.long
@pytest.mark.parametrize(("errand", "point"), EACH)
def test_killed_once(house: House, errand: Callable[[House], None], point: str) -> None:
    house.start_screen(point)
    until_dead(house, errand)
    house.start_screen()
    go_on(house)
    assert judge_run(house)["outcome"] != "abandoned"


CHAINS = {
    "booked, counting out, undone, on the slip": (
        withdraw,
        ("after HostAnswered 2", "during Dispense 1", "before HostAnswered 1", "during PrintDocument 1"),
        {},
    ),
    "presented unheard, taken unheard, on the receipt": (
        withdraw,
        ("before ItemsPresented 1", "before ItemsTaken 1", "during PrintDocument 1"),
        {},
    ),
    "note in escrow, handed out again": (pay_in, ("after ItemsInserted 2", "during Dispense 1"), {}),
    "token unheard, nothing more": (pay_in, ("before ItemsInserted 1", "during EjectMedia 1"), {}),
    "note stacked unheard, booking unheard": (
        pay_in,
        ("before ItemsStored 1", "before HostAnswered 1"),
        {"deposit": "deposit.done"},
    ),
}


LONGER = ("note in escrow, handed out again", "token unheard, nothing more")


def live(house: House, point: str, **keys: str) -> None:
    """One more life, to its point, which may come before anybody sees a page."""
    house.start_screen(point)
    go_on(house, **keys)


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.long) if n in LONGER else n for n in CHAINS])
def test_killed_again_and_again(house: House, name: str) -> None:
    """Each life ends at its point, in the way out of the death before."""
    errand, (first, *others), keys = CHAINS[name]
    house.start_screen(first)
    until_dead(house, errand)
    for point in others:
        until_dead(house, lambda house, point=point: live(house, point, **keys))
    house.start_screen()
    go_on(house, **keys)
    assert judge_run(house)["outcome"] != "abandoned"


@pytest.mark.parametrize("seed", range(12))
def test_killed_at_any_time(house: House, seed: int, long: bool) -> None:
    if seed and not long:
        pytest.skip("only with --long")
    chance = random.Random(f"kill {seed}")
    house.start_screen()
    for life in range(3):
        errand = chance.choice((withdraw, pay_in)) if not life else go_on
        after_s = chance.uniform(0.05, 1) if life else chance.uniform(1.5, 5)
        timer = threading.Timer(after_s, kill, (house,))
        timer.start()
        with contextlib.suppress(GoneError):
            errand(house)
        timer.join()
        house.start_screen()
    go_on(house)
    house.fallen += cut_off(house)
    judge(house)


def kill(house: House) -> None:
    with house.reaching:
        house.kill("screen")


def cut_off(house: House) -> int:
    """Tokens (one at most) that fell without the unit's knowledge, for it died between their first pulse and the
    last.
    """
    box = len(house.twins.state()["coin_acceptor"]["box"])
    known = len(house.moved("coin_acceptor", "accepted")) + house.fallen
    unheard = sum(fact["count"] for fact in house.facts("noise.counted") if fact["kind"] == "unheard")
    assert 0 <= box - known - unheard <= 1
    return box - known - unheard


def test_not_taken_up_again(house: House) -> None:
    """Another version of the software wakes up: the run is closed, card and note are given back."""
    house.start_screen("after ItemsInserted 1")
    until_dead(house, pay_in_a_note)
    assert house.twins.state()["note_acceptor"]["stage"] == "escrow"
    with closing(sqlite3.connect(house.db)) as db, db:
        older = 'UPDATE runs SET header = replace(header, \'"code":"\', \'"code":"0.\') WHERE ended IS NULL'
        changed = db.execute(older)
        assert changed.rowcount == 1
    house.start_screen()
    house.wait_step("take")
    go_on(house)
    assert judge_run(house)["outcome"] == "abandoned"


def test_twins_killed(house: House) -> None:
    """The devices themselves lose their power with a card inside, and find it again."""
    house.start_screen()
    house.begin("")
    house.enter()
    wait(lambda: '"card": "9900' in (house.state / "twins.json").read_text(), "the twins to keep their state")
    house.kill("twins")
    wait(lambda: "card_reader" in [fact["at"] for fact in house.facts("device.lost")], "the loss to be told")
    house.start_twins()
    assert house.twins.state()["card_reader"]["card"] == OURS
    go_on(house)
    assert judge_run(house)["outcome"] == "done"
