"""Measure what the office adds to a visit, between a browser's word and the unit's: the hub and its line, over a real
broker.

How long an offer is on its way until its answer is back, when both ends answer at once, and how fast a recording comes,
piece by piece. The unit is a thread that speaks the messages; no media, no browser (`visit` has those).
"""

from __future__ import annotations

import hashlib
import os
import queue
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from deploy.bench.bench_figures import BenchFigure, median, p95
from kiosk_firmware.core.hosts.visit import VisitRequest
from kiosk_firmware.office.visit_calls.broker_connection import CallLine
from kiosk_firmware.office.visit_calls.browser_sessions import PER_S, BrowserSession
from kiosk_firmware.office.visit_calls.invitations import Invitations
from kiosk_firmware.office.visit_calls.signalling_hub import CallHub
from kiosk_firmware.tools.demo.mosquitto import start_private
from kiosk_firmware.visit.office.appointments import StoredRequest, day_and_minute
from kiosk_firmware.visit.office.call_records import Whose
from kiosk_firmware.visit.office.policy import VisitPolicy
from kiosk_firmware.visit.office.service import VisitService
from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import BrokerLink

SITE, UNIT, STATION = "bench", "bench-visit-01", "bench-station"
OFFERS, BYTES = 100, 32 << 20
SDP = "v=0\r\n" * 2_000
"""As long as a browser's."""
PATIENCE_S = 60.0


class SignallingClient:
    """The unit: it answers each offer at once, and gives its recording in pieces; a thread of its own turns it."""

    def __init__(self, port: int, recording: bytes) -> None:
        """Start the far end, which is at work when it is up."""
        self.recording, self.up = recording, threading.Event()
        self._out: queue.SimpleQueue[m.Up] = queue.SimpleQueue()
        self._stop = threading.Event()
        down = topics.topic(SITE, UNIT, "call", topics.DOWN)
        self._link = BrokerLink(
            BrokerSettings(port=port), UNIT, (down,), lambda one: self._hear(one.payload), on_up=lambda _: self.up.set()
        )
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def say(self, word: m.Up) -> None:
        """Say something to the office, from any thread."""
        self._out.put(word)

    def close(self) -> None:
        """Stop the thread, and wait for its end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._link.turn(0.01)
            while not self._out.empty():
                self._link.publish(topics.topic(SITE, UNIT, "call", topics.UP), m.ENCODE(self._out.get()))
        self._link.close()

    def _hear(self, payload: bytes) -> None:
        word = m.decode_down(payload)
        if isinstance(word, m.Offered):
            self.say(m.Answered(visit=word.visit, end=word.end, session=word.session, sdp=word.sdp))
        if isinstance(word, m.Fetch) and not word.last:
            data = self.recording[word.offset : word.offset + word.length]
            self.say(m.Piece(visit=word.visit, offset=word.offset, data=data))


def calls(quick: bool = False) -> Iterator[BenchFigure]:
    """Measure offers and their answers; a recording."""
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as scratch, ExitStack() as ends:
        folder, stop = Path(scratch), threading.Event()
        broker, port = start_private(folder / "broker")
        ends.callback(broker.wait)
        ends.callback(broker.terminate)
        room = ends.enter_context(closing(VisitService(folder, VisitPolicy())))
        hub = CallHub(room, Invitations(room, folder), lambda *_: None)
        line = threading.Thread(target=CallLine(BrokerSettings(port=port), hub, "office-calls").run, args=(stop,))
        line.start()
        ends.callback(line.join)
        ends.callback(stop.set)
        far = ends.enter_context(closing(SignallingClient(port, os.urandom(BYTES // (16 if quick else 1)))))
        kept = _visit(room)
        yield from _offers(hub, far, kept, OFFERS // (5 if quick else 1))
        yield _recording(room, far, kept)


def _visit(room: VisitService) -> StoredRequest:
    day, minute = day_and_minute(room.now_ms())
    request = VisitRequest(("r-000001",), day, minute // 30 * 30, day - 9, "parent", "hukou")
    made = room.store.submit(STATION, "0" * 16, SITE, request, STATION)
    room.store.move("bench", made.id, "submitted", "receive")
    room.store.move("bench", made.id, "kinship", "prove")
    room.store.approve("bench", made.id, UNIT, STATION)
    for end in ("unit", "station"):
        room.calls.signed(made, end, "bench")
    return room.store.one(made.id)


def _offers(hub: CallHub, far: SignallingClient, kept: StoredRequest, count: int) -> Iterator[BenchFigure]:
    heard = threading.Event()

    def say(word: bytes) -> None:
        if b'"Answered"' in word:
            heard.set()

    def made(visit: StoredRequest, whose: Whose) -> BrowserSession:
        return BrowserSession(visit.id, visit.case.number, whose, STATION, "bench", say, lambda _: None)

    far.up.wait(PATIENCE_S)
    seat = hub.come(hub.room.calls.mint(kept.id, "station")[0], False, made)
    took = [_answered(hub, seat, session, heard) for session in range(1, count + 1)]
    hub.gone(seat)
    yield BenchFigure("offer to answer through the office, median", median(took), "ms")
    yield BenchFigure("offer to answer through the office, p95", p95(took), "ms", 200)


def _answered(hub: CallHub, seat: BrowserSession, session: int, heard: threading.Event) -> float:
    """Measure one offer, in milliseconds. A browser may say ten words a second."""
    time.sleep(1 / PER_S)
    heard.clear()
    began = time.perf_counter()
    hub.hear(seat, m.ENCODE(m.Offered(visit=seat.number, end="station", session=session, sdp=SDP)))
    if not heard.wait(PATIENCE_S):
        raise TimeoutError(f"offer {session} was not answered in {PATIENCE_S:g} s")
    return (time.perf_counter() - began) * 1000


def _recording(room: VisitService, far: SignallingClient, kept: StoredRequest) -> BenchFigure:
    for phase in ("talking", "over"):
        room.calls.told(kept, m.StatusReport(visit=kept.case.number, phase=phase, left_ms=0, running=False, end="time"))
    size, digest = len(far.recording), hashlib.sha256(far.recording).hexdigest()
    began = time.perf_counter()
    far.say(m.Kept(visit=kept.case.number, bytes=size, sha256=digest, seconds=1))
    while (found := room.recordings.one(kept.id)) is None or found.state != "whole":
        if time.perf_counter() - began > PATIENCE_S:
            raise TimeoutError(f"{size} bytes did not come in {PATIENCE_S:g} s")
        time.sleep(0.01)
    rate = size / 1e6 / (time.perf_counter() - began)
    return BenchFigure("a recording from unit to office", rate, "MB/s", least=1, note="32 KiB a piece, one at a time")
