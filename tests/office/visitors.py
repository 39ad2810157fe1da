"""The people of a visit at the office: one real Chromium whose two windows are the family's station and an officer,
over an office and a broker of their own. Which unit they meet is the test's.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from kiosk_firmware.office.accounts import passwords
from kiosk_firmware.office.accounts.service import AccountService, utc_ms
from kiosk_firmware.office.database.connection import connect
from kiosk_firmware.visit.office.appointments import day_and_minute
from tests.office.conftest import Chain, shot, start_chromium, wait

WORD, LEARNER = "correct horse battery", "1234567890abcdef"
SETTINGS = """
[sites.jia]
name = { zh = "甲监", en = "Site A" }
[visits]
late_min = 60
early_min = 180
"""
HALVES = count()
"""No two visits of these windows in one half hour."""


def camera_browser() -> webdriver.Chrome:
    """Start a Chromium with a fake camera."""
    return start_chromium("1280,900", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


class Visitors(Chain):
    """Broker, office and the two: cookies go by host name."""

    def __init__(self, folder: Path, unit: str) -> None:
        """`unit`: the visit unit that the office knows at the site "jia"."""
        super().__init__(folder)
        office = folder / "office"
        office.mkdir()
        (office / "office.toml").write_text(SETTINGS)
        with closing(connect(office / "office.db")) as db:
            now = utc_ms()
            db.execute(
                "INSERT INTO units(unit, site, kind, online, first_ms, seen_ms, since_ms)"
                " VALUES(?, 'jia', 'visit', 1, ?, ?, ?)",
                (unit, now, now, now),
            )
        people = AccountService(office)
        people.accounts.make("test", "sifa-01", "station", ("jia",), WORD)
        people.accounts.make("test", "li-visits", "visits", ("jia",), WORD)
        people.close()
        self.port = self.processes.broker()
        self.start_office()

    def open(self) -> None:
        self.browser = camera_browser()
        self.windows = {"station": (self.browser.current_window_handle, self.url)}
        self.browser.switch_to.new_window("window")
        self.windows["officer"] = self.browser.current_window_handle, self.url.replace("127.0.0.1", "localhost")
        for who, name in (("station", "sifa-01"), ("officer", "li-visits")):
            self.as_(who, "login")
            self.type("name", name)
            self.type("word", WORD)
            self.follow(".go")

    def look(self, name: str) -> None:
        """The page as it stands, for people to judge."""
        shot(self.browser, name)

    def kill_office(self) -> None:
        assert self._office is not None
        self._office.kill()
        self._office.wait()

    def start_again(self) -> None:
        self.start_office("--port", self.url.rstrip("/").rpartition(":")[2])

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
        super().close()


@contextmanager
def cheap_words() -> Iterator[None]:
    """Passwords that cost nothing to try, and a browser to try them in."""
    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        pytest.skip("no chromium and chromedriver here; on Debian: apt-get install chromium chromium-driver")
    patch = pytest.MonkeyPatch()
    patch.setattr(passwords, "COST", {"length": 32, "iterations": 1, "lanes": 1, "memory_cost": 64})
    try:
        yield
    finally:
        patch.undo()


def asked(visit: Visitors, learner: str = LEARNER) -> str:
    """The clerk asks for a visit with the family; its number."""
    visit.as_("station", "station/ask")
    visit.type("learner", learner)
    visit.look("station-who")
    visit.follow(".primary")
    visit.type("relative0", "r-000001")
    Select(visit.browser.find_element(By.NAME, "proof0")).select_by_value("hukou")
    visit.look("station-people")
    visit.follow(".primary")
    visit.look("station-when")
    visit.press(".choice")
    visit.follow(".primary")
    visit.look("station-check")
    visit.follow(".primary")
    visit.look("station-asked")
    return visit.browser.current_url.rpartition("/")[2]


def approved(visit: Visitors, number: str) -> None:
    """The officer looks at kinship and rules, and gives it this half hour."""
    visit.as_("officer", f"visits/{number}")
    visit.follow("button[value=prove]")
    visit.look("visit-decide")
    at_free_half(visit)
    visit.follow("button[value=approve]")
    assert not visit.sees("#no")


def at_free_half(visit: Visitors) -> None:
    """Choose, on the officer's page, a half hour that no other visit has: the earliest."""
    day, minute = day_and_minute(utc_ms() + 30 * 60_000 * next(HALVES))
    day_text = f"new Date({day} * 86400000).toISOString().slice(0, 10)"
    visit.browser.execute_script(f"document.querySelector('[type=date]').value = {day_text}")
    Select(visit.browser.find_element(By.NAME, "minute")).select_by_value(str(minute // 30 * 30))


def signed_in(visit: Visitors, number: str) -> None:
    """The family at the station: papers, undertaking, camera and sound."""
    visit.as_("station", f"station/visits/{number}")
    visit.look("station-slip")
    visit.follow(".primary")
    for box in visit.browser.find_elements(By.CSS_SELECTOR, "input[type=checkbox]"):
        box.click()
    visit.look("station-papers")
    visit.follow(".primary")
    visit.look("station-pledge")
    visit.follow(".primary")
    visit.press("#try")
    wait(lambda: visit.sees("#checked"), "the camera")
    wait(lambda: visit.js("document.querySelector('#mirror').videoWidth") == 640, "the camera's picture")
    visit.look("station-camera")
    visit.press("#go")
