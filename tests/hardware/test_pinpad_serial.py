"""Serial PIN pads against their twins over a pty: verdicts, cables, noise, and digits that are nowhere."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.drivers.pin_entry import PinPadEntry
from hardware.drivers.pinpad_host import PadHost, Pressed
from hardware.drivers.pinpad_serial import PinPadSerial
from hardware.drivers.practice_pin_store import PinStore
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import DeviceTables, problems
from hardware.drivers.settings.pin_pads import SerialPad
from hardware.twins.pinpad import SerialPadTwin
from kiosk_firmware.core.effects import Cancel, EjectMedia, ReadPin
from kiosk_firmware.core.events import DeviceBack, DeviceLost, MediaPresented, PinEntered, PinKeyPressed
from tests.hardware.pin_rig import CARD, PIN
from tests.hardware.wired import Wired

OTHER = "246801"
PADS = {
    "gz": SerialPad("gz"),
    "epp": SerialPad("epp", opening="4503", closing="4500"),
    "idtech": SerialPad("idtech"),
    "hcc960": SerialPad("hcc960"),
}
FRAMED = [name for name in PADS if name != "hcc960"]
Pad = Wired[SerialPadTwin, PinPadSerial]


class QuickPad(PinPadSerial):
    """The driver with shorter pauses."""

    POLL_MS = 60


def wired(table: SerialPad, folder: Path) -> Pad:
    store = PinStore(folder)
    store.set(CARD, PIN)
    return Wired(SerialPadTwin(table), lambda port, post: QuickPad(table, port, post, store), folder / "pad")


@pytest.fixture(params=list(PADS))
def pad(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pad]:
    with wired(PADS[request.param], tmp_path) as found:
        yield found


@pytest.fixture(params=FRAMED)
def framed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pad]:
    with wired(PADS[request.param], tmp_path) as found:
        yield found


def press(pad: Pad, *keys: str) -> None:
    """As a finger does: the next key after the pad sends keys again."""
    for key in keys:
        pad.until(lambda: pad.state()["open"])
        with pad.served.lock:
            assert pad.twin.press(key)


def opened(pad: Pad, ref: str, purpose: str = "enter", number: str = CARD) -> None:
    pad.driver.perform(ReadPin("pin_pad", ref, number, purpose))  # type: ignore[arg-type]
    pad.until(lambda: pad.driver._entry._effect is not None and pad.driver._entry._effect.ref == ref)


def read(pad: Pad, *keys: str, purpose: str = "enter", number: str = CARD) -> PinEntered:
    """ReadPin, the keys, and the answer."""
    count = len(pad.all(PinEntered)) + 1
    opened(pad, f"pin{count}", purpose, number)
    press(pad, *keys)
    return pad.heard(PinEntered, count)  # type: ignore[no-any-return]


def test_right_wrong_short_clear_and_more_than_six(pad: Pad) -> None:
    assert read(pad, *PIN, "enter") == PinEntered("pin_pad", "pin1", "right")
    assert read(pad, *OTHER, "enter").verdict == "wrong"
    assert read(pad, *PIN[:5], "enter").verdict == "short"
    counted = len(pad.all(PinKeyPressed))
    assert read(pad, *"99", "clear", *PIN, "7", "enter").verdict == "right"
    assert [e.count for e in pad.all(PinKeyPressed)][counted:] == [1, 2, 0, 1, 2, 3, 4, 5, 6]


def test_a_new_pin_is_chosen_repeated_and_then_the_cards_own(pad: Pad) -> None:
    assert read(pad, *"123456", "enter", purpose="choose").verdict == "weak"
    assert read(pad, *OTHER, "enter", purpose="choose").verdict == "right"
    assert read(pad, *OTHER, "enter", purpose="repeat").verdict == "right"
    assert read(pad, *OTHER, "enter").verdict == "right"
    pad.driver.begin(fresh=True)
    assert read(pad, *PIN, "enter").verdict == "right"


def test_the_effect_can_be_canceled_and_others_are_not_the_pads(pad: Pad) -> None:
    opened(pad, "a")
    press(pad, *PIN[:3])
    pad.heard(PinKeyPressed, 3)
    pad.driver.perform(Cancel("pin_pad", "a"))
    assert pad.heard(PinEntered) == PinEntered("pin_pad", "a", "none", "canceled")
    pad.driver.perform(EjectMedia("pin_pad", "b"))
    assert pad.heard(MediaPresented).completion == "unsupportedCommand"
    assert read(pad, *PIN, "enter").verdict == "right"


def test_a_pad_with_a_cancel_key_cancels(framed: Pad) -> None:
    assert read(framed, *"12", "cancel") == PinEntered("pin_pad", "pin1", "none", "canceled")


def test_a_cable_out_in_the_middle_ends_the_entry(pad: Pad) -> None:
    opened(pad, "cut")
    press(pad, *PIN[:3])
    pad.heard(PinKeyPressed, 3)
    pad.served.unplug()
    pad.heard(DeviceLost)
    assert pad.heard(PinEntered) == PinEntered("pin_pad", "cut", "none", "hardwareError")
    assert not pad.driver._entry._digits
    pad.served.replug()
    pad.heard(DeviceBack)
    assert read(pad, *PIN, "enter").verdict == "right"


def test_a_pad_that_says_nothing_is_lost_and_found_again(framed: Pad) -> None:
    framed.twin.wire.silent = True
    framed.heard(DeviceLost)
    framed.twin.wire.silent = False
    framed.heard(DeviceBack)
    assert read(framed, *PIN, "enter").verdict == "right"


def test_late_spoiled_and_noisy_answers_are_survived(framed: Pad) -> None:
    wire = framed.twin.wire
    wire.late_ms = 450
    framed.until(lambda: wire.hit["late"] >= 3)
    wire.late_ms = 0
    wire.bad_checks = 2
    framed.until(lambda: wire.hit["bad_check"] == 2)
    wire.noise = b"\x02\x02\xff\x00\x7f"
    framed.until(lambda: framed.driver.health()["faults"])
    assert read(framed, *PIN, "enter").verdict == "right"
    assert not framed.all(DeviceLost)


@pytest.mark.parametrize("name", PADS)
def test_keys_outside_an_entry_mean_nothing(name: str, tmp_path: Path) -> None:
    with wired(PADS[name], tmp_path) as pad:
        read(pad, *PIN, "enter")
        counted = len(pad.all(PinKeyPressed))
        for key in PIN:
            with pad.served.lock:
                pad.twin.press(key)
        assert read(pad, *PIN, "enter").verdict == "right"
        assert len(pad.all(PinKeyPressed)) == counted + 6


def test_keys_as_fast_as_the_line_are_taken_in_order(tmp_path: Path) -> None:
    with wired(PADS["gz"], tmp_path) as pad:
        opened(pad, "fast")
        with pad.served.lock:
            for key in (*PIN, "enter"):
                pad.twin.press(key)
        assert pad.heard(PinEntered).verdict == "right"


def test_digits_are_nowhere(pad: Pad, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    read(pad, *OTHER, "enter", purpose="choose")
    opened(pad, "open")
    press(pad, *PIN)
    pad.heard(PinKeyPressed, 12)
    host = pad.driver._host
    told = [
        repr(pad.events),
        repr(pad.driver),
        json.dumps(pad.driver.health()),
        caplog.text,
        json.dumps(pad.state()),
        repr(pad.driver._entry),
        repr(host.receive_data(b"", 0)),
        repr(vars(host)),
        repr(vars(pad.twin)),
        "".join(path.read_text() for path in tmp_path.glob("*.json")),
        msgspec.json.encode(pad.events).decode(),
    ]
    for text in told:
        assert PIN not in text
        assert OTHER not in text
    pad.driver.stop()
    assert not pad.driver._entry._digits
    assert not pad.driver._entry._chosen


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pin=st.text("0123456789", min_size=6, max_size=6), model=st.sampled_from(list(PADS)))
def test_whatever_the_digits_nothing_on_the_way_shows_them(tmp_path: Path, pin: str, model: str) -> None:
    twin, host, told = SerialPadTwin(PADS[model]), PadHost(model), []
    entry = PinPadEntry("pin_pad", PinStore(tmp_path), lambda event: told.append(repr(event)))
    entry.open(ReadPin("pin_pad", "a", CARD))
    for now, key in enumerate((*pin, "enter")):
        twin._set(True)
        twin.press(key)
        outcomes = host.receive_data(twin.tick(now), now)
        told += [repr(outcomes), repr(host.codec), repr(host._out)]
        told += [repr(entry.press(outcome.name)) for outcome in outcomes if isinstance(outcome, Pressed)]
    assert "verdict='wrong'" in told[-1]
    text = "".join(told)
    assert pin not in text
    assert not any(f"'{digit}'" in text for digit in pin)


@pytest.mark.parametrize("model", PADS)
def test_no_bytes_upset_a_host(model: str) -> None:
    host = PadHost(model)
    for at, byte in enumerate(bytes(range(256)) * 4):
        if not host.busy and at % 7 == 0 and model != "hcc960":
            host.command(b"h", at * 10)
        host.data_to_send()
        host.receive_data(bytes([byte, 255 - byte, 2]), at * 10)
    assert PIN not in repr(vars(host))


def test_a_table_says_what_is_wrong() -> None:
    bad = [SerialPad("gz", opening="4x"), SerialPad("idtech", opening="45"), SerialPad("epp", closing="4")]
    for table in bad:
        assert any("allowed" in text for text in problems(DeviceTables(pin_pad=table), MoneyChannels()))
    assert not problems(DeviceTables(pin_pad=PADS["epp"]), MoneyChannels())
