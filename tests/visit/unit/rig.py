"""The other ends of a visit's visit process: an agent and a screen at its sockets, and a browser, which is aiortc
here.

Whatever is waited for has a condition; nobody sleeps for a time and hopes.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import asynccontextmanager

import msgspec
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.visit_media import CountingEarpiece, DrawnCamera, Tone
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.visit.unit import capture
from kiosk_firmware.visit.unit.media_tracks import MediaFeed, PictureTap, SoundTap
from kiosk_firmware.visit.unit.visit_process import VisitProcess
from kiosk_firmware.visit.wire import paths
from kiosk_firmware.visit.wire.messages import (
    ENCODE,
    Answered,
    CallRules,
    Invited,
    Offered,
    Peer,
    Said,
    Shown,
    decode_up,
)

VISIT = "HJ000001"
KEY = ec.generate_private_key(ec.SECP256R1())
SEAL = (
    KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
)
DESK = DeviceTables(camera=DrawnCamera(rate=10, grain=False), microphone=Tone(), earpiece=CountingEarpiece())
PATIENCE_S = 60
OFFICER = ("audio", "video", "audio")
"""The unit's sound and picture, the station's sound: aiortc takes two pictures of one line for one. Chromium does not,
and is tried in `test_chromium.py`.
"""


def invited(ice=(), left_s=-1, **rules):
    return Invited(
        visit=VISIT,
        begins_ms=now_ms(),
        learner="0123456789abcdef",
        language="zh",
        people=1,
        rules=CallRules(**rules),
        ice=ice,
        seal=SEAL,
        token="t0ken",
        left_s=left_s,
    )


async def until(true, what=""):
    """Wait for it. `true`: a function."""
    end = time.monotonic() + PATIENCE_S
    while not (found := true()):
        assert time.monotonic() < end, f"never: {what or true}"
        await asyncio.sleep(0.02)
    return found


class End:
    """One end of a socket: what was heard, newest last."""

    def __init__(self, decode):
        self.heard, self._decode, self._writer = [], decode, None

    async def met(self, reader, writer):
        self._writer = writer
        async for line in reader:
            self.heard.append(self._decode(line))

    def say(self, message):
        self._writer.write(ENCODE(message) + b"\n")

    def last(self, kind, **fields):
        """The newest message of that kind with those fields, or None."""
        found = (one for one in reversed(self.heard) if isinstance(one, kind))
        return next((one for one in found if all(getattr(one, key) == value for key, value in fields.items())), None)


class Unit:
    """A visit process under way, with its agent and its screen."""

    def __init__(self, folder, invitation, devices=DESK):
        self.agent, self.screen = End(decode_up), End(msgspec.json.Decoder(Shown).decode)
        self.folder, self._invitation = folder, invitation
        self.visit_process = VisitProcess(invitation, folder, folder, devices)

    async def __aenter__(self):
        self._server = await asyncio.start_unix_server(self.agent.met, self.folder / paths.AGENT, limit=1 << 20)
        self.task = asyncio.create_task(self.visit_process.run())
        await until((self.folder / paths.SCREEN).is_socket, "the screen's socket")
        reader, writer = await asyncio.open_unix_connection(self.folder / paths.SCREEN)
        self._screen = asyncio.create_task(self.screen.met(reader, writer))
        await until(lambda: self.agent.heard and self.screen.heard, "both hear")
        return self

    async def __aexit__(self, *error):
        self.visit_process.stop()
        await asyncio.wait_for(self.task, PATIENCE_S)
        self._screen.cancel()
        self._server.close()

    async def ready(self):
        """Both have signed."""
        self.screen.say(Said("sign"))
        self.agent.say(Peer(visit=VISIT, end="station", here=True))
        await self.shows(phase="ready")

    async def shows(self, **fields):
        """Wait until the screen is told so last."""

        def now():
            shown = self.screen.last(Shown)
            return shown and all(getattr(shown, key) == value for key, value in fields.items())

        await until(now, fields)
        return self.screen.last(Shown)

    async def tells(self, kind, **fields):
        """Wait until the agent was told so."""
        return await until(lambda: self.agent.last(kind, **fields), (kind, fields))


class Browser:
    """What a browser does: offers, takes the answer, sends and counts what comes."""

    def __init__(self, ice=()):
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=list(ice)))
        self.picture, self.sound = MediaFeed(), MediaFeed()
        self.frames = []
        """What came of each stream, in the order of the offer: (kind, the last frames)."""
        self._tasks, self.pictures = [], 0

    async def offer(self, *streams):
        """An SDP; without words for a station, else the kinds that an officer receives."""
        if streams:
            for kind in streams:
                self.pc.addTransceiver(kind, direction="recvonly")
        else:
            self._sources = [capture.camera(DESK.camera, self.picture), capture.microphone(DESK.microphone, self.sound)]
            for source in self._sources:
                source.start()
            for track in (SoundTap(self.sound), PictureTap(self.picture, lambda: (480, 10))):
                self.pc.addTrack(track)
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return self.pc.localDescription.sdp

    async def _read(self, track, frames):
        while True:
            frames.append(await track.recv())
            self.pictures += track.kind == "video"

    async def answered(self, sdp):
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        for transceiver in self.pc.getTransceivers():
            self.frames.append((transceiver.kind, deque(maxlen=10)))
            self._tasks.append(asyncio.create_task(self._read(transceiver.receiver.track, self.frames[-1][1])))

    async def close(self):
        for source in getattr(self, "_sources", ()):
            await source.stop()
        for task in self._tasks:
            task.cancel()
        await self.pc.close()


@asynccontextmanager
async def called(unit, end="station", session=1, browser=None, line=None):
    """A browser on the line; `line`: a weak one between."""
    browser = browser or Browser()
    try:
        sdp = await browser.offer(*(OFFICER if end == "officer" else ()))
        unit.agent.say(Offered(visit=VISIT, end=end, session=session, sdp=line.offered(sdp) if line else sdp))
        answer = await unit.tells(Answered, end=end, session=session)
        await browser.answered(line.answered(answer.sdp) if line else answer.sdp)
        yield browser
    finally:
        await browser.close()
