"""The PIN pad against its twin: verdicts, keys, and a PIN that is nowhere but in the driver's memory."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.drivers.pinpad_matrix import PinPadMatrix
from hardware.drivers.practice_pin_store import PinStore, weak
from hardware.drivers.settings.pin_pads import Matrix
from hardware.twins.keypad import KeypadTwin
from hardware.twins.twin_actions import now_ms
from kiosk_firmware.core.effects import Cancel, EjectMedia, ReadPin
from kiosk_firmware.core.events import MediaPresented, PinEntered, PinKeyPressed
from tests.hardware.pin_rig import CARD, PIN, PinRig

PAD = Matrix(rows=(2, 3, 4, 5), columns=(6, 7, 8, 9), debounce_ms=15, scan_ms=5)
OTHER = "246801"


@pytest.fixture
def pad(tmp_path):
    rig = PinRig(tmp_path, pad=KeypadTwin(PAD))
    store = PinStore(tmp_path)
    store.set(CARD, PIN)
    rig.driver = rig.start(PinPadMatrix(PAD, rig.post, rig.factory, store))
    rig.reads = 0
    with rig:
        yield rig


def press(rig, *keys):
    for key in keys:
        with rig.board.hold("pad") as twin:
            twin.press(key, now_ms(), 0)


def read(rig, *keys, purpose="enter", number=CARD):
    """ReadPin, the keys, and the answer."""
    rig.reads += 1
    rig.driver.perform(ReadPin("pin_pad", f"pin{rig.reads}", number, purpose))
    rig.until(lambda: rig.driver._open_effect is not None)
    press(rig, *keys)
    return rig.heard(PinEntered, rig.reads)


def test_right_wrong_short_and_unknown(pad):
    assert read(pad, *PIN, "enter").verdict == "right"
    assert read(pad, *OTHER, "enter").verdict == "wrong"
    assert read(pad, *PIN[:5], "enter").verdict == "short"
    assert read(pad, *PIN, "enter", number="9900000000000099").verdict == "wrong"
    assert pad.all(PinEntered)[0] == PinEntered("pin_pad", "pin1", "right")


def test_clear_cancel_and_more_than_six(pad):
    assert read(pad, *"99", "clear", *PIN, "7", "enter").verdict == "right"
    counts = [e.count for e in pad.all(PinKeyPressed)]
    assert counts == [1, 2, 0, 1, 2, 3, 4, 5, 6]
    assert read(pad, *"12", "cancel") == PinEntered("pin_pad", "pin2", "none", "canceled")
    assert read(pad, "enter").verdict == "short"


def test_the_effect_can_be_canceled_and_others_are_not_the_pads(pad):
    pad.driver.perform(ReadPin("pin_pad", "a", CARD))
    pad.driver.perform(Cancel("pin_pad", "other"))
    pad.driver.perform(Cancel("pin_pad", "a"))
    assert pad.heard(PinEntered) == PinEntered("pin_pad", "a", "none", "canceled")
    pad.driver.perform(EjectMedia("pin_pad", "b"))
    assert pad.heard(MediaPresented).completion == "unsupportedCommand"


def test_a_new_pin_is_chosen_repeated_and_then_the_cards_own(pad):
    assert read(pad, *"123456", "enter", purpose="choose").verdict == "weak"
    assert read(pad, *OTHER, "enter", purpose="choose").verdict == "right"
    assert read(pad, *PIN, "enter", purpose="repeat").verdict == "mismatch"
    assert read(pad, *OTHER, "enter", purpose="choose").verdict == "right"
    assert read(pad, *OTHER, "enter", purpose="repeat").verdict == "right"
    assert read(pad, *OTHER, "enter").verdict == "right"
    pad.driver.begin(fresh=False)
    assert read(pad, *PIN, "enter").verdict == "wrong"
    pad.driver.begin(fresh=True)
    assert read(pad, *PIN, "enter").verdict == "right"


def test_two_keys_at_once_are_none_and_bounce_is_one(pad):
    pad.reads = 1
    pad.driver.perform(ReadPin("pin_pad", "pin1", CARD))
    pad.until(lambda: pad.driver._open_effect is not None)
    with pad.board.hold("pad") as twin:
        twin.bounces = 4
        twin.together(("1", "5"), now_ms())
    pad.until(lambda: pad.driver.health()["noise"]["crowded"] == 1)
    press(pad, *PIN, "enter")
    assert pad.heard(PinEntered).verdict == "right"
    assert [e.count for e in pad.all(PinKeyPressed)] == [1, 2, 3, 4, 5, 6]


def test_keys_outside_an_entry_mean_nothing(pad):
    press(pad, *"12345")
    pad.until(lambda: pad.state("pad")["counters"]["pressed"] == 5 and not pad.state("pad")["down"])
    assert read(pad, *PIN, "enter").verdict == "right"
    assert len(pad.all(PinKeyPressed)) == 6


def test_a_key_that_is_already_down_counts_once_and_one_that_ended_an_entry_not_again(pad):
    with pad.board.hold("pad") as twin:
        twin.press(PIN[0], now_ms(), 2000)
    pad.until(lambda: pad.driver._matrix.any_down())
    assert read(pad, *PIN[1:], "cancel").completion == "canceled"
    assert [e.count for e in pad.all(PinKeyPressed)] == [1, 2, 3, 4, 5, 6]
    with pad.board.hold("pad") as twin:
        twin.press("cancel", now_ms(), 500)
    pad.driver.perform(ReadPin("pin_pad", "held", CARD))
    assert pad.heard(PinEntered, 2).ref == "held"
    pad.reads = 2
    assert read(pad, *PIN, "enter").verdict == "right"


def test_the_pad_rests_while_nobody_presses(pad):
    pad.driver.perform(ReadPin("pin_pad", "pin1", CARD))
    pad.until(lambda: pad.driver._open_effect is not None)
    pad.until(lambda: pad.driver._tick() is None)


def test_digits_are_nowhere(pad, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    read(pad, *PIN[:4], "clear", *OTHER, "enter", purpose="choose")
    read(pad, *OTHER, "enter", purpose="repeat")
    pad.reads += 1
    pad.driver.perform(ReadPin("pin_pad", "open", CARD))
    press(pad, *PIN)
    pad.until(lambda: len(pad.all(PinKeyPressed)) == 4 + 1 + 6 + 6 + 6)
    files = "".join(path.read_text() for path in tmp_path.glob("*.json"))
    told = [
        repr(pad.events),
        repr(pad.driver),
        str(pad.driver),
        json.dumps(pad.driver.health()),
        caplog.text,
        json.dumps(pad.state("pad")),
        repr(pad.driver._entry._store),
        files,
    ]
    for text in told:
        for secret in (PIN, OTHER, PIN[:4]):
            assert secret not in text
    buffer = pad.driver._entry._digits
    assert bytes(buffer) == PIN.encode()
    pad.driver.stop()
    assert buffer is pad.driver._entry._digits
    assert not buffer


def test_the_store_is_keyed_and_its_key_is_private(tmp_path):
    store, other = PinStore(tmp_path / "a"), PinStore(tmp_path / "b")
    for each in (store, other):
        each.set(CARD, PIN)
    assert (tmp_path / "a/pins.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a/pins.json").read_text() != (tmp_path / "b/pins.json").read_text()
    assert PinStore(tmp_path / "a").right(CARD, bytearray(PIN.encode()))
    assert not PinStore(tmp_path / "a").right(CARD, bytearray(OTHER.encode()))


@pytest.mark.parametrize("key", [b"", b"short", bytes(32), bytes(31)])
def test_a_damaged_key_is_set_aside_with_the_pins_made_with_it(tmp_path, key, caplog):
    PinStore(tmp_path).set(CARD, PIN)
    (tmp_path / "pins.key").write_bytes(key)
    store = PinStore(tmp_path)
    assert not store.knows(CARD)
    assert "pins.key: " in caplog.text
    store.set(CARD, PIN)
    assert PinStore(tmp_path).right(CARD, bytearray(PIN.encode()))
    assert (tmp_path / "pins.key").stat().st_size == 32
    assert len([*tmp_path.glob("pins.*.damaged-*")]) == 2


@pytest.mark.parametrize("pin", ["12345", "1234567", "12345a", "", "１２３４５６"])
def test_a_pin_that_is_none_is_refused_without_repeating_it(tmp_path, pin):
    with pytest.raises(ValueError) as refused:
        PinStore(tmp_path).set(CARD, pin)
    assert not pin or pin not in str(refused.value)


@given(start=st.integers(0, 9), step=st.sampled_from([0, 1, 9]))
def test_runs_and_repeats_are_weak(start, step):
    assert weak(bytearray("".join(str((start + n * step) % 10) for n in range(6)).encode()))


@pytest.mark.parametrize(
    ("pin", "is_weak"),
    [
        ("121212", True),
        ("123123", True),
        ("112233", True),
        (PIN, False),
        (OTHER, False),
        ("198804", False),
    ],
)
def test_weak_list(pin, is_weak):
    assert weak(bytearray(pin.encode())) == is_weak
