"""A real visit on loopback: the visit process in a process of its own, headless Chromium as the family's station.

Both draw the moment into their pictures and read it back at the other end, as it would be seen: in the browser where
the frame is presented, on the unit where the screen takes it from memory. What camera, panel and a person's network
add comes on top.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
from av import VideoFrame
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.bench.bench_figures import BenchFigure, median, p95
from deploy.bench.latency import measure, xvfb
from deploy.bench.weak_line import Shape, WeakLine
from deploy.bench.whole_unit import UnitUnderTest, wait
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.visit_media import CountingEarpiece, DrawnCamera, Tone
from hardware.twins.control_client import TwinControlClient
from kiosk_firmware.settings import unit_toml
from kiosk_firmware.settings.unit_toml import UnitSettings
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.runtime.run_facts import pseudonym
from kiosk_firmware.visit.unit import synthetic_camera
from kiosk_firmware.visit.wire import paths
from kiosk_firmware.visit.wire.json_lines_socket import JsonLinesConnection, Listener, connect
from kiosk_firmware.visit.wire.messages import (
    ENCODE,
    Answered,
    CallRules,
    Invited,
    Offered,
    Peer,
    Said,
    StatusReport,
    Up,
    decode_up,
)
from kiosk_firmware.visit.wire.shared_frames import FAR, Reader

VISIT = "HJ000001"
DESK = DeviceTables(camera=DrawnCamera(), microphone=Tone(), earpiece=CountingEarpiece())
CARD, LEARNER = "9900700000000932", "l-000932"
PLEDGE = ("visit.on", "visit.on", "visit.on", "visit.on", "visit.sign")
ENOUGH, GO_ON, KEYS = (215, 638), (592, 638), (615, 660)
"""Two keys of the page of the talk, and the lines of the glass that hold keys and nothing that moves."""
TALKING = "visiting.title.talking"
GROWS_S = 10.0
"""From the least that a line begins with to fifteen pictures a second, at most."""
LOST = "window.bench.lost().then(arguments[0])"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--autoplay-policy=no-user-gesture-required",
)


class VisitProcessUnderTest:
    """The process, and its agent's end."""

    def __init__(self, unit: Path, state: Path, learner: str = "") -> None:
        """Lay an invitation down; nothing runs yet. `learner`: the pseudonym that is awaited."""
        self.folder = state / paths.FOLDER
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{VISIT}{paths.INVITED}").write_bytes(ENCODE(_invited(learner)))
        self._command = [
            sys.executable,
            "-m",
            "kiosk_firmware.cli",
            "visit",
            "--unit",
            str(unit),
            "--state",
            str(state),
        ]
        self._listener = Listener(self.folder / paths.AGENT)
        self._listener.fresh()
        self._log = (self.folder / "roof.log").open("wb")
        self.heard: list[Up] = []
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process once somebody wants it."""
        wait((self.folder / paths.START).exists, "the roof to be wanted")
        self.process = subprocess.Popen(self._command, stdout=self._log, stderr=self._log)
        self._line = _met(self._listener.fresh)

    def begin(self) -> None:
        """Begin with the other side there."""
        self._line.say(ENCODE(Peer(visit=VISIT, end="station", here=True)))
        wait(lambda: self.last(StatusReport, phase="ready") is not None, "both to have signed")

    def answer(self, session: int, sdp: str) -> str:
        """Return the unit's answer to an offer of the station."""
        self._line.say(ENCODE(Offered(visit=VISIT, end="station", session=session, sdp=sdp)))
        wait(lambda: self.last(Answered, session=session) is not None, "the unit's answer")
        return str(self.last(Answered, session=session).sdp)

    def last(self, kind: type[Any], **fields: object) -> Any:
        """Return the newest message of that kind with those fields, or None."""
        self.heard += [decode_up(line) for line in self._line.turn()]
        found = (one for one in reversed(self.heard) if isinstance(one, kind))
        return next((one for one in found if all(getattr(one, key) == value for key, value in fields.items())), None)

    def spent_s(self) -> float:
        """Return the processor time of the process so far, in seconds."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def close(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
        self._log.close()
        self._listener.close()


def _met(look: Callable[[], JsonLinesConnection | None]) -> JsonLinesConnection:
    found: list[JsonLinesConnection] = []

    def has_met() -> bool:
        line = look()
        found.extend([line] if line is not None else [])
        return bool(found)

    wait(has_met, "the roof")
    return found[0]


def _invited(learner: str) -> Invited:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    seal = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return Invited(
        visit=VISIT,
        begins_ms=utc_ms(),
        learner=learner,
        language="zh",
        people=1,
        rules=CallRules(),
        ice=(),
        seal=seal,
        token="t",
    )


@contextmanager
def station() -> Iterator[Any]:
    """Open Chromium with the bench's page."""
    from selenium import webdriver  # what the tests install
    from selenium.webdriver.chrome.service import Service

    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        raise LookupError("no chromium and chromedriver here")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in FLAGS:
        options.add_argument(flag)
    browser = webdriver.Chrome(options, Service(driver))
    try:
        browser.execute_script(resources.files("deploy.bench").joinpath("visit.js").read_text("utf-8"))
        yield browser
    finally:
        browser.quit()


def call(browser: Any, visit_process: VisitProcessUnderTest, session: int, line: WeakLine | None = None) -> float:
    """Make one call, from the browser's first step to its first picture, in ms; through that line, where
    there is one.
    """
    sdp = browser.execute_async_script("window.bench.offer().then(arguments[0])")
    answer = visit_process.answer(session, line.offered(sdp) if line else sdp)
    answer = line.answered(answer) if line else answer
    browser.execute_script("window.bench.pc.setRemoteDescription({type: 'answer', sdp: arguments[0]})", answer)
    wait(lambda: browser.execute_script("return window.bench.first") is not None, "the first picture")
    return float(browser.execute_script("return window.bench.first"))


def visit(quick: bool) -> Iterator[BenchFigure]:
    """Measure set-up, delay both ways, pictures a second, processor; the same over a weak line."""
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as scratch, station() as browser:
        state = Path(scratch)
        made = UnitSettings(unit_toml.UnitTable("jia-visit-01", "jia", "visit"), devices=DESK)
        (state / "unit.toml").write_text(unit_toml.settings_toml(made), encoding="utf-8")
        visit_process = VisitProcessUnderTest(state / "unit.toml", state)
        (visit_process.folder / paths.START).write_text(VISIT, encoding="ascii")
        try:
            visit_process.start()
            screen = _met(lambda: connect(visit_process.folder / paths.SCREEN))
            screen.say(ENCODE(Said("sign")))
            visit_process.begin()
            yield from _measured(visit_process, browser, quick)
            yield from _weakly(visit_process, browser, quick)
            screen.close()
        finally:
            visit_process.close()


def taps(quick: bool) -> Iterator[BenchFigure]:
    """Measure from finger to glass on the page of the talk, with both films above it; what screen and visit process
    spend meanwhile.
    """
    unit = UnitUnderTest("visit")
    made = unit_toml.read_settings(unit.folder / "unit.toml")
    devices = msgspec.structs.replace(made.devices, **dict(DESK.named()))
    made = msgspec.structs.replace(made, devices=devices)
    (unit.folder / "unit.toml").write_text(unit_toml.settings_toml(made), encoding="utf-8")
    visit_process = VisitProcessUnderTest(
        unit.folder / "unit.toml", unit.folder, pseudonym(unit_toml.site_key(made, unit.folder), LEARNER)
    )
    try:
        with xvfb() as display, unit.twins() as twins, unit.screen(display) as screen, station() as browser:
            _come_in(unit, twins, visit_process)
            call(browser, visit_process, 1)
            wait(lambda: (unit.hand().get("page") or {}).get("title", {}).get("key") == TALKING, "both to talk")
            found = measure(display, screen.pid, ENOUGH, GO_ON, rounds=8 if quick else 30, rows=KEYS)
    finally:
        visit_process.close()
        unit.close()
    note = f"median {found.pressed_p50} ms, {found.rounds} taps"
    yield BenchFigure("visit: press → pressed look p95, films above", found.pressed_p95, "ms", note=note)
    note = f"median {found.page_p50} ms"
    yield BenchFigure("visit: release → next page p95, films above", found.page_p95, "ms", note=note)
    yield BenchFigure("visit: processor of the screen, two films", round(found.idle_cpu * 100, 1), "% of a core")


def _come_in(unit: UnitUnderTest, twins: TwinControlClient, visit_process: VisitProcessUnderTest) -> None:
    """Go through card, undertaking, camera and sound, to the waiting room."""
    wait(lambda: twins.do("insert_card", card=CARD)["ok"], "the slot to take the card")
    wait(lambda: twins.do("take_card")["ok"], "the card to come out")
    _press(unit, "visit.start")
    visit_process.start()
    for key in PLEDGE:
        _press(unit, key)
    for _ in range(2):
        wait(lambda: (unit.hand().get("page") or {}).get("body", {}).get("icon", "").startswith("live-"), "the camera")
        _press(unit, "visit.yes")
    visit_process.begin()


def _press(unit: UnitUnderTest, key: str) -> None:
    """Press a key on whichever page has it, until that page is left."""
    wait(lambda: key in [one["name"] for one in (unit.hand().get("page") or {}).get("keys", ())], f"key {key}")
    unit.tap(unit.step().split("#")[0], key)


def _measured(visit_process: VisitProcessUnderTest, browser: Any, quick: bool) -> Iterator[BenchFigure]:
    setups = [call(browser, visit_process, session) for session in range(1, 6 if quick else 21)]
    wait(lambda: visit_process.last(StatusReport, phase="talking") is not None, "both to talk")
    yield _figure("offer → first picture", setups, 3000)
    _passed(visit_process, GROWS_S)
    browser.execute_script("window.bench.delays.length = window.bench.frames = 0")
    seconds, began, spent = (5.0 if quick else 30.0), time.monotonic(), visit_process.spent_s()
    inward = _inward(visit_process, began + seconds)
    passed = time.monotonic() - began
    outward, frames = browser.execute_script("return [window.bench.delays, window.bench.frames]")
    for name, found in (("unit → browser", outward), ("browser → unit", inward)):
        yield _figure(f"glass to glass, {name}", found, 400)
    yield BenchFigure("visit: pictures a second in the browser", frames / passed, "/s", least=15)
    yield BenchFigure("visit: pictures a second on the unit", len(inward) / passed, "/s", least=15)
    yield BenchFigure(
        "visit: processor of the roof, recording too", (visit_process.spent_s() - spent) / passed * 100, "% of a core"
    )


def _weakly(visit_process: VisitProcessUnderTest, browser: Any, quick: bool) -> Iterator[BenchFigure]:
    """Measure the same over a weak line, once the picture has found its size."""
    settle_s, seconds = (10.0, 10.0) if quick else (40.0, 60.0)
    with running_loop() as loop:
        line: WeakLine = asyncio.run_coroutine_threadsafe(_weak(), loop).result()
        call(browser, visit_process, 1000, line)
        _passed(visit_process, settle_s)
        before = browser.execute_async_script(LOST)
        browser.execute_script("window.bench.delays.length = window.bench.frames = 0")
        _passed(visit_process, seconds)
        after = browser.execute_async_script(LOST)
        delays, frames, height = browser.execute_script(
            "return [window.bench.delays, window.bench.frames, window.bench.video.videoHeight]"
        )
        loop.call_soon_threadsafe(line.close)
    share = (after["concealed"] - before["concealed"]) / (after["all"] - before["all"])
    shape = "300 kbit/s, 2 % loss, 200 ms"
    yield BenchFigure("visit: weak line, sound that had to be made up", share * 100, "%", most=5, note=shape)
    yield BenchFigure(
        "visit: weak line, pictures a second in the browser", frames / seconds, "/s", note=f"{height} lines"
    )
    yield _figure("weak line, glass to glass, unit → browser", delays, None)


async def _weak() -> WeakLine:
    line = WeakLine(Shape())
    await line.start()
    return line


@contextmanager
def running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Yield a loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _passed(visit_process: VisitProcessUnderTest, seconds: float) -> None:
    """Let time pass, hearing the visit process."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        visit_process.last(StatusReport)
        time.sleep(0.05)


def _figure(name: str, found: Sequence[float], most: float | None) -> BenchFigure:
    return BenchFigure(f"visit: {name} p95", p95(found), "ms", most=most, note=f"median {median(found):.0f} ms")


def _inward(visit_process: VisitProcessUnderTest, until: float) -> list[int]:
    """Measure the age of each picture of the station when the screen can have it, in ms."""
    reader, count, found = Reader(visit_process.folder / FAR), 0, []
    while time.monotonic() < until:
        visit_process.last(StatusReport)
        if (picture := reader.newer(count)) is not None:
            count = picture.count
            frame = VideoFrame(picture.width, picture.height, "rgb24")
            frame.planes[0].update(picture.rgb)
            if (stamp := synthetic_camera.read_stamp(frame)) is not None:
                found.append(synthetic_camera.delay_ms(stamp, utc_ms()))
        time.sleep(0.005)
    return found
