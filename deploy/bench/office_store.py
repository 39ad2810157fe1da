"""The office's store by itself, without a wire: decode, books, sums, commit, in batches as the collector gives them.

On SQLite and, where it is installed, on a PostgreSQL of our own. The same facts again must add no row. Then what a
thousand quiet units cost the broker, in bytes of its memory.
"""

from __future__ import annotations

import socket
import ssl
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from deploy.bench.bench_figures import BenchFigure
from deploy.office.temporary_postgres import Cluster, ClusterError
from kiosk_firmware.office.database.connection import Where
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.office.pki import certificate_authority
from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.tools.demo.mosquitto import free_port, start, start_private
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.envelope import Fact, encode

SITE, BATCH, UNITS = "bench", 500, 50
NOW = 1_700_000_000_000
DATA = b'{"run":"r-1","step":"pin","prompt":0,"slips":0,"ms":5000}'
QUIET = 5_000


def facts(count: int, units: int = UNITS) -> Iterator[IncomingMessage]:
    """Yield so many facts of so many units, in turn."""
    for n in range(count):
        unit = f"bench-{n % units:05d}"
        told = Fact("00000000000bec44", n // units + 1, NOW + n, "step.ended", DATA)
        wire = encode(SITE, unit, told, "synced")
        yield IncomingMessage(topics.topic(SITE, unit, "evt", "step-ended"), wire, NOW + n)


def measure_commit(store: FactStore, messages: list[IncomingMessage]) -> tuple[float, float, int]:
    """Return facts a second, microseconds of our own processor for each, and how many were new."""
    began, busy, new = time.perf_counter(), time.process_time(), 0
    for at in range(0, len(messages), BATCH):
        new += store.apply(messages[at : at + BATCH]).stored
    spent = (time.process_time() - busy) / len(messages)
    return len(messages) / (time.perf_counter() - began), spent * 1e6, new


def stores(quick: bool = False) -> Iterator[BenchFigure]:
    """Measure both databases."""
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as scratch:
        yield from _store("SQLite", Path(scratch) / "office.db", quick, 20_000)
    try:
        cluster = Cluster()
    except ClusterError as error:
        yield BenchFigure("office: store, PostgreSQL", why=str(error))
        return
    try:
        yield from _store("PostgreSQL", cluster.url("bench"), quick, 25_000)
    finally:
        cluster.close()


def _store(name: str, where: Where, quick: bool, least: float) -> Iterator[BenchFigure]:
    messages = list(facts(10_000 if quick else 100_000))
    with closing(FactStore(where)) as store:
        measure_commit(store, messages[:BATCH])  # tables, months and books are there
        rate, spent, _ = measure_commit(store, messages[BATCH:])
        again, _, new = measure_commit(store, messages)
    note = f"{spent:.0f} µs of the collector's processor each"
    least_ = None if quick else least
    yield BenchFigure(f"office: store, {name}, batches of {BATCH}", round(rate), "/s", least=least_, note=note)
    yield BenchFigure(
        f"office: the same again, {name}", round(again), "/s", note=f"{len(messages)} twice: {new} new rows"
    )


def quiet(quick: bool = False) -> Iterator[BenchFigure]:
    """Yield what units that only are there cost the broker."""
    count = 500 if quick else QUIET
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as scratch, ExitStack() as open_:
        broker, port = start_private(Path(scratch))
        open_.callback(_ended, broker)
        before = _resident_kib(broker.pid)
        for n in range(count):
            open_.enter_context(closing(_client(port, f"bench-{n:05d}")))
        used = (_resident_kib(broker.pid) - before) / 1024
    yield BenchFigure(f"office: broker, {count} quiet units, plain", round(used, 1), "MiB", most=50)


def measure_broker_tls(quick: bool = False) -> Iterator[BenchFigure]:
    """Measure the same with mutual TLS, by the shipped configuration but for one line: all bear one
    certificate here.
    """
    count = 200 if quick else QUIET
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as scratch, ExitStack() as open_:
        folder = Path(scratch)
        certificate_authority.found_authority(
            folder / "office" / "trust", folder / "stick", "only for this measure", now_ms()
        )
        place, port = TrustFolder(folder / "office"), free_port()
        place.set_up_broker(["127.0.0.1"], port, folder / "broker", "127.0.0.1")
        place.certificate("office-collector", folder / "papers")
        config = folder / "broker" / "mosquitto.conf"
        config.write_text(config.read_text().replace("use_username_as_clientid true\n", ""))
        broker = start(config, port)
        open_.callback(_ended, broker)
        context = ssl.create_default_context(cafile=str(folder / "papers" / "root.pem"))
        context.load_cert_chain(*(str(folder / "papers" / f"office-collector.{end}") for end in ("pem", "key")))
        before, busy = _resident_kib(broker.pid), time.perf_counter()
        for n in range(count):
            open_.enter_context(closing(_client(port, f"bench-{n:05d}", context)))
        each = (time.perf_counter() - busy) / count * 1000
        used = (_resident_kib(broker.pid) - before) / 1024
    note = f"{each:.1f} ms each to come in, both sides"
    yield BenchFigure(f"office: broker, {count} quiet units, mutual TLS", round(used, 1), "MiB", most=300, note=note)


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


def _client(port: int, name: str, context: ssl.SSLContext | None = None) -> socket.socket:
    """Open a connection as MQTT 3.1.1 does, kept session, keep-alive 120 s."""
    made: socket.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
    if context is not None:
        made = context.wrap_socket(made, server_hostname="127.0.0.1")
    body = b"\x00\x04MQTT\x04\x00\x00\x78" + struct.pack(">H", len(name)) + name.encode()
    made.sendall(b"\x10" + bytes([len(body)]) + body)
    if made.recv(4)[:2] != b"\x20\x02":
        raise ConnectionError(f"{name}: no CONNACK")
    return made


def _resident_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
