"""Unit and station in two networks that do not reach each other, with coturn between, set up by the very file that a
deployment copies: they talk through the relay, and again after the unit's cable was pulled.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from hardware.drivers.settings.hardware_settings import DeviceTables
from kiosk_firmware.settings import unit_toml as settings
from kiosk_firmware.settings.unit_toml import UnitSettings, UnitTable
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.visit.wire import paths
from kiosk_firmware.visit.wire.messages import ENCODE, Answered, IceServer, Offered, Peer, Said, StatusReport, decode_up
from tests.visit.unit.rig import DESK, VISIT, End, invited, until

ROOT = Path(__file__).parents[3]
CONF = ROOT / "deploy" / "office" / "turnserver.conf"
RELAY, SECRET = "10.91.0.1", "a-secret-of-these-tests"
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("ip"), reason="networks are made by root alone"),
    pytest.mark.skipif(not shutil.which("turnserver"), reason="no coturn; on Debian: apt-get install coturn"),
]


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def networks():
    """`unit` and `station`, each with a cable to `relay` and a way to nothing else; names of this process's own."""
    names = {name: f"kv{os.getpid()}{name[0]}" for name in ("relay", "unit", "station")}
    try:
        for name in names.values():
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", names["relay"], "addr", "add", f"{RELAY}/32", "dev", "lo")
        for number, name in enumerate(("unit", "station"), 1):
            ip("-n", names["relay"], "link", "add", f"to-{name}", "type", "veth", "peer", "cable", "netns", names[name])
            ip("-n", names["relay"], "addr", "add", f"10.91.{number}.1/24", "dev", f"to-{name}")
            ip("-n", names[name], "addr", "add", f"10.91.{number}.2/24", "dev", "cable")
            ip("-n", names["relay"], "link", "set", f"to-{name}", "up")
            ip("-n", names[name], "link", "set", "cable", "up")
            ip("-n", names[name], "route", "add", "default", "via", f"10.91.{number}.1")
        yield names
    finally:
        for name in names.values():
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def within(network, *words):
    return ["ip", "netns", "exec", network, *words]


def knocked(network, address):
    """What a door says that nobody opens: "refused" where somebody is there."""
    act = f"import socket; socket.create_connection(({address!r}, 9), 2)"
    done = subprocess.run(within(network, sys.executable, "-c", act), check=False, capture_output=True, text=True)
    return "refused" if "ConnectionRefusedError" in done.stderr else done.stderr


@contextmanager
def relay(network, folder):
    """coturn, by the file that a deployment copies."""
    text = CONF.read_text(encoding="utf-8").replace("ADDRESS-ON-BOTH-SIDES", RELAY).replace("SECRET", SECRET)
    (folder / "turnserver.conf").write_text(text, encoding="utf-8")
    words = ("turnserver", "-c", str(folder / "turnserver.conf"), "--pidfile", str(folder / "pid"))
    with (folder / "turn.log").open("wb") as log:
        process = subprocess.Popen(within(network, *words), stdout=log, stderr=log, cwd=folder)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def ice():
    """Words for the relay, as the office gives them: good for an hour."""
    name = f"{utc_ms() // 1000 + 3600}:{VISIT}"
    word = base64.b64encode(hmac.new(SECRET.encode(), name.encode(), hashlib.sha1).digest()).decode()
    return IceServer((f"turn:{RELAY}:3478?transport=udp",), name, word)


class Station:
    """The process in its network."""

    def __init__(self, process):
        self._process, self.sdp, self.frames = process, "", 0
        self._task = asyncio.create_task(self._hear())

    async def _hear(self):
        async for line in self._process.stdout:
            words = json.loads(line)
            self.sdp, self.frames = words.get("sdp", self.sdp), words.get("frames", self.frames)

    def say(self, **words):
        self._process.stdin.write(json.dumps(words).encode() + b"\n")

    async def calls(self, unit, session):
        self.sdp = ""
        self.say(offer=session)
        await until(lambda: self.sdp, "an offer")
        unit.say(Offered(visit=VISIT, end="station", session=session, sdp=self.sdp))
        answer = await until(lambda: unit.last(Answered, session=session), "the unit's answer")
        self.say(answer=answer.sdp)

    async def close(self):
        self._process.kill()
        await self._process.wait()
        self._task.cancel()


@asynccontextmanager
async def ends(names, folder, server):
    """The visit process in its network, with its agent and its screen here, and the station in its own."""
    calls = folder / "state" / paths.FOLDER
    calls.mkdir(parents=True)
    unit_toml = folder / "unit.toml"
    devices: DeviceTables = DESK
    unit_toml.write_text(
        settings.settings_toml(UnitSettings(UnitTable("jia-visit-01", "jia", "visit"), devices=devices))
    )
    (calls / f"{VISIT}{paths.INVITED}").write_bytes(ENCODE(invited((server,), rests_s=60, back_s=120)))
    (calls / paths.START).write_text(VISIT)
    agent = End(decode_up)
    listening = await asyncio.start_unix_server(agent.met, calls / paths.AGENT, limit=1 << 20)
    words = "visit", "--unit", str(unit_toml), "--state", str(folder / "state")
    child = sys.executable, "-m", "kiosk_firmware.cli", *words
    visit_process = await asyncio.create_subprocess_exec(*within(names["unit"], *child), cwd=ROOT)
    far = sys.executable, "-m", "tests.visit.unit.far_station", server.urls[0], server.username, server.credential
    station = Station(
        await asyncio.create_subprocess_exec(
            *within(names["station"], *far),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
    )
    try:
        await until(lambda: agent.heard, "the roof at its agent")
        await until((calls / paths.SCREEN).is_socket, "the screen's socket")
        _, screen = await asyncio.open_unix_connection(calls / paths.SCREEN)
        screen.write(ENCODE(Said("sign")) + b"\n")
        agent.say(Peer(visit=VISIT, end="station", here=True))
        yield agent, station
        screen.close()
    finally:
        visit_process.terminate()
        await visit_process.wait()
        await station.close()
        listening.close()


def test_two_networks_talk_through_the_relay_and_again_after_a_pulled_cable(tmp_path):
    async def story(names):
        async with ends(names, tmp_path, ice()) as (unit, station):
            await until(lambda: unit.last(StatusReport, phase="ready"), "both are there")
            await station.calls(unit, 1)
            await until(lambda: unit.last(StatusReport, phase="talking"), "they talk")
            await until(lambda: station.frames > 5, "pictures at the station")
            ip("-n", names["relay"], "link", "set", "to-unit", "down")
            await until(lambda: unit.heard[-1].phase == "cut", "the cut to be told")
            ip("-n", names["relay"], "link", "set", "to-unit", "up")
            await station.calls(unit, 2)
            await until(lambda: unit.last(StatusReport).phase == "talking", "they talk again")
            station.frames = 0
            await until(lambda: station.frames > 5, "pictures again")

    with networks() as names, relay(names["relay"], tmp_path):
        assert knocked(names["unit"], RELAY) == "refused"
        assert knocked(names["unit"], "10.91.2.2") != "refused"
        asyncio.run(story(names))
