"""The pages in a real browser that reaches nothing but loopback: what happens at the unit is seen without a reload."""

from __future__ import annotations

import io
import os
import re
import sqlite3

import pytest
from PIL import Image, ImageDraw
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By

from kiosk_firmware.system.utc_clock import ahead_ms, utc_ms
from tests.office.conftest import shot, wait
from tests.wire.rig import RUN, query

pytestmark = [pytest.mark.browser, pytest.mark.broker]
PAGES = (
    "units/jia-atm-01",
    "units/jia-atm-01/care",
    "runs",
    "alerts",
    "alerts/duty",
    "sites",
    "board",
    "board/sheet",
    "people",
    "audit",
    "proposals",
    "updates",
    "learning",
    "learners/jia/1234567890abcdef",
)
ENDED = {"outcome": "done", "ms": 84_000, "slips": 2, "prompt_max": 1, "facts": {"taken_fen": 10000}}


@pytest.fixture(scope="module", autouse=True)
def practised(chain):
    """One run that is done, and one that goes on."""
    tell = chain.screen.tell
    devices = ["card_reader", "pin_pad", "note_acceptor", "cash_dispenser", "receipt_printer"]
    tell("unit.started", fw="0.1.0", kind="atm", machines=["atm"], devices=devices, missing=[])
    for n in range(4):
        health = {"spool_max": n, "disk_free_min": 8 * 10**9 - n * 10**8, "temp_max_c": 48.0 + 3 * n}
        tell("health.summarised", since_ms=0, until_ms=n, samples=15, **health)
    tell("sitting.started", learner="1234567890abcdef")
    tell("run.started", **RUN, pack="atm-2026", armed="")
    tell("media.moved", run="r-1", at="card_reader", what="inserted")
    tell("step.ended", run="r-1", step="pin", prompt=1, slips=2, ms=9000)
    tell("items.moved", run="r-1", at="cash_dispenser", what="taken", fen=10000)
    tell("run.ended", **RUN, **ENDED)
    going = {**RUN, "run": "r-2", "learner": "1234567890abcdef"}
    tell("run.started", **going, pack="atm-2026", armed="")
    tell("step.ended", run="r-2", step="language", prompt=0, slips=0, ms=3000)
    chain.screen.open_run("r-2", "atm")
    wait(lambda: query(chain.processes.office, "SELECT run FROM units") == [("r-2",)], "the unit's status")
    wait(lambda: query(chain.processes.office, "SELECT count(*) FROM facts")[0][0] >= 9, "the facts")


def text(browser, css: str) -> str:
    try:
        return browser.find_element(By.CSS_SELECTOR, css).text
    except (NoSuchElementException, StaleElementReferenceException):
        return ""


def jpeg(word: str, colour: str) -> bytes:
    picture = Image.new("RGB", (640, 400), colour)
    ImageDraw.Draw(picture).text((40, 40), word, fill="white", font_size=80)
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def place(chain, picture: bytes) -> None:
    """As the screen process does: whole, by renaming. Its time is told: the kernel knows no clock laid over its own."""
    fresh = chain.state / "glass.new"
    fresh.write_bytes(picture)
    now_ns = (utc_ms() - ahead_ms()) * 1_000_000
    os.utime(fresh, ns=(now_ns, now_ns))
    fresh.rename(chain.state / "glass.jpg")


def test_fleet_counts_and_follows(chain, browser):
    browser.get(chain.url)
    wait(lambda: text(browser, "#n-online") == "1", "one unit online")
    assert text(browser, "#n-lost") == "0"
    assert re.search(r"已核对 \d+ 条", text(browser, "#n-checked"))
    row = text(browser, "#unit-jia-atm-01")
    assert "在线" in row
    assert "取款机 · 取 100 元" in row
    assert "甲监" in row
    assert text(browser, "#n-runs") == "2"
    shot(browser, "fleet")
    chain.screen.tell("run.started", **{**RUN, "run": "r-3"}, pack="atm-2026", armed="")
    wait(lambda: text(browser, "#n-runs") == "3", "the third run, without a reload")


def test_a_lost_device_degrades_the_unit_until_it_is_back(chain, browser):
    browser.get(chain.url)
    chain.screen.tell("device.lost", at="note_acceptor")
    wait(lambda: "有故障" in text(browser, "#unit-jia-atm-01"), "degraded")
    assert "收钞器 无应答" in text(browser, "#unit-jia-atm-01")
    assert browser.find_elements(By.CSS_SELECTOR, "#unit-jia-atm-01 .degraded svg path"), "a shape beside the word"
    shot(browser, "fleet-degraded")
    chain.screen.tell("device.back", at="note_acceptor")
    wait(lambda: "在线" in text(browser, "#unit-jia-atm-01"), "online again")
    assert text(browser, "#n-degraded") == "0"


def test_unit_page_shows_the_glass_while_it_is_open(chain, browser):
    assert query(chain.state / "agent.db", "SELECT count(*) FROM inbox WHERE name = 'watch'") == [(0,)]
    browser.get(f"{chain.url}units/jia-atm-01")
    wait(lambda: query(chain.state / "agent.db", "SELECT count(*) FROM inbox WHERE name = 'watch'")[0][0], "a watch")
    assert "取款机 · 取 100 元" in text(browser, "#now-machine")
    assert text(browser, "#now-step") == "language"
    place(chain, jpeg("ONE", "#1b6e3c"))
    first = wait_for_picture(browser, "")
    assert pixel(browser) == (27, 110, 60)
    shot(browser, "unit")
    place(chain, jpeg("TWO", "#8a1c5a"))
    wait_for_picture(browser, first)
    wait(lambda: pixel(browser) == (138, 28, 90), "the second picture's pixels")


def wait_for_picture(browser, old: str) -> str:
    def source() -> str:
        found = browser.find_elements(By.CSS_SELECTOR, "#glass img")
        try:
            return found[0].get_attribute("src") if found and found[0].get_property("naturalWidth") == 640 else ""
        except StaleElementReferenceException:
            return ""

    wait(lambda: source() not in ("", old), "a new picture")
    return source()


def pixel(browser) -> tuple[int, ...]:
    """A pixel of the picture as the browser shows it, to the JPEG's nearest."""
    script = (
        "const c=document.createElement('canvas');c.width=c.height=1;const x=c.getContext('2d');"
        "x.drawImage(document.querySelector('#glass img'),600,350,1,1,0,0,1,1);"
        "return [...x.getImageData(0,0,1,1).data].slice(0,3)"
    )
    got = tuple(browser.execute_script(script))
    near = [one for one in ((27, 110, 60), (138, 28, 90)) if max(abs(a - b) for a, b in zip(one, got, strict=True)) < 6]
    return near[0] if near else got


def test_facts_are_told_in_words(chain, browser):
    browser.get(f"{chain.url}units/jia-atm-01")
    said = text(browser, "#facts")
    for sentence in ("开始练习 取款机 · 取 100 元", "读卡器：卡片插入", "出钞器：取走 ¥100", "完成，用时 84 秒"):
        assert sentence in said
    chain.screen.tell("teacher.called", run="r-2", step="pin")
    wait(lambda: "学员呼叫老师" in text(browser, "#facts"), "the call, without a reload")
    wait(lambda: "学员呼叫老师" in text(browser, "#unit"), "its alert")
    browser.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    shot(browser, "unit-facts")


def test_runs_page_in_both_languages(chain, browser):
    browser.get(f"{chain.url}runs")
    done = text(browser, "#run-jia-atm-01-r-1")
    assert "完成" in done
    assert "1 分 24 秒" in done
    assert "进行中" in text(browser, "#run-jia-atm-01-r-2")
    shot(browser, "runs")
    browser.find_element(By.CSS_SELECTOR, ".lang").click()
    wait(lambda: "Today's runs" in text(browser, "h1"), "English")
    assert browser.current_url == f"{chain.url}runs"
    assert "done" in text(browser, "#run-jia-atm-01-r-1")
    shot(browser, "runs-en")
    browser.get(chain.url)
    assert "Online" in text(browser, "#unit-jia-atm-01")
    browser.find_element(By.CSS_SELECTOR, ".lang").click()
    wait(lambda: "在线" in text(browser, "#unit-jia-atm-01"), "Mandarin again")


def test_alert_is_dismissed_by_a_person(chain, browser):
    browser.get(f"{chain.url}alerts")
    chain.screen.tell("teacher.called", run="r-2", step="pin")
    chain.screen.tell("contact.changed", contact="tamper", on=True)
    for what in ("学员呼叫老师", "防拆开关"):
        wait(lambda what=what: what in text(browser, "#alerts"), "the alert")
    browser.find_element(By.CSS_SELECTOR, "#alerts summary").click()
    shot(browser, "alerts")
    assert browser.execute_script(CONTRAST) == []
    browser.get(f"{chain.url}alerts/duty")
    shot(browser, "duty")
    browser.get(f"{chain.url}alerts")
    for what in ("防拆开关", "学员呼叫老师"):
        browser.find_element(By.CSS_SELECTOR, "#alerts button").click()
        wait(lambda what=what: what not in text(browser, "#alerts"), "it to go")
    assert "没有告警" in text(browser, "#alerts")


def test_search_and_filter(chain, browser):
    browser.get(f"{chain.url}?q=nowhere")
    assert "没有符合条件的练习机" in text(browser, "#fleet")
    browser.get(f"{chain.url}?q=atm&state=online")
    assert "jia-atm-01" in text(browser, "#fleet")


def test_pages_need_nothing_from_elsewhere_fit_and_have_contrast(chain, browser):
    for path in ("", "units/unknown-01", *PAGES):
        browser.get_log("browser")
        browser.get(f"{chain.url}{path}")
        asked = browser.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
        assert any("htmx.min.js?" in name for name in asked)
        assert all(name.startswith(chain.url) for name in asked), asked
        wide = browser.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{path}: {wide} px too wide"
        complaints = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
        assert not [line for line in complaints if "404" not in line], complaints
        assert browser.execute_script(CONTRAST) == [], path
        shot(browser, path.replace("/", "-") or "fleet")


CONTRAST = """
function lum(c){const v=c.map(x=>{x/=255;return x<=.03928?x/12.92:((x+.055)/1.055)**2.4});
 return .2126*v[0]+.7152*v[1]+.0722*v[2]}
function rgba(s){const m=s.match(/[\\d.]+/g).map(Number);return m.length<4?[...m,1]:m}
function ground(e){let stack=[];for(;e;e=e.parentElement)stack.push(rgba(getComputedStyle(e).backgroundColor));
 let c=[255,255,255];for(const b of stack.reverse())c=c.map((x,i)=>x*(1-b[3])+b[i]*b[3]);return c}
const bad=[];
for(const e of document.querySelectorAll('body *')){
 const own=[...e.childNodes].some(n=>n.nodeType==3&&n.data.trim());
 if(!own||!e.checkVisibility())continue;
 const f=lum(rgba(getComputedStyle(e).color).slice(0,3)),g=lum(ground(e));
 const r=(Math.max(f,g)+.05)/(Math.min(f,g)+.05);
 if(r<4.5)bad.push(e.textContent.trim().slice(0,20)+' '+r.toFixed(2));
}
return bad"""


def test_an_administrators_menu_and_the_way_out_fit_a_small_laptop(chain, browser):
    """1366×768, less what the browser itself takes."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SMALL_LAPTOP)
    browser.get(chain.url)
    assert browser.find_elements(By.CSS_SELECTOR, '.side [href="/settings"]'), "an administrator's"
    leave = browser.execute_script("return document.querySelector('.side .foot').getBoundingClientRect().bottom")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert leave <= SMALL_LAPTOP["height"]


SMALL_LAPTOP = {"width": 1366, "height": 660, "deviceScaleFactor": 1, "mobile": False}


def test_a_telephones_table_breaks_no_word(chain, browser):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    )
    browser.get(f"{chain.url}runs")
    cell = browser.find_element(By.CSS_SELECTOR, ".runs tbody td:nth-child(3)")
    size = float(cell.value_of_css_property("font-size").removesuffix("px"))
    wide = browser.execute_script(
        "const r = document.createRange(); r.selectNodeContents(arguments[0]); return r.getBoundingClientRect().width",
        cell,
    )
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide >= 3 * size, f"{cell.text} on one line"


def test_menu_of_a_telephone_is_folded_until_it_is_asked_for(chain, browser):
    browser.set_window_size(500, 900)
    browser.get(chain.url)
    rooms = browser.find_element(By.CSS_SELECTOR, ".side .rooms")
    assert not rooms.is_displayed()
    browser.find_element(By.CSS_SELECTOR, "label.fold").click()
    assert rooms.is_displayed()
    shot(browser, "menu-small")
    browser.set_window_size(1280, 943)
    browser.get(chain.url)
    assert browser.find_element(By.CSS_SELECTOR, ".side .rooms").is_displayed()
    assert not browser.find_element(By.CSS_SELECTOR, "label.fold").is_displayed()


def test_what_a_class_learns_is_a_page_to_print(chain, browser):
    for n in range(9):
        who = {**RUN, "run": f"class-{n}", "learner": f"{n:016x}"}
        chain.screen.tell("step.ended", run=who["run"], step="pin", prompt=n % 3, slips=n % 2, ms=9000)
        chain.screen.tell("run.ended", **who, **{**ENDED, "prompt_max": n % 3, "outcome": "done" if n % 4 else "lost"})
    wait(lambda: query(chain.processes.office, "SELECT 1 FROM runs WHERE run = 'class-8'"), "the class's runs")
    browser.get(f"{chain.url}learning")
    assert "9" in text(browser, "#lesson-atm-withdraw-100")
    assert browser.execute_script(CONTRAST) == []
    shot(browser, "learning")
    browser.get(f"{chain.url}learning/atm/withdraw-100")
    assert "pin" in text(browser, "#steps")
    shot(browser, "steps")


def test_killed_agent_turns_the_page_offline(chain, browser):
    browser.get(chain.url)
    chain.processes.kill("agent")
    wait(lambda: "离线" in text(browser, "#unit-jia-atm-01"), "offline by the will")
    wait(lambda: text(browser, "#n-offline") == "1", "the counter to follow")
    shot(browser, "fleet-offline")


def test_office_leaves_in_order_and_loses_nothing(chain):
    before = query(chain.processes.office, "SELECT count(*) FROM facts")[0][0]
    assert chain.stop_office() == 0
    seq = chain.screen.tell("device.lost", at="pin_pad")
    chain.processes.child("agent")
    chain.start_office()
    path = chain.processes.office
    wait(
        lambda: (
            query(path, "SELECT count(*) FROM facts WHERE seq = ? AND epoch = ?", seq, chain.screen.epoch) == [(1,)]
        ),
        "it",
    )
    assert query(path, "SELECT count(*) FROM facts")[0][0] >= before + 1
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
