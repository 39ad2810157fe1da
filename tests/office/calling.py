"""The other end of the office's calls: a visit unit that speaks the messages over a real broker and answers offers.

It stands for agent and process together, on the wire: it accepts invitations, signs in, answers SDP with aiortc, tells
how it stands and gives its recording in pieces. What it shows is a colour that grows brighter, what it says is
silence.
"""

from __future__ import annotations

import asyncio
import fractions
import hashlib
import io
import queue
import re
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import av
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack, VideoStreamTrack

from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import BrokerLink

LOCAL_NAMES = re.compile(r"a=candidate:[^\r\n]+\.local [^\r\n]*\r?\n")


def grey(width: int, height: int, light: int) -> av.VideoFrame:
    """A picture of one shade; `width` a multiple of 64."""
    frame = av.VideoFrame(width, height, "rgb24")
    frame.planes[0].update(bytes([light]) * (width * height * 3))
    return frame


def film() -> bytes:
    """A second of WebM, 64×48."""
    out = io.BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=10, width=64, height=48, pix_fmt="yuv420p")
        for n in range(10):
            container.mux(stream.encode(grey(64, 48, n * 20)))
        container.mux(stream.encode(None))
    return out.getvalue()


class Colour(VideoStreamTrack):
    """Pictures of 320×240, each a little brighter."""

    def __init__(self) -> None:
        super().__init__()
        self._n = 0
        self._since = int(time.monotonic() * 90_000)  # a later one goes on where the one before stopped

    async def recv(self) -> av.VideoFrame:
        pts, base = await self.next_timestamp()
        self._n += 1
        frame = grey(320, 240, 90 + self._n % 120)
        frame.pts, frame.time_base = self._since + pts, fractions.Fraction(base)
        return frame


class PlayedUnit:
    """`heard`: all words from the office. Everything is asked from the test's thread."""

    def __init__(self, port: int, site: str = "jia", unit: str = "jia-visit-01") -> None:
        self.site, self.unit, self.heard = site, unit, []
        self.invited: dict[str, m.Invited] = {}
        self.recording = b""
        self.frames: dict[str, int] = {}
        self.drops_pieces: set[int] = set()
        self._out: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._pcs: list[RTCPeerConnection] = []
        self._far: dict[str, MediaStreamTrack] = {}
        self._relay = MediaRelay()
        self._counting: list[asyncio.Future[None]] = []
        self._loop = asyncio.new_event_loop()
        self._threads = [threading.Thread(target=self._turn, args=(port,)), threading.Thread(target=self._run)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self.run(self._closed())
        self._stop.set()
        self._loop.call_soon_threadsafe(self._loop.stop)
        for thread in self._threads:
            thread.join()
        self._loop.close()

    async def _closed(self) -> None:
        for pc in self._pcs:
            await pc.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def say(self, word: m.Up) -> None:
        self._out.put(m.ENCODE(word))

    def of(self, kind: type, visit: str = "") -> list[Any]:
        return [one for one in list(self.heard) if isinstance(one, kind) and visit in ("", one.visit)]

    def told(self, visit: str, phase: m.Phase, left_s: int = 1800, **more: Any) -> None:
        self.say(m.StatusReport(visit=visit, phase=phase, left_ms=left_s * 1000, running=phase == "talking", **more))

    def sign(self, visit: str, **other: str) -> None:
        one = self.invited[visit]
        said = {"token": one.token, "learner": one.learner, **other}
        self.say(m.SignedIn(visit=visit, signed=True, **said))

    def keep(self, visit: str, sealed: bytes) -> None:
        self.recording = sealed
        self.say(m.Kept(visit=visit, bytes=len(sealed), sha256=hashlib.sha256(sealed).hexdigest(), seconds=2))

    def cut(self) -> None:
        """The connections are gone, as a power cut of the network would have it."""
        self.run(self._closed())
        self._pcs.clear()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Nothing of the unit moves, as where its process is stopped: no word, no packet."""
        goes_on = threading.Event()
        self._loop.call_soon_threadsafe(goes_on.wait)
        try:
            yield
        finally:
            goes_on.set()

    def send(self, audio: bool = True, video: bool = True) -> None:
        """From now on, to the station."""
        self.run(self._send({"audio": audio, "video": video}))

    async def _send(self, wanted: dict[str, bool]) -> None:
        for one in (each for pc in self._pcs for each in pc.getTransceivers()):  # a page may have offered anew
            made = Colour if one.kind == "video" else AudioStreamTrack
            one.sender.replaceTrack(made() if wanted[one.kind] else None)

    # -- the line

    def _turn(self, port: int) -> None:
        filters = (topics.topic(self.site, self.unit, "call", topics.DOWN),)
        link = BrokerLink(
            BrokerSettings(port=port, retry_s=0.3), self.unit, filters, lambda one: self._hear(one.payload)
        )
        up = topics.topic(self.site, self.unit, "call", topics.UP)
        while not self._stop.is_set():
            link.turn(0.01)
            while link.up and not self._out.empty():
                link.publish(up, self._out.get())
        link.close()

    def _hear(self, payload: bytes) -> None:
        word = m.decode_down(payload)
        self.heard.append(word)
        match word:
            case m.Invited():
                self.invited[word.visit] = word
                self.say(m.Accepted(visit=word.visit, token=word.token))
            case m.Offered():
                asyncio.run_coroutine_threadsafe(self._answer(word), self._loop)
            case m.Fetch(last=False):
                self._give(word)

    def _give(self, word: m.Fetch) -> None:
        if word.offset in self.drops_pieces:
            self.drops_pieces.discard(word.offset)
            return
        piece = self.recording[word.offset : word.offset + word.length]
        self.say(m.Piece(visit=word.visit, offset=word.offset, data=piece))

    # -- media

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _answer(self, word: m.Offered) -> None:
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._pcs.append(pc)
        offer = RTCSessionDescription(LOCAL_NAMES.sub("", word.sdp), "offer")
        await pc.setRemoteDescription(offer)
        (self._join if word.end == "station" else self._show)(pc)
        await pc.setLocalDescription(await pc.createAnswer())
        self.say(m.Answered(visit=word.visit, end=word.end, session=word.session, sdp=pc.localDescription.sdp))

    def _join(self, pc: RTCPeerConnection) -> None:
        for one in pc.getTransceivers():
            one.direction = "sendrecv"
            one.sender.replaceTrack(Colour() if one.kind == "video" else AudioStreamTrack())
            self._far[one.kind] = one.receiver.track
            count = self._count(self._relay.subscribe(one.receiver.track), one.kind)
            self._counting.append(asyncio.ensure_future(count))

    def _show(self, pc: RTCPeerConnection) -> None:
        """Sound and picture of the unit, then of the station."""
        own: dict[str, Callable[[], MediaStreamTrack]] = {"audio": AudioStreamTrack, "video": Colour}
        seen: set[str] = set()
        for one in pc.getTransceivers():
            one.direction = "sendonly"
            far = self._far.get(one.kind)
            track = self._relay.subscribe(far) if one.kind in seen and far else own[one.kind]()
            one.sender.replaceTrack(track)
            seen.add(one.kind)

    async def _count(self, track: MediaStreamTrack, kind: str) -> None:
        while True:
            try:
                await track.recv()
            except Exception:  # the browser hung up
                return
            self.frames[kind] = self.frames.get(kind, 0) + 1
