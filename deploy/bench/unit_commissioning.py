"""Twenty units, one person, one afternoon: simulated with a technician's minutes, with the software's share measured.

The person has two hands and does one thing at a time; two card writers and the units themselves work beside. What the
software does (files and labels of the batch, then each unit's dialogue with the desk over HTTPS) is done for real,
with twenty units, and its seconds are put in. The minutes of hands are estimates for somebody who does it the first
time with `docs/en/technician/commission.md` beside them; `HANDS` is the place to put in what a pilot measures.

The enrolment file is copied onto the card while it is in the writer, and the unit uses it at its first boot: a USB
drive that goes from unit to unit, and a sheet printed at each, would cost 20 minutes more.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from deploy.bench.bench_figures import BenchFigure
from kiosk_firmware.office.pki import batch_enrolment, certificate_authority, enrolment_server
from kiosk_firmware.office.pki.trust_folder import DESK, TrustFolder
from kiosk_firmware.office.pki.unit_register import Register
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.unit.identity.unit_identity import UnitTrust
from kiosk_firmware.wire.enrolment_client import Https, ask_desk
from kiosk_firmware.wire.enrolment_messages import Grant

UNITS, WRITERS = 20, 2
HOURS = 4.0


class Hands(msgspec.Struct, frozen=True):
    """Minutes. `once`: laptop up, labels printed, at the end all sheets. `write`: a card in a writer, by itself. Then
    for each unit: put the card in and the label on; cables and parts; boot, by itself; on the glass its kind and the
    supervisor's code, twice, while it enrols; self-test with a card, a note, a slip; read its ticks, have its sheet
    made. Every `faulty`-th unit has a loose plug, and costs `remedy` more.
    """

    once: float = 17
    load: float = 0.5
    write: float = 6
    card: float = 1
    cables: float = 3
    boot: float = 1.5
    glass: float = 0.7
    test: float = 3.5
    ticks: float = 0.6
    faulty: int = 8
    remedy: float = 9


HANDS = Hands()


def simulate_commissioning(units: int, once_s: float, each_s: float, hands: Hands = HANDS) -> float:
    """Simulate the hours until the last sheet is signed; `once_s`, `each_s`: the software's seconds, once and for each
    unit.

    A free writer comes first (half a minute of hands buys six of the machine), then whatever is furthest along.
    """
    now = hands.once + once_s / 60
    writers = [now] * WRITERS
    written: list[float] = []
    booting: list[float] = []
    loaded = done = 0
    while done < units:
        if loaded < units and min(writers) <= now:
            loaded += 1
            now += hands.load
            writers[writers.index(min(writers))] = now + hands.write
            written = sorted([*written, now + hands.write])
        elif booting and booting[0] <= now:
            booting.pop(0)
            done += 1
            now += hands.glass + hands.test + hands.ticks + each_s / 60 + (0 if done % hands.faulty else hands.remedy)
        elif written and written[0] <= now:
            written.pop(0)
            now += hands.card + hands.cables
            booting.append(now + hands.boot)
        else:
            now = min([*written[:1], *booting[:1], *([min(writers)] if loaded < units else [])])
    return now / 60


def software(folder: Path, units: int) -> tuple[float, float, int]:
    """Do the software's part. Returns its seconds once, its seconds for each unit, and how many units are trusted."""
    place = TrustFolder(folder / "office")
    certificate_authority.found_authority(place.folder, folder / "stick", "of the bench alone", now_ms())
    place.set_up_broker(["127.0.0.1"], 8883, folder / "broker")
    place.certificate(DESK, place.folder)
    listening = enrolment_server.listen("127.0.0.1", 0)
    server = enrolment_server.server(place.desk(), place.folder / f"{DESK}.pem", place.folder / f"{DESK}.key")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        begin = time.perf_counter()
        rows = [batch_enrolment.BatchRow(f"jia-unit-{number:02}", "jia", "atm") for number in range(1, units + 1)]
        register = Register(place.folder / "trust.db")
        batch_enrolment.write(place, register, rows, folder / "files", f"127.0.0.1:{listening.getsockname()[1]}", 24)
        middle = time.perf_counter()
        trusted = sum(_enrolled(folder, row.unit) for row in rows)
        return middle - begin, (time.perf_counter() - middle) / units, trusted
    finally:
        server.should_exit = True
        thread.join()


def _enrolled(folder: Path, name: str) -> bool:
    member = UnitTrust(folder / "units" / name)
    file = member.read_file(folder / "files" / f"{name}{batch_enrolment.ENDING}", now_ms())
    grant = ask_desk(member, Https(file.desk, member.root_file), member.apply(file.unit, code=file.code))
    return isinstance(grant, Grant) and member.accept(grant, now_ms()).unit == name


def afternoon(quick: bool = False) -> Iterator[BenchFigure]:
    """Yield the figures of the bench; the first line says what they are."""
    yield BenchFigure(
        "A SIMULATION: the hands' minutes are estimates, the software's are measured", float(UNITS), "units"
    )
    with tempfile.TemporaryDirectory(prefix="kiosk-afternoon-") as folder:
        once, each, trusted = software(Path(folder), UNITS)
    yield BenchFigure("enrolment of one unit, software", each * 1000, "ms", note=f"{trusted} of {UNITS} trusted")
    hours = simulate_commissioning(UNITS, once, each)
    yield BenchFigure(f"{UNITS} units into service, one person", hours, "h", most=HOURS, note="hands simulated")
