"""A teacher who does not program writes two lessons in a real browser; they are checked, kept, sent, and practised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from kiosk_firmware.catalogue import machine_loader, site_content
from kiosk_firmware.tools.authoring.lesson_check import trial
from kiosk_firmware.unit.runtime.command_reader import CommandReader
from kiosk_firmware.unit.shell.command_handlers import handle
from tests.office.conftest import shot, wait

pytestmark = [pytest.mark.browser, pytest.mark.broker]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    """A unit's own folder for the lessons of its site."""
    machine_loader.site(tmp_path / "lessons.d")
    yield tmp_path / "lessons.d"
    machine_loader.site(None)


class Form:
    """The page's form, as a hand fills it."""

    def __init__(self, browser, url: str) -> None:
        browser.get(url)
        self.browser = browser

    def tick(self, name: str, value: str = "") -> None:
        box = self.browser.find_element(By.NAME, name)
        if not box.is_selected():
            box.click()
        if value:
            self.put(f"value.{name.partition('.')[2]}", value)

    def put(self, name: str, value: str) -> None:
        field = self.browser.find_element(By.NAME, name)
        if field.tag_name == "select":
            Select(field).select_by_value(value)
        else:
            field.clear()
            field.send_keys(value)

    def press(self, what: str) -> str:
        self.browser.execute_script("document.querySelector('#tried').innerHTML = ''")
        self.browser.find_element(By.CSS_SELECTOR, f"button[value={what}]").click()
        wait(lambda: self.browser.find_elements(By.ID, "result"), "the answer", 90)
        return str(self.browser.find_element(By.ID, "result").text)


def test_a_lesson_for_the_cash_machine(chain, browser):
    form = Form(browser, chain.url + "lessons/new/atm")
    form.tick("reach.withdrawn_fen")
    form.tick("reach.receipt_printed")
    assert browser.find_element(By.NAME, "reach.card_back").is_selected()
    form.put("title.zh", "取五百打凭条")
    form.put("task.zh", "取 500 元，打一张凭条，拿好卡。")
    form.put("title.en", "Five hundred")
    form.put("task.en", "Withdraw 500 yuan with a receipt, take your card.")
    assert "忘了填" in form.press("try"), "how much is not said"
    form.put("value.withdrawn_fen", "500")
    shot(browser, "lesson-new")
    said = form.press("try")
    assert "走得通" in said
    assert "请按“500 元”" in said
    assert not list((chain.processes.folder / "office").glob("lessons.d/*/*"))
    assert "已经保存" in form.press("keep")
    shot(browser, "lesson-kept")


def test_what_cannot_be_done_is_said_and_not_kept(chain, browser):
    form = Form(browser, chain.url + "lessons/new/atm")
    form.tick("reach.withdrawn_fen", "130")
    for name, text in (("title.zh", "取 130"), ("task.zh", "取 130 元。"), ("title.en", "130"), ("task.en", "130")):
        form.put(name, text)
    assert "130 元不行：这台机器给的是 100 元的整数倍" in form.press("keep")
    browser.get(chain.url + "lessons")
    assert "取 130" not in browser.find_element(By.ID, "kept").text


def test_a_lesson_for_the_ticket_machine_reaches_the_unit(chain, browser, site):
    form = Form(browser, chain.url + "lessons/new/rail")
    form.put("person", "traveller")
    for name, value in (
        ("bought_train", "D1955"),
        ("bought_to", "my"),
        ("bought_in_days", "1"),
        ("bought_kind", "second"),
        ("paid_by", "phone"),
    ):
        form.tick(f"reach.{name}", value)
    form.put("title.zh", "去绵阳看妈妈")
    form.put("task.zh", "明天去绵阳，D1955 二等座，用手机付。")
    form.put("title.en", "To Mianyang")
    form.put("task.en", "Tomorrow to Mianyang, D1955, second class, by phone.")
    assert "已经保存" in form.press("keep")
    browser.get(chain.url + "lessons")
    assert "去绵阳看妈妈" in browser.find_element(By.ID, "kept").text
    chain.screen.tell("unit.started", fw="0.1.0", kind="rail", machines=["rail"], devices=[], missing=[])
    for button in range(2):
        browser.get(chain.url + "lessons")
        browser.find_elements(By.CSS_SELECTOR, "button[hx-post='/lessons/send']")[button].click()
        wait(lambda: browser.find_elements(By.CSS_SELECTOR, "#kept [role=status]"), "it is sent")
    shot(browser, "lessons")
    put = arrived(chain, 2)
    for row in put:
        assert handle(row, None, None, None) == (True, "")  # type: ignore[arg-type]
    for machine, title in (("atm", "取五百打凭条"), ("rail", "去绵阳看妈妈")):
        added = [one for one in site_content.lessons(machine) if one.texts["zh"].title == title]
        lesson = added[0].lesson
        assert lesson in machine_loader.lessons(machine)
        assert machine_loader.machine_texts(machine).keys("en") >= {
            f"lesson.{lesson.id}.title",
            f"lesson.{lesson.id}.task",
        }
        for skin in machine_loader.skins(machine):
            assert trial(machine, skin, lesson).wrong == ()


def test_the_page_speaks_english_too(chain, browser):
    browser.get(chain.url + "language/en?back=/lessons/new/rail")
    said = browser.find_element(By.TAG_NAME, "main").text
    shot(browser, "lesson-new-en")
    browser.get(chain.url + "language/zh")
    assert "What has to be achieved" in said
    assert "Buy this train (number)" in said
    assert not [word for word in said.split() if word.startswith(("lesson.", "fact.", "debrief."))]


def arrived(chain, count: int) -> tuple:
    """The rows of the unit's inbox, as the screen reads them."""
    found: list = []

    def there() -> bool:
        rows = CommandReader(chain.state / "agent.db", set()).due(0, between_runs=True)
        found[:] = [row for row in rows if row.name == "lesson.put"]
        return len(found) >= count

    wait(there, "the unit hears of both")
    return tuple(found)


def test_a_file_that_is_no_lesson_is_refused_and_left_out(site):
    for file in ("no toml", json.dumps({}), '[lesson]\nid = "../x"\nlevel = 1\ngoal = []\n[texts]\n'):
        with pytest.raises(ValueError):
            machine_loader.keep("atm", file, site)
    with pytest.raises(LookupError):
        machine_loader.keep("../atm", "", site)
    (site / "atm").mkdir(parents=True)
    (site / "atm" / "broken.toml").write_text("[lesson]\n")
    machine_loader.site(site)
    assert site_content.lessons("atm") == ()
    assert machine_loader.lessons("atm")
