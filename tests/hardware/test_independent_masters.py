"""The twins against masters that nobody here wrote: nfcpy, libnfc and pn532pi drive the PN532, ITL's own C code the
validator.

What our codec and our twin could have wrong alike shows up here. Skipped where the peer is not installed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hardware.protocols import mifare, stored_value_card
from hardware.protocols.mifare import FACTORY_KEY as KEY
from hardware.twins.essp import EsspTwin
from hardware.twins.pn532 import Pn532Twin, TwinTag
from hardware.twins.pseudo_terminal import ServedTwin, serve
from hardware.twins.ssp import SspTwin

UID = bytes.fromhex("deadbeef")


def test_nfcpy_finds_opens_reads_and_writes_a_tag() -> None:
    transport = pytest.importorskip("nfc.clf.transport", reason="nfcpy is not installed")
    pn532 = pytest.importorskip("nfc.clf.pn532", reason="nfcpy is not installed")
    remote = pytest.importorskip("nfc.clf", reason="nfcpy is not installed").RemoteTarget
    twin = Pn532Twin()
    with serve(twin) as served:
        line = transport.TTY(served.path)
        try:
            device = pn532.init(line)
            assert device.sense_tta(remote("106A")) is None
            with served.lock:
                twin.tap(TwinTag(UID))
            found = device.sense_tta(remote("106A"))
            assert found is not None
            assert (bytes(found.sdd_res), bytes(found.sel_res)) == (UID, b"\x08")
            chip = device.chipset
            chip.in_list_passive_target(1, 0, b"")
            chip.in_data_exchange(b"\x60\x04" + KEY + UID, 1.0)
            chip.in_data_exchange(b"\xa0\x04" + bytes(range(16)), 1.0)
            assert bytes(chip.in_data_exchange(b"\x30\x04", 1.0)[0]) == bytes(range(16))
            with pytest.raises(pn532.Chipset.Error):
                chip.in_data_exchange(b"\x60\x08" + bytes(6) + UID, 1.0)
        finally:
            line.close()


def _essp_library() -> Path | None:
    spec = importlib.util.find_spec("eSSP")
    folders = spec.submodule_search_locations if spec is not None else None
    found = [Path(folder) / "libessp.so" for folder in folders or []]
    return next((path for path in found if path.exists()), None)


def _peer(twin: SspTwin, *more: str) -> list[dict[str, Any]]:
    """What the peer saw of the twin; a note of 50 is put in as soon as it enables it."""
    library = _essp_library()
    if library is None:
        pytest.skip("eSSP6 is not installed")
    with serve(twin) as served:
        peer = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("essp_peer.py")), str(library), served.path, *more],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        seen: list[dict[str, Any]] = []
        assert peer.stderr is not None
        for text in peer.stderr:
            if not text.startswith("{"):
                continue  # the C code's own remarks
            seen.append(json.loads(text))
            if "enable" in seen[-1]:
                with served.lock:
                    assert twin.insert_note(50)
        assert peer.wait(timeout=30) == 0
    return seen


def test_itls_own_code_takes_a_note() -> None:
    twin = SspTwin()
    seen = _peer(twin, "25")
    assert seen[0] == {"sync": 0xF0, "protocol": 0xF0}
    assert seen[1]["values"] == [1, 5, 10, 20, 50, 100]
    assert seen[1]["country"] == "CNY"
    events = [(row["event"], row["data"]) for row in seen if "event" in row]
    assert events[0] == (0xF1, 0)
    assert (0xEF, 5) in events
    assert events.count((0xEE, 5)) == 1
    assert events[-1][0] == 0xEB
    assert twin.state()["box"] == [50]


def _nfc(program: str, served: ServedTwin, *words: str) -> str:
    """What one of libnfc's programs says to the chip behind *served*."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run(
        [program, *words],
        env={**os.environ, "LIBNFC_DEFAULT_DEVICE": f"pn532_uart:{served.path}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_libnfc_lists_a_tag() -> None:
    twin = Pn532Twin()
    with serve(twin) as served:
        with served.lock:
            twin.tap(TwinTag(UID))
        said = _nfc("nfc-list", served)
    assert "de  ad  be  ef" in said
    assert "SAK (SEL_RES): 08" in said


def test_libnfc_copies_a_card_out_and_in_again(tmp_path: Path) -> None:
    """All 64 blocks are read with key A; a purse that was written into the copy is on the card afterwards."""
    twin, dump = Pn532Twin(), tmp_path / "card.mfd"
    with serve(twin) as served:
        with served.lock:
            twin.tap(TwinTag(UID))
        _nfc("nfc-mfclassic", served, "r", "A", "u", str(dump))
        copy = bytearray(dump.read_bytes())
        assert bytes(copy[:16]) == twin.memory(UID).blocks[0]
        assert bytes(copy[-16:-6]) == mifare.trailer(KEY, KEY)[:10], "it knows no key B, and writes zeros in its place"
        copy[64:96] = b"".join(stored_value_card.fresh(UID, 2000))
        dump.write_bytes(copy)
        _nfc("nfc-mfclassic", served, "w", "A", "u", str(dump), str(dump))
    assert stored_value_card.read_purse(UID, *twin.memory(UID).blocks[4:6]) == stored_value_card.Purse(2000, 1, 0)
    kept = b"".join(twin.memory(UID).blocks)
    assert [kept[at : at + 16] for at in range(64, 1024, 64)] == [copy[at : at + 16] for at in range(64, 1024, 64)], (
        "version 1.8 writes the first block of each sector"
    )


def test_pn532pi_reads_and_writes_a_tag() -> None:
    pn532pi = pytest.importorskip("pn532pi", reason="pn532pi is not installed")
    serial = pytest.importorskip("serial")
    twin = Pn532Twin()

    class Line(pn532pi.Pn532Hsu):  # type: ignore[misc]
        """The peer's own code on a port of ours: its constructor knows a Raspberry Pi's two names only."""

        def __init__(self, path: str) -> None:
            self._serial = serial.Serial(path, baudrate=115200, timeout=10)
            self._serial.close()
            self.command = 0

    with serve(twin) as served:
        with served.lock:
            twin.tap(TwinTag(UID))
        line = Line(served.path)
        chip = pn532pi.Pn532(line)
        chip.begin()
        try:
            assert chip.getFirmwareVersion() == 0x32010607
            assert chip.SAMConfig()
            assert chip.readPassiveTargetID(0) == (True, bytearray(UID))
            assert chip.mifareclassic_AuthenticateBlock(bytearray(UID), 4, 0, bytearray(KEY))
            assert chip.mifareclassic_WriteDataBlock(4, bytearray(range(16)))
            assert chip.mifareclassic_ReadDataBlock(4) == (True, bytearray(range(16)))
        finally:
            line._serial.close()
    assert twin.memory(UID).blocks[4] == bytes(range(16))


def test_itls_own_code_agrees_on_keys_and_has_a_note_paid_out() -> None:
    """Its library's keys, sealed letters and counts against ours, from the first key to the last poll."""
    twin = EsspTwin()
    seen = _peer(twin, "60", "5000")
    told = {name: value for row in seen for name, value in row.items() if name not in ("event", "data")}
    asked = ("keys", "sync", "protocol", "setup", "route", "payout", "inhibits", "enable", "test", "pay")
    assert [told[name] for name in asked] == [0xF0] * len(asked)
    assert (told["unit"], told["values"]) == (6, [1, 5, 10, 20, 50, 100])
    events = [(row["event"], row["data"]) for row in seen if "event" in row]
    assert events.count((0xEE, 5)) == 1
    assert (0xD2, 5000 << 24) in events, "the library begins a value three bytes before it"
    assert twin.out == [5000]
    assert twin.store == {5000: 0}
    assert "poll" not in told
    assert twin._letters is not None
    assert twin._letters.count > 40
