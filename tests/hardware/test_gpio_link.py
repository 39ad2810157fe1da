"""The link: pins are driven from outside, outputs are told, and joined pins are one net."""

from __future__ import annotations

import pytest
from gpiozero import InputDevice, OutputDevice

from hardware.drivers.gpio_device import WatchedPin
from hardware.transport import jsonl_socket
from hardware.transport.gpio_pin_factory import MOST_LATE_S, LinkedFactory
from tests.hardware.pin_rig import Heard


@pytest.fixture
def link(tmp_path):
    factory = LinkedFactory(tmp_path / "pins.sock")
    peer = jsonl_socket.connect(tmp_path / "pins.sock")
    yield factory, peer, Heard()
    peer.close()
    factory.close()


def say(peer, **message):
    peer.sendall(jsonl_socket.line(message))


def test_an_input_follows_what_drives_it_and_its_pull_after(link):
    factory, peer, wait = link
    device = InputDevice(17, pull_up=True, pin_factory=factory)
    assert device.pin.state == 1
    say(peer, pin=17, level=0)
    wait.until(lambda: device.pin.state == 0)
    say(peer, pin=17, level=None)
    wait.until(lambda: device.pin.state == 1)


def test_an_edge_carries_its_own_time(link):
    factory, peer, wait = link
    edges = []
    watched = WatchedPin(17, edges.append, factory)
    at = factory.ticks() - 0.25
    say(peer, pin=17, level=0, at=at)
    wait.until(lambda: edges)
    assert edges[0] == (17, 0, pytest.approx(at * 1000))
    say(peer, pin=17, level=1, at=12.0)  # another clock's: not believed
    wait.until(lambda: len(edges) == 2)
    assert edges[1].at_ms > at * 1000
    watched.close()


def test_outputs_are_told_once_watched_and_when_they_are_let_go(link):
    factory, peer, _ = link
    device = OutputDevice(5, pin_factory=factory)
    device.on()
    say(peer, watch=[5])
    lines = jsonl_socket.JsonLines()
    told = []

    def next_level():
        while not told:
            told.extend(lines.receive(peer.recv(4096)))
        return told.pop(0)

    for change, level in ((None, 1), (device.off, 0), (device.close, None)):
        began = factory.ticks()
        if change is not None:
            change()
        message = next_level()
        assert began - 0.5 < message.pop("at") <= factory.ticks()
        assert message == {"pin": 5, "out": level}


def test_the_links_clock_stands_where_the_next_edge_is_planned(link):
    """So that no driver takes a twin that is late for a line that is silent."""
    factory, peer, wait = link
    planned = factory.ticks() - 0.25
    say(peer, next=planned)
    wait.until(lambda: factory.now_ms() == pytest.approx(planned * 1000))
    say(peer, next=None)
    wait.until(lambda: factory.now_ms() > planned * 1000 + 200)
    say(peer, next=planned - 60)  # of twins that hang nobody waits for ever
    wait.until(lambda: factory.now_ms() < planned * 1000)
    assert factory.now_ms() >= 1000 * (planned - MOST_LATE_S)


def test_the_links_clock_stands_until_an_output_was_heard(link):
    """So that no answer counts as missing before the twin could plan it; a twin that dies holds nobody up."""
    factory, peer, wait = link
    device = OutputDevice(5, pin_factory=factory)
    say(peer, watch=[5])
    wait.until(lambda: len(factory._unheard) == 1)
    stands = factory.now_ms()
    device.on()
    assert factory.now_ms() == stands
    say(peer, heard=1)
    wait.until(lambda: factory.now_ms() > stands)
    stands = factory.now_ms()
    assert factory.now_ms() == stands
    peer.close()
    wait.until(lambda: factory.now_ms() > stands)


def test_a_closed_switch_lets_a_column_follow_its_row(link):
    factory, peer, wait = link
    row = OutputDevice(2, initial_value=True, pin_factory=factory)
    column = InputDevice(6, pull_up=True, pin_factory=factory)
    say(peer, join=[2, 6], closed=True)
    row.off()
    wait.until(lambda: column.pin.state == 0)
    row.on()
    assert column.pin.state == 1
    row.off()
    assert column.pin.state == 0
    say(peer, join=[2, 6], closed=False)
    wait.until(lambda: column.pin.state == 1)


def test_three_closed_keys_show_a_fourth(link):
    factory, peer, wait = link
    rows = [InputDevice(pin, pull_up=True, pin_factory=factory) for pin in (2, 3)]
    columns = [InputDevice(pin, pull_up=True, pin_factory=factory) for pin in (6, 7)]
    for a, b in ((2, 6), (2, 7), (3, 6)):
        say(peer, join=[a, b], closed=True)
    wait.until(lambda: len(factory._joined) == 3)
    rows[1].pin.output_with_state(0)
    assert [column.pin.state for column in columns] == [0, 0]
    say(peer, join=[2, 6], closed=False)
    wait.until(lambda: columns[1].pin.state == 1)


def test_a_dead_twin_leaves_lines_at_their_pulls(link):
    factory, peer, wait = link
    device = InputDevice(17, pull_up=True, pin_factory=factory)
    say(peer, pin=17, level=0)
    wait.until(lambda: device.pin.state == 0)
    peer.close()
    wait.until(lambda: device.pin.state == 1)


@pytest.mark.parametrize("junk", [b"\0\xff\n", b"[1]\n", b'{"pin":"x","level":0}\n', b'{"pin":17,"level":7}\n', b"{\n"])
def test_junk_on_the_link_drives_nothing(link, junk):
    factory, peer, wait = link
    device = InputDevice(17, pull_up=True, pin_factory=factory)
    peer.sendall(junk)
    say(peer, pin=18, level=0)
    wait.until(lambda: factory._driven == {18: 0})
    assert device.pin.state == 1


def test_the_socket_is_for_this_user_only_and_goes_with_the_factory(tmp_path):
    factory = LinkedFactory(tmp_path / "pins.sock")
    assert (tmp_path / "pins.sock").stat().st_mode & 0o777 == 0o600
    factory.close()
    factory.close()
    assert not (tmp_path / "pins.sock").exists()
