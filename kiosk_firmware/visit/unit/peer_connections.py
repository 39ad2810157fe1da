"""The lines to the browsers: they offer, the unit answers, and a cut line is answered anew.

A station has one line, the newest: what belongs to an older session is dropped. Officers have one each, of which they
only receive; they cannot be heard or seen, and the station's line does not know of them. Only the office's own relay is
asked for a way, never anybody outside.
"""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import suppress

from aiortc import (
    MediaStreamError,
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)

from kiosk_firmware.visit.unit import codecs, dtls_identity
from kiosk_firmware.visit.unit.bandwidth_control import RUNGS
from kiosk_firmware.visit.unit.media_tracks import MediaFeed, PictureTap, SoundTap
from kiosk_firmware.visit.wire.messages import Answered, IceServer, Offered

log = logging.getLogger(__name__)

OFFICERS = 3
"""Who may look on at once; the oldest line makes room."""
OFFICERS_RUNG = 3
"""What an officer is shown costs the unit's processor once more, and need not be as fine."""
HIDDEN = re.compile(r"a=candidate:[^\r\n]+\.local [^\r\n]*\r?\n|a=end-of-candidates\r?\n")
"""Addresses that a browser hides: nobody here can look them up, and its own checks show them. So what is written there
is never all: aiortc would give up at once where it is told that nothing more comes.
"""


class CallMedia:
    """The pictures and sounds of a call: of the unit (`own`), of the station (`far`)."""

    def __init__(self) -> None:
        self.own_picture, self.own_sound, self.far_picture, self.far_sound = (
            MediaFeed(),
            MediaFeed(),
            MediaFeed(),
            MediaFeed(),
        )


class BrowserConnection:
    """One connection of a browser."""

    def __init__(self, ice: tuple[IceServer, ...], most: int = len(RUNGS) - 1, pictures: int = 1) -> None:
        servers = [RTCIceServer(list(one.urls), one.username or None, one.credential or None) for one in ice]
        # without servers aiortc would ask one of its own choice: an empty list says none
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        dtls_identity.lend(self.pc)
        self.line = codecs.EncoderBudget(most, pictures)
        self._taps: list[MediaStreamTrack] = []
        self._readers: set[asyncio.Task[None]] = set()

    async def offered(self, sdp: str) -> list[RTCRtpTransceiver]:
        """Take a browser's offer; its streams, in their order.

        Raises:
            ValueError: it is no offer.
        """
        await self.pc.setRemoteDescription(RTCSessionDescription(HIDDEN.sub("", sdp), "offer"))
        return self.pc.getTransceivers()

    async def answer(self) -> str:
        """Return the answer (SDP), with every way that there is to here."""
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        return str(self.pc.localDescription.sdp)

    def send(self, transceiver: RTCRtpTransceiver, feed: MediaFeed) -> MediaStreamTrack:
        """Send that feed on this stream; the track is what the line has of it."""
        transceiver.direction = "sendrecv"
        tap: SoundTap | PictureTap
        if transceiver.kind == "audio":
            tap = SoundTap(feed)
            codecs.lead(transceiver.sender, codecs.Sound())
        else:
            tap = PictureTap(feed, self.line.shape)
            codecs.only_vp8(transceiver)
            codecs.lead(transceiver.sender, codecs.Pictures(self.line))
        transceiver.sender.replaceTrack(tap)
        self._taps.append(tap)
        return tap

    def read(self, track: MediaStreamTrack, feed: MediaFeed) -> None:
        """Put what comes into the feed, as long as it comes."""
        task = asyncio.get_running_loop().create_task(_read(track, feed))
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)

    async def measure(self) -> None:
        """Measure once a second: what was lost leads what is sent."""
        await self.line.measure(self.pc.getSenders())

    async def close(self) -> None:
        """Let it go; twice is fine."""
        for tap in self._taps:
            tap.stop()
        for task in tuple(self._readers):
            task.cancel()
        await self.pc.close()


class PeerConnections:
    """All lines of a visit. `session`: of the station's newest offer, 0: none yet."""

    def __init__(self, sides: CallMedia, ice: tuple[IceServer, ...]) -> None:
        self._sides, self._ice = sides, ice
        self._station: BrowserConnection | None = None
        self._officers: dict[int, BrowserConnection] = {}
        self._to_station: SoundTap | None = None
        self._turn = asyncio.Lock()
        self.session = 0
        self.muted = False

    async def offered(self, offer: Offered) -> Answered | None:
        """Answer a browser's offer; return None where there was a newer one, or it is none."""
        try:
            async with self._turn:
                sdp = await (self._of_officer(offer) if offer.end == "officer" else self._of_station(offer))
        except (ValueError, KeyError, IndexError, AttributeError, ConnectionError) as error:  # aiortc's, of bad SDP
            log.warning("offer %s %s cannot be answered: %r", offer.end, offer.session, error)
            return None
        return Answered(visit=offer.visit, end=offer.end, session=offer.session, sdp=sdp) if sdp else None

    async def _of_station(self, offer: Offered) -> str:
        if offer.session <= self.session:
            return ""
        self.session = offer.session
        link, old = BrowserConnection(self._ice), self._station
        self._station = link
        if old is not None:
            await old.close()
        for transceiver in await link.offered(offer.sdp):
            self._join(link, transceiver)
        return await link.answer()

    def _join(self, link: BrowserConnection, transceiver: RTCRtpTransceiver) -> None:
        """Join both ways: what the station sends is read, what is here is sent."""
        sound = transceiver.kind == "audio"
        tap = link.send(transceiver, self._sides.own_sound if sound else self._sides.own_picture)
        link.read(transceiver.receiver.track, self._sides.far_sound if sound else self._sides.far_picture)
        if isinstance(tap, SoundTap):
            self._to_station, tap.muted = tap, self.muted

    async def _of_officer(self, offer: Offered) -> str:
        """Answer an officer's offer one way: sound and picture of the unit, then of the station."""
        await self._make_room(offer.session)
        link = self._officers[offer.session] = BrowserConnection(self._ice, OFFICERS_RUNG, pictures=2)
        self._watch(offer.session, link)
        feeds = {
            "audio": [self._sides.own_sound, self._sides.far_sound],
            "video": [self._sides.own_picture, self._sides.far_picture],
        }
        for transceiver in await link.offered(offer.sdp):
            if feeds[transceiver.kind]:
                link.send(transceiver, feeds[transceiver.kind].pop(0))
        return await link.answer()

    async def _make_room(self, session: int) -> None:
        gone = [session] if session in self._officers else list(self._officers)[: len(self._officers) - OFFICERS + 1]
        for one in gone:
            await self._officers.pop(one).close()

    def _watch(self, session: int, link: BrowserConnection) -> None:
        """Stop sending pictures to who has gone."""

        async def changed() -> None:
            if link.pc.connectionState in ("failed", "closed") and self._officers.get(session) is link:
                del self._officers[session]
                await link.close()

        link.pc.on("connectionstatechange", changed)

    def mute(self, muted: bool) -> None:
        """Set whether the station hears the unit; officers and the recording always do."""
        self.muted = muted
        if self._to_station is not None:
            self._to_station.muted = muted

    async def measure(self) -> None:
        """Measure all lines, once a second."""
        for link in self.links():
            await link.measure()

    def links(self) -> list[BrowserConnection]:
        """Return all lines, the station's first."""
        return [*([self._station] if self._station is not None else []), *self._officers.values()]

    async def close(self) -> None:
        """Hang up; twice is fine."""
        links, self._station = self.links(), None
        self._officers.clear()
        for link in links:
            await link.close()


async def _read(track: MediaStreamTrack, feed: MediaFeed) -> None:
    with suppress(MediaStreamError):
        while True:
            feed.put(await track.recv())  # type: ignore[arg-type]
