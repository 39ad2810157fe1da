"""Which devices the USB rules let in, judged by descriptors that such devices have: parts of the cabinet alone."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest

from tests.house.tree import ROOT

LOCKDOWN = ROOT / "deploy" / "unit" / "lockdown"
RULE = re.compile(r"allow(?: id (?P<id>[0-9a-f]{4}:[0-9a-f]{4}))? with-interface match-all { (?P<faces>[^}]+) }")
PARTS = {
    "hub": ("05e3:0610", "09:00:01 09:00:02"),
    "FTDI serial": ("0403:6001", "ff:ff:ff"),
    "CH340 serial": ("1a86:7523", "ff:01:02"),
    "CP2102 serial": ("10c4:ea60", "ff:00:00"),
    "PL2303 serial": ("067b:2303", "ff:00:00"),
    "board with ACM": ("2341:0043", "02:02:01 0a:00:00"),
    "acceptor with ACM, no protocol": ("191c:4104", "02:02:00 0a:00:00"),
    "receipt printer": ("04b8:0e28", "07:01:02"),
    "chip-card reader": ("08e6:3437", "0b:00:00"),
    "touch panel": ("0eef:0001", "03:00:00"),
    "stick": ("0781:5567", "08:06:50"),
}
OTHERS = {
    "keyboard": ("046d:c31c", "03:01:01 03:00:00"),
    "mouse": ("046d:c077", "03:01:02"),
    "serial adapter with a keyboard": ("0403:6001", "ff:ff:ff 03:01:01"),
    "network, Realtek's own class": ("0bda:8153", "ff:ff:00"),
    "network, ASIX's own class": ("0b95:1790", "ff:ff:00"),
    "network, WCH": ("1a86:5397", "ff:00:00"),
    "network, CDC Ethernet": ("0525:a4a1", "02:06:00 0a:00:00"),
    "network, CDC NCM": ("0bda:8153", "02:0d:00 0a:00:01"),
    "network, RNDIS of a telephone": ("18d1:4ee3", "e0:01:03 0a:00:00"),
    "network, RNDIS as ACM": ("0525:a4a2", "02:02:ff 0a:00:00"),
    "modem, MBIM": ("1199:9079", "02:0e:00 0a:00:02"),
    "stick that is a network, too": ("12d1:1f01", "08:06:50 ff:02:12"),
    "printer with IPP": ("03f0:2b17", "07:01:02 07:01:04 ff:04:01"),
    "Wi-Fi": ("148f:5370", "ff:ff:ff"),
    "Bluetooth": ("0a12:0001", "e0:01:01"),
    "camera": ("046d:0825", "0e:01:00 0e:02:00 01:01:00"),
    "sound": ("0d8c:0014", "01:01:00 01:02:00 03:00:00"),
    "debugger of a telephone": ("18d1:4ee7", "ff:42:01"),
    "firmware update": ("0483:df11", "fe:01:02"),
}
VISIT = {"camera", "sound"}


def let_in(device: tuple[str, str], *files: str) -> bool:
    """usbguard's own judgement: the identity, and each interface in the row; a later file only adds."""
    for line in "\n".join((LOCKDOWN / name).read_text() for name in files).splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        rule = RULE.fullmatch(line)
        assert rule, f"a form that this test does not judge: {line}"
        faces = rule["faces"].split()
        fits = all(any(fnmatchcase(face, one) for one in faces) for face in device[1].split())
        if rule["id"] in (None, device[0]) and fits:
            return True
    return False


@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_the_cabinet_is_let_in(name):
    assert let_in(PARTS[name], "usbguard-rules.conf")


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_else_is(name):
    assert not let_in(OTHERS[name], "usbguard-rules.conf")
    assert let_in(OTHERS[name], "usbguard-rules.conf", "usbguard-visit.conf") is (name in VISIT)


def test_a_keyboard_that_calls_itself_a_panel_is_not_heard():
    """Its interface tells nothing; what the kernel found in its reports does, before anything listens."""
    text = (LOCKDOWN / "90-kiosk.rules").read_text()
    silenced = [line for line in text.splitlines() if 'ATTR{inhibited}="1"' in line]
    assert all('SUBSYSTEMS=="usb"' in line and 'KERNEL=="input[0-9]*"' in line for line in silenced)
    assert any('ENV{ID_INPUT_TOUCHSCREEN}!="1"' in line for line in silenced), "whatever is no touch panel"
    assert any('ENV{ID_INPUT_KEY}=="1"' in line for line in silenced), "and a touch panel that has keys"
