"""The money wires against code that nobody here wrote: npm's ccTalk frame parser, and an SSP client from npm.

Skipped where Node.js or the libraries (`tests/hardware/peers`, from npm) are not installed.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from hardware.protocols import cctalk
from hardware.twins.cctalk import CctalkTwin
from hardware.twins.cctalk_slaves import CoinSlave
from hardware.twins.pseudo_terminal import serve
from hardware.twins.ssp import SspTwin
from tests.hardware.pin_rig import Heard
from tests.hardware.support import vectors

HERE = Path(__file__).parent / "peers"
needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (HERE / "node_modules" / "serialport").exists(),
    reason="Node.js with serialport, parser-cctalk and encrypted-smiley-secure-protocol is not installed from npm",
)


class Peer(Heard):
    """`peers/money.mjs`; `said(name)` waits for a row that has it."""

    def __init__(self, what: str, path: str) -> None:
        super().__init__()
        self._process = subprocess.Popen(
            ["node", str(HERE / "money.mjs"), what, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.post(json.loads(line))

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.say("quit")
        assert self._process.wait(timeout=30) == 0
        for end in (self._process.stdin, self._process.stdout):
            assert end is not None
            end.close()

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")

    def said(self, name: str, count: int = 1) -> list[Any]:
        """The first *count* values under that name."""
        return self.until(  # type: ignore[no-any-return]
            lambda: len(found := [row[name] for row in list(self.events) if name in row]) >= count and found[:count]
        )


class Echo:
    """A wire that gives back what is written to it."""

    def receive(self, data: bytes, now_ms: int) -> bytes:
        return data

    def tick(self, now_ms: int) -> bytes:
        return b""

    def state(self) -> dict[str, Any]:
        return {}


@needs_node
def test_npms_parser_splits_frames_where_we_do(tmp_path: Path) -> None:
    """Every valid vector and frames of chance, one after the other without a pause."""
    chance = random.Random(9)
    known = [vector.data for vector in vectors("cctalk", keep=lambda one: one.valid and len(one.data) >= 5)]
    known = [data for data in known if len(data) == data[1] + 5]
    sent = [
        *known,
        *(
            cctalk.send(cctalk.Frame(chance.randrange(256), 1, chance.randrange(256), chance.randbytes(n)))
            for n in (0, 1, 3, 11, 60, 255)
        ),
    ]
    codec = cctalk.Codec()
    ours = [cctalk.send(frame) for frame in codec.receive_data(b"".join(sent), 0) if isinstance(frame, cctalk.Frame)]
    assert ours == sent
    with serve(Echo(), tmp_path / "tty") as served, Peer("cctalk", served.path) as peer:
        peer.said("open")
        for n in range(0, len(sent), 3):
            peer.say(b"".join(sent[n : n + 3]).hex())
            peer.said("frame", min(n + 3, len(sent)))
        assert [bytes.fromhex(frame) for frame in peer.said("frame", len(sent))] == sent


@needs_node
def test_a_host_in_another_language_asks_the_coin_acceptor(tmp_path: Path) -> None:
    acceptor = CoinSlave({1: 100, 2: 500})
    with serve(CctalkTwin({"coin_acceptor": acceptor}), tmp_path / "tty") as served:
        with Peer("cctalk", served.path) as peer:
            peer.said("open")
            asked = ["020001f508", "020001f20b", "020001e518"]  # category, serial number, credits; checks by hand
            for n, question in enumerate(asked, 1):
                peer.say(question)
                peer.said("frame", 2 * n)
            frames = peer.said("frame", 6)
    assert frames[::2] == asked  # a single wire: a host hears itself
    assert bytes.fromhex(frames[1])[4:-1] == b"Coin Acceptor"
    assert int.from_bytes(bytes.fromhex(frames[3])[4:-1], "little") == 345_678
    assert bytes.fromhex(frames[5])[4:-1] == bytes(11)


@needs_node
def test_npms_ssp_client_takes_a_note_once(tmp_path: Path) -> None:
    twin = SspTwin()
    with serve(twin, tmp_path / "tty") as served, Peer("ssp", served.path) as peer:
        assert peer.said("serial") == [9_900_001]
        assert peer.said("values") == [[1, 5, 10, 20, 50, 100]]
        assert peer.said("enabled") == ["OK"]
        with served.lock:
            assert twin.insert_note(50)
        peer.until(lambda: {"event": "NOTE_STACKED", "channel": 0} in peer.events)
        heard = [(row["event"], row["channel"]) for row in peer.events if "event" in row]
        assert ("READ_NOTE", 5) in heard
        assert heard.count(("CREDIT_NOTE", 5)) == 1
        with served.lock:
            assert twin.insert_note(20, good=False)
        peer.until(lambda: any(row.get("event") == "NOTE_REJECTED" for row in peer.events))
    assert twin.state()["box"] == [50]  # however often a slow host had to ask again
