"""From the unit's publish to the office's row: how long one fact takes, rows a second under load, and how fast a
collector drains what the broker has kept for it.

A broker of our own, a collector in its process, and a publisher as units are: QoS 1, 20 under way. A fact counts as
committed when its ack is heard, so the figures include the way back. `rows` are published as fast as they go; the
latency run is paced at `pace` a second. Under load one publisher is the limit; a backlog shows the collector
itself: it was away while `rows` were published, and the time runs from its first ack to its last. Figures depend on the
disk: each commit waits for it.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from kiosk_firmware.office.database.connection import Where
from kiosk_firmware.office.ingest.collector import collect
from kiosk_firmware.office.shared_state import SharedState
from kiosk_firmware.tools.demo.mosquitto import start_private
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.envelope import Fact, encode
from kiosk_firmware.wire.mqtt import BrokerLink, MqttMessage

SITE, UNIT = "bench", "bench-01"
GIVE_UP_S = 60.0


class Publisher:
    """A unit that publishes and remembers when each number was committed."""

    def __init__(self, broker: BrokerSettings) -> None:
        """Take the broker's settings; nothing is opened yet."""
        self.acked = 0
        self.committed: dict[int, float] = {}
        self.link = BrokerLink(broker, UNIT, topics.unit_filters(SITE, UNIT), self._hear)
        self._epoch = "00000000000bec44"

    def _hear(self, message: MqttMessage) -> None:
        if not message.topic.endswith("/ack"):
            return
        upto = json.loads(message.payload)["upto"]
        now = time.perf_counter()
        for seq in range(self.acked + 1, upto + 1):
            self.committed[seq] = now
        self.acked = max(self.acked, upto)

    def publish(self, seq: int) -> None:
        """Send fact number `seq`."""
        data = b'{"run":"r-1","step":"pin","prompt":0,"slips":0,"ms":5000}'
        fact = Fact(self._epoch, seq, 1_700_000_000_000 + seq, "step.ended", data)
        self.link.publish(topics.topic(SITE, UNIT, "evt", "step-ended"), encode(SITE, UNIT, fact, "synced"))

    def until(self, seq: int) -> None:
        """Wait for the commit of `seq`.

        Raises:
            TimeoutError: it did not come.
        """
        deadline = time.monotonic() + GIVE_UP_S
        while self.acked < seq:
            self.link.turn(0.005)
            if time.monotonic() > deadline:
                raise TimeoutError(f"fact {seq} was not committed; {self.acked} are")


def measure(folder: Path, where: Where, rows: int = 20_000, paced: int = 600, pace: float = 300.0) -> dict[str, float]:
    """Run all measurements in `folder` and into the database `where`, the collector in a process of its own as in life.

    Returns:
        `rows_per_s`, `drained_per_s` and `drained_us` (the collector's processor for each), and `commit_p50_ms`,
        `commit_p99_ms` from publish to the heard ack.
    """
    process, port = start_private(folder / "broker")
    publisher = Publisher(BrokerSettings(port=port))
    try:
        with collector(port, where):
            _warm(publisher)
            found = _paced(publisher, paced, pace)
            found["rows_per_s"] = _flood(publisher, rows)
        first = _left_with_the_broker(publisher, rows)
        with collector(port, where) as office:
            return {**found, **_drained(publisher, office.pid or 0, first, rows)}
    finally:
        publisher.link.close()
        process.terminate()
        process.wait()


@contextmanager
def collector(port: int, where: Where) -> Iterator[BaseProcess]:
    """Start a collector in a process of its own, which is terminated at the end."""
    office = multiprocessing.get_context("spawn").Process(target=_collect, args=(port, where))
    office.start()
    try:
        yield office
    finally:
        office.terminate()
        office.join()


def _collect(port: int, where: Where) -> None:
    """Run the collector's process, until it is terminated."""
    collect(BrokerSettings(port=port), where, SharedState(), threading.Event())


def _warm(publisher: Publisher) -> None:
    """Connect both sides; the first fact may be sent before anybody listens, so it is repeated."""
    deadline = time.monotonic() + GIVE_UP_S
    while publisher.acked < 1:
        publisher.link.turn(0.05)
        publisher.publish(1)
        if time.monotonic() > deadline:
            raise TimeoutError("no collector answered")


def _paced(publisher: Publisher, count: int, pace: float) -> dict[str, float]:
    first, sent = publisher.acked + 1, dict[int, float]()
    start = time.perf_counter()
    for seq in range(first, first + count):
        while time.perf_counter() < start + (seq - first) / pace:
            publisher.link.turn(0.0005)
        sent[seq] = time.perf_counter()
        publisher.publish(seq)
    publisher.until(first + count - 1)
    took = sorted((publisher.committed[seq] - sent[seq]) * 1000 for seq in sent)
    return {"commit_p50_ms": round(took[count // 2], 1), "commit_p99_ms": round(took[int(count * 0.99)], 1)}


def _left_with_the_broker(publisher: Publisher, count: int) -> int:
    """Publish facts that nobody collects yet; return the first one's number."""
    first = publisher.acked + 1
    for seq in range(first, first + count):
        publisher.publish(seq)
        if seq % 10 == 0:
            publisher.link.turn(0)
    deadline = time.monotonic() + GIVE_UP_S
    while publisher.link.under_way:
        publisher.link.turn(0.005)
        if time.monotonic() > deadline:
            raise TimeoutError(f"{publisher.link.under_way} facts did not reach the broker")
    return first


def _drained(publisher: Publisher, pid: int, first: int, count: int) -> dict[str, float]:
    publisher.until(first)
    began, busy, had = time.perf_counter(), _busy_us(pid), publisher.acked
    publisher.until(first + count - 1)
    told = first + count - 1 - had
    spent = (_busy_us(pid) - busy) / told
    return {"drained_per_s": round(told / (time.perf_counter() - began)), "drained_us": round(spent, 1)}


def _busy_us(pid: int) -> float:
    """Return the processor time that a process has used, in µs."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1e6


def _flood(publisher: Publisher, count: int) -> float:
    first = publisher.acked + 1
    start = time.perf_counter()
    for seq in range(first, first + count):
        publisher.publish(seq)
        if seq % 10 == 0:
            publisher.link.turn(0)
    publisher.until(first + count - 1)
    return round(count / (time.perf_counter() - start))
