"""A whole visit in real Chromium, with a fake camera, over a real broker: asked for, approved, signed in, talked,
supervised, ended, listened to, gone. The unit is played on the wire (`calling.py`).
"""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from kiosk_firmware.calls import messages as m
from kiosk_firmware.calls.sealing import Sealer
from kiosk_firmware.office.database import connect
from kiosk_firmware.office.people import accounts
from kiosk_firmware.office.people.room import People, utc_ms
from kiosk_firmware.visits.store import when
from tests.office.calling import PlayedUnit, film
from tests.office.conftest import Chain, shot, wait

pytestmark = [pytest.mark.browser, pytest.mark.broker, pytest.mark.long]
WORD, LEARNER = "correct horse battery", "1234567890abcdef"
SETTINGS = """
[sites.jia]
name = { zh = "甲监", en = "Site A" }
[visits]
late_min = 60
early_min = 60
"""


class Visit(Chain):
    """Broker, office, a played unit, and one Chromium whose two windows are two people: cookies go by host name."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        office = folder / "office"
        office.mkdir()
        (office / "office.toml").write_text(SETTINGS)
        with closing(connect(office / "office.db")) as db:
            now = utc_ms()
            db.execute("INSERT INTO units(unit, site, kind, online, first_ms, seen_ms, since_ms)"
                       " VALUES('jia-visit-01', 'jia', 'visit', 1, ?, ?, ?)", (now, now, now))
        people = People(office)
        people.accounts.make("test", "sifa-01", "station", ("jia",), WORD)
        people.accounts.make("test", "li-visits", "visits", ("jia",), WORD)
        people.close()
        port = self.processes.broker()
        self.start_office()
        self.unit = PlayedUnit(port)

    def open(self) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for flag in (
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", "--hide-scrollbars",
            "--disable-background-networking", "--use-fake-device-for-media-stream", "--lang=zh-CN",
            "--use-fake-ui-for-media-stream",
        ):  # fmt: skip
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.browser = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
        self.windows = {"station": (self.browser.current_window_handle, self.url)}
        self.browser.switch_to.new_window("window")
        self.windows["officer"] = self.browser.current_window_handle, self.url.replace("127.0.0.1", "localhost")
        for who, name in (("station", "sifa-01"), ("officer", "li-visits")):
            self.as_(who, "login")
            self.type("name", name)
            self.type("word", WORD)
            self.follow(".go")

    def as_(self, who: str, path: str = "") -> webdriver.Chrome:
        handle, url = self.windows[who]
        self.browser.switch_to.window(handle)
        if path:
            self.browser.get(url + path)
        return self.browser

    def type(self, name: str, text: str) -> None:
        field = self.browser.find_element(By.NAME, name)
        field.clear()
        field.send_keys(text)

    def press(self, css: str) -> None:
        self.browser.find_element(By.CSS_SELECTOR, css).click()

    def follow(self, css: str) -> None:
        """Press what leads to another page, and wait until it is there."""
        self.browser.execute_script("window.isOld = true")
        self.press(css)
        wait(lambda: self.js("!window.isOld && document.readyState === 'complete'"), f"the page behind {css}")

    def sees(self, css: str) -> bool:
        return any(one.is_displayed() for one in self.browser.find_elements(By.CSS_SELECTOR, css))

    def js(self, text: str) -> object:
        return self.browser.execute_script(f"return {text}")

    def close(self) -> None:
        if hasattr(self, "browser"):
            self.browser.quit()
        self.unit.close()
        super().close()


@pytest.fixture(scope="module")
def visit(tmp_path_factory):
    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        pytest.skip("no chromium and chromedriver here; on Debian: apt-get install chromium chromium-driver")
    patch = pytest.MonkeyPatch()
    patch.setattr(accounts, "_COST", {"length": 32, "iterations": 1, "lanes": 1, "memory_cost": 64})
    made = Visit(tmp_path_factory.mktemp("visit"))
    try:
        made.open()
        yield made
    finally:
        made.close()
        patch.undo()


def asked(visit: Visit) -> str:
    """The clerk asks for a visit with the family; its number."""
    visit.as_("station", "station/ask")
    visit.type("learner", LEARNER)
    shot(visit.browser, "station-who")
    visit.follow(".primary")
    visit.type("relative0", "r-000001")
    Select(visit.browser.find_element(By.NAME, "proof0")).select_by_value("hukou")
    shot(visit.browser, "station-people")
    visit.follow(".primary")
    shot(visit.browser, "station-when")
    visit.press(".choice")
    visit.follow(".primary")
    shot(visit.browser, "station-check")
    visit.follow(".primary")
    shot(visit.browser, "station-asked")
    return visit.browser.current_url.rpartition("/")[2]


def approved(visit: Visit, number: str) -> None:
    """The officer looks at kinship and rules, and gives it this half hour."""
    visit.as_("officer", f"visits/{number}")
    visit.follow("button[value=prove]")
    shot(visit.browser, "visit-decide")
    day, minute = when(utc_ms())
    visit.browser.execute_script(f"document.querySelector('[name=day]').value = new Date({day} * 86400000).toISOString().slice(0, 10)")
    Select(visit.browser.find_element(By.NAME, "minute")).select_by_value(str(minute // 30 * 30))
    visit.follow("button[value=approve]")
    assert not visit.sees("#no")
    wait(lambda: number in visit.unit.invited, "the unit to be invited")


def signed_in(visit: Visit, number: str) -> None:
    """The family at the station: papers, undertaking, camera and sound."""
    visit.as_("station", f"station/visits/{number}")
    shot(visit.browser, "station-slip")
    visit.follow(".primary")
    for box in visit.browser.find_elements(By.CSS_SELECTOR, "input[type=checkbox]"):
        box.click()
    shot(visit.browser, "station-papers")
    visit.follow(".primary")
    shot(visit.browser, "station-pledge")
    visit.follow(".primary")
    visit.press("#try")
    wait(lambda: visit.sees("#checked"), "the camera")
    wait(lambda: visit.js("document.querySelector('#mirror').videoWidth") == 640, "the camera's picture")
    shot(visit.browser, "station-camera")
    visit.press("#go")


def test_from_the_request_to_the_end_of_the_recording(visit: Visit) -> None:
    number = asked(visit)
    approved(visit, number)
    signed_in(visit, number)
    wait(lambda: visit.unit.of(m.Peer, number), "the unit to hear that the family is there")
    shot(visit.browser, "station-wait")
    visit.unit.sign(number)
    wait(lambda: visit.unit.frames.get("video", 0) > 5 and visit.unit.frames.get("audio", 0) > 5, "the family's media")
    visit.unit.told(number, "talking", 1500)
    wait(lambda: visit.js("document.querySelector('#far').videoWidth") == 320, "the learner's picture")
    wait(lambda: visit.sees("#left"), "the clock")
    shot(visit.browser, "station-talk")

    visit.as_("officer", f"visits/{number}/watch")
    both = "[...document.querySelectorAll('#watch video')].map((one) => one.videoWidth)"
    wait(lambda: visit.js(both) in ([320, 640], [320, 320]), "both pictures at the officer's")
    visit.unit.told(number, "talking", 290, notice="five_left")
    wait(lambda: visit.sees("[data-notice=five_left]"), "the notice")
    shot(visit.browser, "visit-watch")
    visit.press("[data-act=mute][data-end=station]")
    visit.press("[data-act=warn]")
    wait(lambda: [one.act for one in visit.unit.of(m.Ordered, number)] == ["mute", "warn"], "the orders")

    sealed = visit.processes.folder / "sealed"
    with Sealer(sealed, number, visit.unit.invited[number].seal) as sealer:
        sealer.write(film())
    visit.unit.told(number, "over", 0, end="time")
    visit.unit.keep(number, sealed.read_bytes())
    visit.as_("station")
    wait(lambda: visit.sees("[data-end=time]"), "the end to be told")
    shot(visit.browser, "station-over")
    wait(lambda: [one for one in visit.unit.of(m.Fetch, number) if one.last], "the recording to be fetched")

    visit.as_("officer", f"visits/{number}/listen")
    wait(lambda: visit.js("document.querySelector('video').videoWidth") == 64, "the recording to be played")
    shot(visit.browser, "visit-listen")
    visit.follow(".go")
    visit.as_("officer", f"visits/{number}")
    shot(visit.browser, "visit-done")
    assert "复听完毕" in visit.browser.page_source
    errors = [one for one in visit.browser.get_log("browser") if one["level"] == "SEVERE"]
    assert errors == []
