"""Ports are called by what they are: the name stays when the tty does not, and two adapters are never mixed up."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.drivers.card_crt310 import CardCrt310
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.cards import Crt310
from hardware.drivers.settings.hardware_settings import DeviceTables, problems
from hardware.transport import port_names
from hardware.transport.port_names import Port
from hardware.transport.serial_port import PortSettings
from hardware.twins.crt310 import Crt310Twin, TwinCard
from hardware.twins.pseudo_terminal import serve
from kiosk_firmware.core.events import DeviceBack, DeviceLost, MediaInserted
from tests.hardware.pin_rig import Heard

CH340 = {"serial_number": None, "product": "USB2.0-Serial"}


def row(device, location, **more):
    """One line of pyserial's list."""
    return SimpleNamespace(**{"device": device, "location": location, "description": "n/a", **CH340, **more})


SERIALS = st.sampled_from(["", "0001", "A50285BI", "FT3K1PQX", "FT3K1PQY"])


@given(st.lists(st.tuples(SERIALS, st.integers(1, 9)), max_size=8, unique_by=lambda one: one[1]))
def test_every_port_has_a_name_that_leads_back_to_it(found):
    known = tuple(Port(f"/dev/ttyUSB{n}", serial, f"1-1.{path}") for n, (serial, path) in enumerate(found))
    names = port_names.bound(known)
    assert len(set(names.values())) == len(known)
    for tty, name in names.items():
        assert port_names.device(name, known) == tty
    numbered = tuple(Port(f"/dev/ttyUSB{9 - n}", port.serial, port.path) for n, port in enumerate(known))
    for tty, name in names.items():  # all plugged in again in another order
        assert port_names.device(name, numbered) == f"/dev/ttyUSB{9 - int(tty[-1])}"


def test_two_of_a_kind_are_told_apart_by_their_sockets():
    known = port_names.ports(
        lambda: [
            row("/dev/ttyUSB1", "1-1.2"),
            row("/dev/ttyUSB0", "1-1.3"),
            row("/dev/ttyACM0", "1-1.4", serial_number="A50285BI"),
            row("/dev/ttyAMA0", None, product=None),
        ]
    )
    assert port_names.bound(known) == {
        "/dev/ttyUSB1": "usb:path=1-1.2",
        "/dev/ttyUSB0": "usb:path=1-1.3",
        "/dev/ttyACM0": "usb:serial=A50285BI",
        "/dev/ttyAMA0": "/dev/ttyAMA0",
    }


def test_a_name_that_fits_nothing_or_two_is_refused_in_words():
    twice = (Port("/dev/ttyUSB0", "A50285BI", "1-1.2"), Port("/dev/ttyUSB1", "A50285BI", "1-1.3"))
    with pytest.raises(OSError, match=r"2 adapters are called .*usb:path=1-1\.2, usb:path=1-1\.3"):
        port_names.device("usb:serial=A50285BI", twice)
    with pytest.raises(OSError, match=r"usb:path=1-1\.9"):
        port_names.device("usb:path=1-1.9", twice)


@pytest.mark.parametrize(
    ("port", "right"),
    [
        ("usb:path=1-1.3", True),
        ("usb:serial=A50285BI", True),
        ("/dev/ttyAMA0", True),
        ("tty-card", True),
        ("usb:1-1.3", False),
        ("usb:serial=", False),
        ("usb:name=x", False),
    ],
)
def test_unit_toml_says_how_ports_are_called(port, right):
    found = problems(DeviceTables(card_reader=Crt310(port=port)), MoneyChannels())
    assert (not found) == right
    assert right or "usb:serial=" in found[0]


def test_a_reader_comes_back_under_another_tty_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cable is pulled with a card inside and put into the same socket again: the tty is another, the name stays."""
    plugged = [row(str(tmp_path / "ttyUSB0"), "1-1.3")]
    monkeypatch.setattr(port_names, "list_ports", lambda: list(plugged))
    heard, twin = Heard(), Crt310Twin()
    with CardCrt310(PortSettings("usb:path=1-1.3"), heard.post) as driver:
        with serve(twin, tmp_path / "ttyUSB0") as first:
            driver.enable(True)
            heard.until(lambda: twin.state()["entry_open"])
            with first.lock:
                assert twin.insert_card(TwinCard("9900123412341234"))
            heard.heard(MediaInserted)
            assert driver.health()["port"]["tty"] == str(tmp_path / "ttyUSB0")
            plugged.clear()
        heard.heard(DeviceLost)
        with serve(Crt310Twin(), tmp_path / "ttyUSB0"), serve(twin, tmp_path / "ttyUSB1"):
            plugged += [row(str(tmp_path / "ttyUSB0"), "1-1.2"), row(str(tmp_path / "ttyUSB1"), "1-1.3")]
            heard.heard(DeviceBack)
            assert driver.health()["port"]["tty"] == str(tmp_path / "ttyUSB1")
            assert driver.found()[0] == "9900123412341234"
            assert len(heard.all(MediaInserted)) == 1
    assert not os.path.lexists(tmp_path / "ttyUSB0")
