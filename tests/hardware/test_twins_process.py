"""The twins' process: it outlives the application, counts what happened, and answers whoever asks.

The application is killed from outside; what became of cards, notes and tokens is judged by the twins alone.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading

import msgspec
import pytest

from hardware.drivers.practice_pin_store import PinStore
from hardware.drivers.settings.hardware_settings import full_cabinet
from hardware.twins.control_client import Subscription, TwinControlClient, TwinsError
from kiosk_firmware.core.effects import Dispense, EjectMedia, RetainMedia, ReturnItems, StoreItems
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    ItemsInserted,
    ItemsPresented,
    ItemsReturned,
    ItemsTaken,
    MediaInserted,
    MediaPresented,
)
from tests.hardware.pin_rig import CARD, PIN, Heard

QUICK = (
    "from hardware.twins import control_socket as host; import hardware.drivers.settings.hardware_settings as s, sys; "
)
TWINS = QUICK + "host.full_cabinet = lambda: s.full_cabinet(quick=True); sys.exit(host.main('twins', sys.argv[1:]))"


class App(Heard):
    """The application's process; `kill` is SIGKILL."""

    def __init__(self, folder):
        super().__init__()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hardware.app_process", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            self.post(msgspec.json.decode(line, type=AnyEvent))

    def say(self, order):
        text = json.dumps(order) if isinstance(order, dict) else msgspec.json.encode(order).decode()
        self._process.stdin.write(text + "\n")

    def found(self, holds=lambda found: True):
        """Ask until what is found is as wanted."""

        def ask():
            count = len(self.all(CabinetFound))
            self.say({"found": True})
            found = self.heard(CabinetFound, count + 1)
            return found if holds(found) else None

        return self.until(ask)

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


class Desk(Heard):
    """The twins' process, a client, and applications one after the other."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.apps = folder, []
        PinStore(folder).set(CARD, PIN)
        self.serve()

    def serve(self):
        self.process = subprocess.Popen([sys.executable, "-c", TWINS, "--state", str(self.folder)])
        self.client = TwinControlClient(self.folder / "twins.sock", wait_s=30)

    def app(self):
        self.apps.append(App(self.folder))
        self.until(lambda: self.client.state()["connected"])
        return self.apps[-1]

    def can(self, act, **arguments):
        """Do it as soon as the cabinet lets us."""
        return self.until(lambda: (answer := self.client.do(act, **arguments))["ok"] and answer)

    def end(self):
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    for app in desk.apps:
        app.kill()
    desk.end()


def test_killing_the_application_leaves_the_card_in_the_reader(desk):
    app = desk.app()
    app.say({"expect": ["card_reader"]})
    desk.can("insert_card", card=CARD)
    app.heard(MediaInserted)
    app.kill()
    state = desk.client.state()["card_reader"]
    assert (state["card"], state["counters"]["taken"]) == (CARD, 0)
    again = desk.app()
    found = again.found()  # the first one already knows
    assert (found.place, found.number) == ("inside", CARD)
    assert not set(found.lost) & {name for name, _ in full_cabinet().named()}
    assert not again.all(MediaInserted)
    again.say(EjectMedia("card_reader", "give-back"))
    assert again.heard(MediaPresented).completion == "success"
    assert desk.can("take_card")["card"] == CARD


def test_a_card_that_was_kept_unheard_is_found_in_the_count(desk):
    app = desk.app()
    app.say({"expect": ["card_reader"]})
    desk.can("insert_card", card=CARD)
    app.heard(MediaInserted)
    app.say(RetainMedia("card_reader", "keep"))
    desk.until(lambda: desk.client.state()["card_reader"]["captured"] == [CARD])
    app.kill()
    found = desk.app().found()
    assert (found.place, dict(found.counters)["card_reader.captured"]) == ("none", 1)


def test_a_note_in_escrow_is_still_owed_after_a_kill(desk):
    app = desk.app()
    app.say({"expect": ["note_acceptor"]})
    desk.can("note", fen=10_000)
    app.heard(ItemsInserted)
    app.kill()
    assert desk.client.state()["note_acceptor"]["counters"]["stacked"] == 0
    again = desk.app()
    assert again.found().escrow_fen == 10_000
    again.say(ReturnItems("note_acceptor", "give-back"))
    assert again.heard(ItemsReturned).fen == 10_000
    desk.can("take_note")
    counters = desk.client.state()["note_acceptor"]["counters"]
    assert (counters["stacked"], counters["returned"]) == (0, 1)


def test_a_note_that_was_stored_unheard_is_found_in_the_count(desk):
    app = desk.app()
    app.say({"expect": ["note_acceptor"]})
    desk.can("note", fen=10_000)
    app.heard(ItemsInserted)
    before = dict(app.found().counters)["note_acceptor.stacked"]
    app.say(StoreItems("note_acceptor", "store"))
    desk.until(lambda: desk.client.state()["note_acceptor"]["counters"]["stacked"] == 1)
    app.kill()
    again = desk.app()
    again.found(lambda found: dict(found.counters)["note_acceptor.stacked"] == before + 1)
    again.say({"expect": ["note_acceptor"]})
    desk.can("note", fen=10_000)  # the validator was told that it may forget the first one
    assert again.heard(ItemsInserted).counter == before + 1


def test_the_tray_is_shut_while_nobody_runs_and_offered_again(desk):
    app = desk.app()
    app.say(Dispense("cash_dispenser", "out", ((10_000, 2),)))
    app.heard(ItemsPresented)
    app.kill()
    desk.until(lambda: desk.client.state()["cash_dispenser"]["locked"])
    assert not desk.client.do("take_cash")["ok"]
    assert not desk.client.do("token", fen=100)["ok"]
    again = desk.app()
    assert again.found().tray == ((10_000, 2),)
    again.say({"expect": ["cash_dispenser"]})
    desk.can("take_cash")
    again.heard(ItemsTaken)
    assert desk.client.state()["cash_dispenser"]["counters"] == {"opened": 1, "taken": 1, "retracted": 0}
    assert again.found().tray == ()


def test_the_state_is_pushed_kept_and_taken_up_again(desk):
    heard = Heard()
    subscription = Subscription(desk.folder / "twins.sock", heard.post)
    heard.until(lambda: subscription.state)
    desk.client.do("token", fen=100)
    heard.until(lambda: subscription.state["coin_acceptor"]["cup"] == [100])
    assert desk.end() == 0
    kept = json.loads((desk.folder / "twins.json").read_text(encoding="utf-8"))
    assert kept["coin_acceptor"]["counters"]["refused"] == 1
    desk.serve()
    assert desk.client.state()["coin_acceptor"]["cup"] == [100]
    desk.client.do("token", fen=500)
    heard.until(lambda: subscription.state["coin_acceptor"]["cup"] == [100, 500])
    subscription.close()


@pytest.mark.parametrize(
    ("act", "arguments", "says"),
    [
        ("fly", {}, "allowed are"),
        ("note", {"fen": 77}, "allowed are"),
        ("token", {"fen": 33}, "multiples"),
        ("insert_card", {}, "card"),
        ("pin_key", {"key": "Q"}, "allowed are"),
        ("side_key", {"index": 8}, "0 to 7"),
        ("fault", {"device": "pin_pad", "kind": "jam"}, "allowed are"),
        ("unplug", {"device": "nothing"}, "allowed are"),
        ("paper", {"state": "wet"}, "allowed are"),
        ("tap_tag", {"uid": "00"}, "allowed are"),
        ("token", {"fen": "x"}, "x"),
    ],
)
def test_requests_without_sense_are_refused_in_words(shared, act, arguments, says):
    answer = shared.do(act, **arguments)
    assert not answer["ok"]
    assert says in answer["error"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("twins"))
    yield desk.client
    desk.end()


def test_wrong_settings_end_with_two(tmp_path, capfd):
    unit = tmp_path / "unit.toml"
    unit.write_text('[devices.coin_acceptor]\ndriver = "pulse"\npin = 99\ninhibit_pin = 1\n')
    command = [sys.executable, "-m", "hardware.twins", "--state", str(tmp_path), "--unit", str(unit)]
    assert subprocess.run(command, check=False).returncode == 2
    told = capfd.readouterr().err
    assert str(unit) in told
    assert "coin_acceptor.pin" in told


def test_nobody_there_is_said(tmp_path):
    with pytest.raises(TwinsError, match=r"twins\.sock"):
        TwinControlClient(tmp_path / "twins.sock", wait_s=0)
