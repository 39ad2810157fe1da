"""The class board in a real browser: a room of units over a real broker, and what a teacher's keys send them."""

from __future__ import annotations

import hmac
import json

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from kiosk_firmware.office.database.queries import UnitRow
from kiosk_firmware.office.ingest.collector import Collector
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.learning.class_board import tiles
from kiosk_firmware.office.learning.learner_numbers import LearnerNumbers
from kiosk_firmware.office.shared_state import OfficeRequest, SharedState
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.envelope import Fact, encode
from kiosk_firmware.wire.messages import ENCODE, Now, Status
from kiosk_firmware.wire.mqtt import BrokerLink
from tests.office.conftest import shot, wait
from tests.office.pages import cheap, office
from tests.office.test_pages import CONTRAST, text
from tests.wire.rig import Processes, query

__all__ = ["cheap", "office"]
pytestmark = [pytest.mark.browser, pytest.mark.broker]
LEARNER = "1234567890abcdef"
JPEG = b"\xff\xd8 a picture"


class Room:
    """Units as the wire knows them: they say who is there, and hear commands."""

    def __init__(self, chain) -> None:
        self.heard: list[tuple[str, str, dict]] = []
        broker = BrokerSettings(port=chain.processes.port, retry_s=0.3)
        self.link = BrokerLink(broker, "a-room", ("kiosk/v1/jia/+/cmd/+",), self._hear)
        self.until(lambda: self.link.up, "the broker")

    def _hear(self, message) -> None:
        command = json.loads(message.payload)
        self.heard.append((message.topic.split("/")[3], command["name"], command["args"]))

    def until(self, condition, what: str) -> None:
        wait(lambda: self.link.turn(0.02) or condition(), what)

    def unit(self, name: str, **now) -> None:
        """The unit is there, with this on its glass."""
        status = Status(True, "s-1", 1, "0.1.0", now_ms(), "atm", now.get("machine", ""))
        self.link.publish(topics.topic("jia", name, "status"), ENCODE(status), retain=True)
        self.now(name, **now)

    def now(self, name: str, **now) -> None:
        self.link.publish(topics.topic("jia", name, "now"), ENCODE(Now(now_ms(), **now)), qos=0)

    def commands(self, name: str) -> list[tuple[str, dict]]:
        return [(unit, args) for unit, command, args in self.heard if command == name]


@pytest.fixture(scope="module")
def room(chain, browser):
    made = Room(chain)
    lesson = {"machine": "atm", "skin": "qinghe", "lesson": "withdraw-100"}
    seats = {
        "jia-atm-02": {**lesson, "learner": LEARNER, "step": "pin", "prompt": 2, "acted_ms": now_ms() - 90_000},
        "jia-atm-03": {**lesson, "learner": "fedcba9876543210", "step": "amounts", "acted_ms": now_ms()},
        "jia-atm-04": {},
        "jia-atm-05": {"learner": "guest", "machine": "rail", "step": "menu", "acted_ms": now_ms(), "calling": True},
    }
    for name in seats:
        made.unit(name)
    made.until(lambda: len(query(chain.processes.office, "SELECT unit FROM units")) >= 5, "the units' rows")
    for name, seat in seats.items():
        made.now(name, **seat)
    browser.get(f"{chain.url}board")
    made.until(lambda: "叫老师" in text(browser, "#tile-jia-atm-05"), "the call, by itself")
    yield made
    made.link.close()


def press(browser, css: str) -> None:
    browser.find_element(By.CSS_SELECTOR, css).click()


def test_who_calls_stands_first_and_a_tile_says_who_where_and_how_long(room, chain, browser):
    order = [tile.get_attribute("id") for tile in browser.find_elements(By.CSS_SELECTOR, ".tile")]
    assert order[0] == "tile-jia-atm-05"
    assert order[1:] == sorted(order[1:])
    tile = text(browser, "#tile-jia-atm-02")
    for word in ("123456", "取款机 · 取 100 元", "提示一句", "停顿", "1 分"):
        assert word in tile
    assert "未登录" in text(browser, "#tile-jia-atm-05")
    assert "没有人" in text(browser, "#tile-jia-atm-04")
    shot(browser, "board")
    assert browser.execute_script(CONTRAST) == []


def test_the_room_is_stopped_and_goes_on(room, chain, browser):
    press(browser, "button.stop")
    units = {"jia-atm-01", "jia-atm-02", "jia-atm-03", "jia-atm-04", "jia-atm-05"}
    room.until(lambda: {unit for unit, _ in room.commands("class.stop")} >= units, "every unit to be told")
    room.now("jia-atm-03", learner="fedcba9876543210", stopped=True)
    room.until(lambda: "停着" in text(browser, "#tile-jia-atm-03"), "its word that it stands")
    press(browser, ".headbar button.go")
    room.until(lambda: {unit for unit, _ in room.commands("class.go")} >= units, "every unit to go on")
    told = query(chain.processes.office.parent / "people.db", "SELECT who, act FROM audit WHERE act LIKE 'class.%'")
    assert told[:2] == [("demo", "class.stop"), ("demo", "class.go")]


def test_a_lesson_a_fault_and_time_are_set_for_one(room, browser):
    form = browser.find_element(By.ID, "set")
    Select(form.find_element(By.NAME, "unit")).select_by_value("jia-atm-04")
    Select(form.find_element(By.NAME, "lesson")).select_by_value("atm/withdraw-100")
    press(browser, "#set button[value=next]")
    task = {"tasks": [{"machine": "atm", "lesson": "withdraw-100"}], "more": True}
    room.until(lambda: room.commands("class.tasks") == [("jia-atm-04", task)], "the lesson")
    Select(form.find_element(By.NAME, "fault")).select_by_value("card_left")
    press(browser, "#set button[value=fault]")
    room.until(lambda: room.commands("fault.arm") == [("jia-atm-04", {"fault": "card_left"})], "the fault")
    Select(form.find_element(By.NAME, "pace")).select_by_value("real")
    press(browser, "#set button[value=pace]")
    room.until(lambda: room.commands("class.pace") == [("jia-atm-04", {"pace": "real"})], "the pace")


def test_a_call_is_answered(room, browser):
    press(browser, "#tile-jia-atm-05 button.go")
    room.until(lambda: room.commands("teacher.answered") == [("jia-atm-05", {})], "the answer")


def test_a_parked_task_waits_for_its_learner(room, chain, browser):
    browser.find_element(By.XPATH, "//*[@id='tile-jia-atm-02']//button[text()='留到下次']").click()
    room.until(lambda: room.commands("turn.end") == [("jia-atm-02", {})], "the turn to end")
    room.now("jia-atm-02")
    room.until(lambda: "1 人有课留到下次" in text(browser, "#parked"), "the board to say so")
    people = chain.processes.office.parent / "people.db"
    assert query(people, "SELECT learner, machine, lesson FROM parked") == [(LEARNER, "atm", "withdraw-100")]


def test_units_are_put_where_they_stand_by_hand_and_by_keys(room, chain, browser):
    browser.get(f"{chain.url}board/seats?site=jia")
    seats = browser.find_elements(By.CSS_SELECTOR, ".seat")
    first = [seat.get_attribute("data-unit") for seat in seats]
    ActionChains(browser).drag_and_drop(seats[0], seats[2]).perform()
    seats[1].send_keys(Keys.ARROW_LEFT)
    assert f"{first[1]}：第 1 排第 1 个" in browser.find_element(By.ID, "moved").get_attribute("textContent")
    browser.find_element(By.CSS_SELECTOR, "#arrange .go").click()
    room.until(lambda: len(browser.find_elements(By.CSS_SELECTOR, ".tile")) >= 3, "the board after the seats")
    order = [tile.get_attribute("id")[5:] for tile in browser.find_elements(By.CSS_SELECTOR, ".tile")]
    assert order[:3] == [first[1], first[2], first[0]]
    shot(browser, "board-seats")
    browser.get(f"{chain.url}board/seats?site=jia")
    browser.find_element(By.CSS_SELECTOR, "#arrange button[name=seats]").click()


def test_the_menu_is_searched_and_the_room_is_seen(room, chain, browser):
    room.link.publish(topics.topic("jia", "jia-atm-02", "glass"), JPEG, qos=0)
    browser.get(f"{chain.url}board")
    find = browser.find_element(By.ID, "find")
    find.send_keys("no such lesson")
    assert browser.find_elements(By.CSS_SELECTOR, "#set select[name=lesson] option") == []
    find.clear()
    find.send_keys("取 100")
    assert Select(browser.find_element(By.NAME, "lesson")).first_selected_option.text == "取 100 元"

    def seen() -> bool:
        room.link.publish(topics.topic("jia", "jia-atm-02", "glass"), JPEG, qos=0)
        return bool(browser.find_elements(By.CSS_SELECTOR, "#glass-jia-atm-02 img"))

    room.until(seen, "the picture, by itself")


def test_the_sheet_counts_people_runs_and_things(room, chain, browser):
    counted = {"card": 12, "fen.100": 40}
    chain.screen.tell(
        "custody.counted", who=1, when="after", complete=False, counted=counted, expected={"card": 12, "fen.100": 41}
    )
    wait(lambda: query(chain.processes.office, "SELECT 1 FROM facts WHERE type = 'custody.counted'"), "the count")
    browser.get(f"{chain.url}board/sheet?site=jia")
    row = text(browser, "#sheet-jia-atm-01")
    assert "练习卡 12" in row
    assert "¥1 -1" in row
    assert "还没有清点" in text(browser, "#sheet-jia-atm-02")
    shot(browser, "sheet")
    browser.get(f"{chain.url}board")


def test_the_board_fits_a_phone_and_a_small_screen(room, chain, browser):
    try:
        for width, height in ((1366, 768), (420, 900)):
            browser.set_window_size(width, height)
            browser.get(f"{chain.url}board")
            wide = browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{wide} px too wide at {width}"
            shot(browser, f"board-{width}")
    finally:
        browser.set_window_size(1280, 943)


def test_a_board_beside_the_office_hears_all_and_lets_nothing_go(tmp_path):
    processes, said = Processes(tmp_path), []
    broker = BrokerSettings(port=processes.broker(), retry_s=0.3)
    ear = BrokerLink(broker, "an-ear", ("kiosk/v1/#",), lambda message: said.append(message.topic))
    board = Collector(
        broker, FactStore(tmp_path / "board.db"), SharedState(), client_id="a-board", site="bing", listening=True
    )
    try:
        wait(lambda: board.turn() or ear.turn(0.02) or (board.link.up and ear.up), "both to be there")
        fact = encode("bing", "bing-01", Fact("0123456789abcdef", 1, now_ms(), "device.lost", b'{"at":"gate"}'), "rtc")

        def heard() -> bool:
            ear.publish("kiosk/v1/bing/bing-01/evt/device-lost", fact)  # as often as a unit that is not answered
            ear.turn(0.02)
            board.turn()
            return board.stored > 0

        wait(heard, "the fact")
        board.close()  # whatever it had to say is said
        ear.publish("kiosk/v1/bing/bing-01/status", b"{}")
        wait(lambda: ear.turn(0.02) or "kiosk/v1/bing/bing-01/status" in said, "the last word")
        assert set(said) == {"kiosk/v1/bing/bing-01/evt/device-lost", "kiosk/v1/bing/bing-01/status"}
    finally:
        ear.close()
        processes.close()


def test_of_two_boards_with_one_paper_the_first_is_told_in_words_and_may_come_back(tmp_path, caplog):
    """The broker knows a board by its paper: one of that name puts the other out. Neither fights for the place."""
    processes, boards, desks = Processes(tmp_path), [], [SharedState(), SharedState()]
    broker = BrokerSettings(port=processes.broker(), retry_s=0.3)

    def turned(condition) -> bool:
        for board in boards:
            board.turn()
        return condition()

    try:
        for n, desk in enumerate(desks):
            store = FactStore(tmp_path / f"board-{n}.db")
            boards.append(Collector(broker, store, desk, client_id="office-board", listening=True))
            wait(lambda: turned(lambda: boards[-1].link.up), "the board to be there")
        first, second = boards
        wait(lambda: turned(lambda: desks[0].ousted), "the first one to know")
        assert "one certificate, or one name, is for one computer at a time" in caplog.text
        for _ in range(20):
            turned(lambda: True)
        assert (first.link.reconnects, second.link.reconnects, desks[1].ousted) == (1, 1, False)
        desks[0].requests.put(OfficeRequest("retake", ""))
        wait(lambda: turned(lambda: desks[1].ousted and first.link.up), "the second one to be told now")
        assert not desks[0].ousted
    finally:
        for board in boards:
            board.close()
        processes.close()


def test_a_board_that_was_put_out_says_so_on_each_page_and_a_teacher_takes_the_place_back(office):
    office.unit("jia-atm-01")
    teacher, viewer = office.come("li-teacher", "teacher"), office.come("wang-viewer", "viewer")
    said = "另一台电脑也在用"
    assert said not in teacher.get("/board/part").text + teacher.get("/").text
    office.desk.ousted = True
    for page in ("/board", "/board/part", "/", "/alerts"):
        assert said in teacher.get(page).text, page
    assert viewer.post("/board/retake").status_code == 403
    assert "/board/retake" not in viewer.get("/board").text
    assert teacher.post("/board/retake").status_code == 204
    assert [wish.kind for wish in office.requests()] == ["retake"]


def row(unit: str, state: str = "online") -> UnitRow:
    return UnitRow(unit, "jia", "", "atm", "0", state, "", "", "", 0, 0, None, ())


def test_a_unit_that_is_away_shows_nothing_of_what_it_said_last():
    seen = Now(1, learner=LEARNER, machine="atm", acted_ms=5)
    (tile,) = tiles([row("a", "offline")], lambda unit: seen, 10)
    assert (tile.mood, tile.now.learner) == ("away", "")


def test_a_number_is_found_only_with_the_sites_key(tmp_path):
    key = b"the key of the site"
    mark = hmac.digest(key, b"l-000932", "sha256").hex()[:16]
    blind = LearnerNumbers()
    blind.find([mark])
    assert blind.shown(mark) == mark[:6]
    (tmp_path / "key").write_bytes(key + b"\n")
    seeing = LearnerNumbers.from_file(tmp_path / "key")
    seeing.find([mark, "guest", ""])
    assert (seeing.shown(mark), seeing.shown("guest")) == ("l-000932", "guest")
    with pytest.raises(ValueError, match="nothing-there"):
        LearnerNumbers.from_file(tmp_path / "nothing-there")
