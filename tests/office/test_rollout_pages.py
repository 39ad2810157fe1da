"""A roll-out in a real browser: begun on the page, followed without a reload, stopped by itself, and its pictures."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import msgspec
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from kiosk_firmware.office.accounts.people_db import PEOPLE
from kiosk_firmware.office.pki import certificate_authority
from kiosk_firmware.office.pki.trust_folder import TrustFolder, now_ms
from kiosk_firmware.office.rollouts.bundle_store import Artefact, BundleStore
from kiosk_firmware.system.durable_files import write_whole
from tests.office.conftest import shot, wait
from tests.office.test_pages import CONTRAST, text
from tests.wire.rig import query

pytestmark = [pytest.mark.browser, pytest.mark.broker]
FLEET = 60
ON_THEIR_WAY = ("kept", "kept", "trying", "installing", "waiting", "waiting", "downloading")


@pytest.fixture(scope="module", autouse=True)
def bundles(chain):
    """An authority that signs, two files on the shelf, and the units of a site."""
    state = chain.processes.folder / "office"
    certificate_authority.found_authority(
        TrustFolder(state).folder, chain.processes.folder / "stick", "correct horse", now_ms()
    )
    made = BundleStore(state)
    made.served("10.20.0.2:8444")
    for n, (kind, version, size) in enumerate((("content", "7", 181_000), ("system", "0.2.0", 412_000_000))):
        one = Artefact(kind, version, size, f"{n}" * 64, now_ms() - n * 86_400_000)
        write_whole(made.folder / f"{one.sha256}.line", msgspec.json.encode(one))
        with made.path(one.sha256).open("wb") as file:
            file.truncate(size)
    wait(lambda: query(chain.processes.office, "SELECT 1 FROM units"), "the unit")
    now = now_ms()
    with closing(sqlite3.connect(chain.processes.office, timeout=20)) as db, db:
        for n in range(FLEET):
            row = (f"yi-atm-{n:02d}", "yi", "atm", 1, now, now, now)
            columns = "unit, site, kind, online, first_ms, seen_ms, since_ms"
            db.execute(f"INSERT INTO units({columns}) VALUES(?, ?, ?, ?, ?, ?, ?)", row)
    return made


def begin(browser, site: str, what: str, **fields: str) -> int:
    """A roll-out from the page's form; its number."""
    Select(browser.find_element(By.NAME, "what")).select_by_value(what)
    Select(browser.find_element(By.NAME, "site")).select_by_value(site)
    for name, value in fields.items():
        field = browser.find_element(By.CSS_SELECTOR, f"#rollout [name={name}]")
        field.clear()
        field.send_keys(value)
    browser.find_element(By.CSS_SELECTOR, "#rollout button").click()
    wait(lambda: browser.current_url.rsplit("/", 1)[1].isdigit(), "the roll-out's page")
    return int(browser.current_url.rsplit("/", 1)[1])


@pytest.fixture(scope="module")
def in_waves(chain, browser) -> int:
    """The roll-out that one test follows and the next one stops."""
    browser.get(f"{chain.url}updates")
    return begin(browser, "yi", "system 0.2.0", why="fewer starts", canary="3", window="01:00-04:00")


def people(chain, sql: str, *args: object):
    return query(chain.processes.folder / "office" / PEOPLE, sql, *args)


def says(chain, unit: str, order: str, stage: str, detail: str = "") -> None:
    with closing(sqlite3.connect(chain.processes.office, timeout=20)) as db, db:
        row = (unit, order, "system", "0.2.0", stage, detail, now_ms())
        db.execute("INSERT OR REPLACE INTO updates VALUES(?, ?, ?, ?, ?, ?, ?)", row)


def test_a_unit_that_cannot_obey_stops_it_and_the_page_follows(chain, browser):
    """The real unit of this chain was never enrolled: it believes no order, says so, and nothing else happens."""
    browser.get(f"{chain.url}updates")
    shot(browser, "updates-new")
    begin(browser, "jia", "content 7", why="spring lessons")
    wait(lambda: "自动停止：" in text(browser, "#ended"), "its end, without a reload", 90)
    assert "不接受" in text(browser, "#target-jia-atm-01")
    assert browser.execute_script(CONTRAST) == []


@pytest.mark.long
def test_waves_on_their_way(chain, browser, in_waves):
    told = "SELECT unit FROM rollout_units WHERE rollout = ? AND stage = 'sent' AND wave = ?"
    for wave, count in enumerate((3, 3, 24)):
        wait(lambda wave=wave, count=count: len(people(chain, told, in_waves, wave)) == count, f"wave {wave}", 90)
        sent = [unit for (unit,) in people(chain, told, in_waves, wave)]
        for n, unit in enumerate(sent):
            stage = ON_THEIR_WAY[n % len(ON_THEIR_WAY)] if count == 24 else "kept"
            says(chain, unit, f"rollout-{in_waves}", stage, "not between 01:00 and 04:00" if stage == "waiting" else "")
    wait(lambda: "试运行" in text(browser, "#wave-3"), "the third wave, without a reload", 90)
    assert browser.execute_script(CONTRAST) == []
    shot(browser, "rollout")
    browser.set_window_size(500, 900)
    wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert browser.execute_script(wide) <= 0, "on a telephone nothing stands beside the page"
    shot(browser, "rollout-small")
    browser.set_window_size(1280, 943)
    browser.find_element(By.CSS_SELECTOR, ".lang").click()
    wait(lambda: "on trial" in text(browser, "#wave-3"), "English")
    shot(browser, "rollout-en")
    browser.get(f"{chain.url}updates")
    assert browser.execute_script(wide) <= 0
    assert browser.execute_script(CONTRAST) == []
    shot(browser, "updates-en")
    on_trial = "SELECT unit FROM rollout_units WHERE rollout = ? AND stage = 'trying'"
    trying = people(chain, on_trial, in_waves)[0][0]
    browser.get(f"{chain.url}units/{trying}")
    assert "on trial" in text(browser, "#update")
    shot(browser, "unit-updating-en")
    browser.find_element(By.CSS_SELECTOR, ".lang").click()
    browser.get(f"{chain.url}?state=updating")
    assert "更新中" in text(browser, "#fleet")


@pytest.mark.long
def test_stopped_by_hand(chain, browser, in_waves):
    told = "SELECT 1 FROM rollout_units WHERE rollout = ? AND stage IN ('sent', 'downloading', 'waiting')"
    wait(lambda: people(chain, told, in_waves), "somebody who can be told", 90)
    browser.get(f"{chain.url}updates/{in_waves}")
    browser.find_element(By.CSS_SELECTOR, "#stop input").send_keys("an inspection")
    browser.find_element(By.CSS_SELECTOR, "#stop button").click()
    wait(lambda: "an inspection" in text(browser, "#ended"), "the end")
    withdrawn = "SELECT count(*) FROM commands WHERE name = 'update.stop'"
    wait(lambda: query(chain.processes.office, withdrawn)[0][0] > 0, "those who wait to be told", 90)
    shot(browser, "rollout-stopped")
