"""A real visit with everything that it needs, joined: the office, a broker, an agent, a screen offscreen, the visit
process, and real Chromium as the family's station and as the officer, with fake cameras.

Requested, approved, signed in on both sides, talked, looked on at, muted and ended, listened to, and played by nobody
after its days. The short one is the media's alone; the whole one is `long`.
"""

from __future__ import annotations

import signal
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from kiosk_firmware.unit.runtime.run_facts import pseudonym
from kiosk_firmware.visit.wire import paths
from kiosk_firmware.visit.wire.shared_frames import FAR, SELF, Reader
from tests.office.conftest import shot, wait
from tests.office.visitors import Visitors, approved, asked, cheap_words, signed_in
from tests.stories.test_visit_unit import LEARNER, PLEDGE, Unit

pytestmark = [pytest.mark.browser, pytest.mark.broker, pytest.mark.glass, pytest.mark.long]
UNIT = "jia-atm-01"
PLAYED = "[...document.querySelectorAll('video')].map((one) => one.videoWidth)"
HEARD = """
const done = arguments[0];
const stream = document.querySelector('#far').srcObject, context = new AudioContext();
const ear = context.createAnalyser(), wave = new Float32Array(ear.fftSize);
context.createMediaStreamSource(stream).connect(ear);
setTimeout(() => { ear.getFloatTimeDomainData(wave); done(Math.max(...wave.map(Math.abs))); context.close(); }, 500);
"""


class Whole(Visitors):
    """The visitors, and a whole unit at the same broker."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "o", UNIT)
        self.unit = Unit(folder / "u", self.port, machines=("visit",))
        self.unit.start_agent()
        self.unit.start()
        self.folder = self.unit.state / paths.FOLDER
        self.learner = pseudonym((self.unit.state / "site.key").read_bytes().strip(), LEARNER)

    def close(self) -> None:
        self.unit.close()
        super().close()

    def learner_signs_in(self) -> None:
        """Card, undertaking, camera and sound, to the waiting room."""
        self.unit.wait_line("visiting.today.now")
        self.unit.hold_card()
        self.unit.tap("visit.start")
        self.unit.start_visit_process()
        for key in PLEDGE:
            self.unit.tap(key)
        self.unit._until(lambda seen: seen["page"]["body"].get("icon") == "live-self", "one's own picture")
        self.unit.tap("visit.yes")
        self.unit.tap("visit.yes")


@pytest.fixture
def whole():
    """In a short folder: sockets lie in it."""
    with cheap_words(), tempfile.TemporaryDirectory(prefix="visit-") as folder:
        for name in ("o", "u"):
            (Path(folder) / name).mkdir()
        made = Whole(Path(folder))
        try:
            made.open()
            yield made
        finally:
            made.close()


def test_from_the_request_to_the_day_when_nothing_can_be_played(whole):
    number = asked(whole, whole.learner)
    approved(whole, number)
    wait(lambda: (whole.folder / f"{number}.json").exists(), "the unit to be invited")
    signed_in(whole, number)
    whole.learner_signs_in()
    talks(whole)
    cut_and_mended(whole)
    supervised(whole, number)
    whole.unit.wait_step("visit-over")
    whole.as_("station")
    wait(lambda: whole.sees("[data-end=phone]"), "the station to be told why it is over")
    listened_to(whole, number)
    forgotten(whole, number)


def talks(whole: Whole) -> None:
    """Both see and hear each other."""
    whole.unit.wait_title("visiting.title.talking")
    whole.as_("station")
    wait(lambda: whole.js("document.querySelector('#far').videoWidth") > 0, "the learner's picture")
    wait(lambda: whole.sees("#left"), "the clock")
    wait(lambda: whole.browser.execute_async_script(HEARD) > 0.01, "the learner's voice")
    far, own = Reader(whole.folder / FAR), Reader(whole.folder / SELF)
    first = wait(lambda: far.newer(0), "the family's picture") or far.newer(0)
    wait(lambda: (far.newer(0).count > first.count + 10) and own.newer(0), "it moves")
    shot(whole.browser, "whole-station")


def cut_and_mended(whole: Whole) -> None:
    """Nothing comes from the unit any more, until the station gives its line up; then all of it is there again."""
    whole.as_("station")
    state = "window.kioskCall.pc ? window.kioskCall.pc.connectionState : 'none'"
    wait(lambda: notice(whole) == "", "a good line")
    whole.unit.signal("roof", signal.SIGSTOP)
    wait(lambda: notice(whole) == "lost", "the family to be told", 5)
    wait(lambda: whole.js(state) != "connected", "the station to notice")
    whole.unit.signal("roof", signal.SIGCONT)
    back = time.monotonic()
    wait(lambda: whole.js(state) == "connected", "a line again")
    far = Reader(whole.folder / FAR)
    seen = far.newer(0).count
    wait(lambda: far.newer(0).count > seen + 5, "the family's picture to move again")
    print(f"back {time.monotonic() - back:.1f} s after the line's return")
    whole.unit.wait_title("visiting.title.talking")


def notice(whole: Whole) -> object:
    return whole.js("document.querySelector('#notice').dataset.notice")


def supervised(whole: Whole, number: str) -> None:
    """An officer sees and hears both, warns, and ends it."""
    whole.as_("officer", f"visits/{number}/watch")
    wait(lambda: len(whole.js(PLAYED)) == 2 and all(whole.js(PLAYED)), "both pictures at the officer's")
    shot(whole.browser, "whole-officer")
    whole.press("[data-act=warn]")
    whole.unit.wait_line("visiting.notice.warned")
    whole.browser.find_element(By.CSS_SELECTOR, "#reason option[value=phone]").click()
    whole.press("[data-act=end]")
    whole.browser.switch_to.alert.accept()


def listened_to(whole: Whole, number: str) -> None:
    """What the visit process sealed comes to the office piece by piece, is played, and is marked."""
    wait(lambda: not list(whole.folder.glob("*.kvs")), "the recording to be fetched, and gone from the unit")
    whole.as_("officer", f"visits/{number}/listen")
    wait(lambda: whole.js("document.querySelector('video').videoWidth") == 640, "both sides in one picture")
    assert whole.js("document.querySelector('video').error") is None
    shot(whole.browser, "whole-listen")
    whole.follow(".go")


def forgotten(whole: Whole, number: str) -> None:
    """Its days are over: the key goes first, and nothing is played to anybody."""
    film = f"fetch('/visits/{number}/film/0').then((one) => arguments[0](one.status))"
    assert whole.browser.execute_async_script(film) == 200
    with closing(sqlite3.connect(whole.processes.folder / "office" / "visits.db", timeout=20)) as db:
        db.execute("UPDATE recordings SET until_ms = 1")
        db.commit()
    assert whole.browser.execute_async_script(film) in (404, 410)
