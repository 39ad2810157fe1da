"""The relay as it ships, on loopback: it serves whoever the office gave words to for a visit, and nobody else."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from importlib import resources
from pathlib import Path

import msgspec
import pytest
from aioice.stun import TransactionFailed
from aioice.turn import create_turn_endpoint

from kiosk_firmware.office.visit_calls.invitations import Invitations
from kiosk_firmware.visit.office.appointments import day_and_minute
from kiosk_firmware.visit.office.policy import VisitPolicy
from kiosk_firmware.visit.office.service import utc_ms
from tests.visit.office.conftest import Office
from tests.wire.rig import wait

SECRET = "words of the relay"


class Echo(asyncio.DatagramProtocol):
    """What comes goes back."""

    def connection_made(self, transport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address) -> None:
        self._transport.sendto(data, address)


class Heard(asyncio.DatagramProtocol):
    """The relay's side of an end."""

    def __init__(self) -> None:
        self.word: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, address) -> None:
        if not self.word.done():
            self.word.set_result(data)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    """Its port, and the secret's file."""
    if shutil.which("turnserver") is None:
        pytest.skip("no turnserver here; on Debian: apt-get install coturn")
    folder: Path = tmp_path_factory.mktemp("relay")
    port = free_port()
    text = resources.files("deploy.office").joinpath("turnserver.conf").read_text("utf-8")
    for here, put in (
        ("ADDRESS-ON-BOTH-SIDES", "127.0.0.1"),
        ("=SECRET", f"={SECRET}"),
        ("port=3478", f"port={port}"),
        ("no-stdout-log\nsyslog", f"log-file={folder}/log\nsimple-log"),
    ):
        assert here in text
        text = text.replace(here, put)
    (folder / "conf").write_text(f"{text}allow-loopback-peers\npidfile={folder}/pid\n")
    (folder / "secret").write_text(f"{SECRET}\n")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(["turnserver", "-c", folder / "conf"], **quiet)
    try:
        wait(lambda: is_bound(port), "the relay to listen")
        yield port, folder / "secret"
    finally:
        process.kill()
        process.wait()


def is_bound(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        try:
            made.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


async def through(port: int, name: str, word: str) -> bytes:
    """Something sent through the relay to somebody who sends it back."""
    loop = asyncio.get_running_loop()
    far, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    near, heard = await create_turn_endpoint(Heard, ("127.0.0.1", port), name, word)
    try:
        near.sendto(b"a word", far.get_extra_info("sockname"))
        return await asyncio.wait_for(heard.word, 20)
    finally:
        near.close()
        far.close()


def test_the_offices_words_open_it_for_that_visit_and_no_others_do(relay, tmp_path) -> None:
    port, secret = relay
    office = Office(tmp_path, turn=(f"turn:127.0.0.1:{port}?transport=udp",), turn_secret_file=str(secret))
    kept = office.approved()
    one = office.store.appointment(kept.id)
    day, minute = day_and_minute(utc_ms())  # the relay's own clock is the machine's
    (ice,) = Invitations(office.room, tmp_path).ice(
        kept, msgspec.structs.replace(one, day=day, minute=minute), "station"
    )
    assert asyncio.run(through(port, ice.username, ice.credential)) == b"a word"
    (old,) = Invitations(office.room, tmp_path).ice(kept, msgspec.structs.replace(one, day=20_000), "station")
    forged = ice.username.replace("station", "officer")
    for name, word in ((old.username, old.credential), (forged, ice.credential), (ice.username, "wrong"), ("", "")):
        with pytest.raises(TransactionFailed):
            asyncio.run(through(port, name, word))
    office.room.close()


def test_an_address_outside_of_a_relays_form_is_refused() -> None:
    for bad in ("stun:stun.example.org", "turn:a b", "http://x", "turn:host?transport=sctp"):
        with pytest.raises(msgspec.ValidationError, match="turn"):
            msgspec.convert({"turn": [bad]}, VisitPolicy)
