"""The shipped image on a blank card: it starts, makes and encrypts its data, asks to be enrolled, and survives a cut.

Started by QEMU without KVM; machine.py plays the firmware.
"""

from __future__ import annotations

import re

from kiosk_firmware.tools import system_image

NOT_OURS = ("systemd-networkd-persistent-storage",)
"""Services whose failure says nothing: the network's own memory lies in a layer that forgets."""


def failed(text: str) -> list[str]:
    """The services that failed by the console's word."""
    found = re.findall(r"systemd\[1\]: (\S+): Failed with result", text)
    return [name for name in found if not name.startswith(NOT_OURS)]


def test_blank_card_makes_its_data_shows_the_glass_and_asks_to_be_enrolled(machine, record_property):
    machine.start()
    record_property("seconds to enrolment", machine.wait(r"Started kiosk-enrol\.service", 1800))
    record_property("seconds to the first frame", machine.wait(r"Started kiosk-screen\.service", 1800))
    said = machine.said()
    assert "Adding new partition 5" in said, "on the rest of the card"
    assert "data: formatting" in said
    assert "configured root with 'tmpfs" in said, "nothing is written to the system"
    assert failed(said) == []
    machine.cut()
    machine.start()
    machine.wait(r"Started kiosk-screen\.service", 1800)
    said = machine.said()
    assert "data: formatting" not in said, "kept over a cut"
    assert failed(said) == []


def test_changed_byte_of_the_system_is_not_run(machine):
    """The other system has the same root hash: it is taken, and with both changed the machine stops."""
    for name, first, _ in system_image.partitions(machine.card):
        if name.startswith("system"):
            with machine.card.open("r+b") as file:
                file.seek(first + 1024)  # the superblock of the erofs
                file.write(b"changed")
    machine.start()
    machine.wait("no system partition fits the root hash", 600)
    assert "systemd[1]" not in machine.said()
