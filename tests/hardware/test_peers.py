"""The twins against masters that nobody here wrote: nfcpy drives the PN532, ITL's own C code the validator.

What our codec and our twin could have wrong alike shows up here. Skipped where the peer is not installed.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hardware.emulators.pn532 import Pn532Twin, TwinTag
from hardware.emulators.pty import serve
from hardware.emulators.ssp import SspTwin
from hardware.protocols.mifare import FACTORY_KEY as KEY

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


def test_itls_own_code_takes_a_note() -> None:
    library = _essp_library()
    if library is None:
        pytest.skip("eSSP6 is not installed")
    twin = SspTwin()
    with serve(twin) as served:
        peer = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("essp_peer.py")), str(library), served.path, "25"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
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
    assert seen[0] == {"sync": 0xF0, "protocol": 0xF0}
    assert seen[1]["values"] == [1, 5, 10, 20, 50, 100]
    assert seen[1]["country"] == "CNY"
    events = [(row["event"], row["data"]) for row in seen if "event" in row]
    assert events[0] == (0xF1, 0)
    assert (0xEF, 5) in events
    assert events.count((0xEE, 5)) == 1
    assert events[-1][0] == 0xEB
    assert twin.state()["box"] == [50]
