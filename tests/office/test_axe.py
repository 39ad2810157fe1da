"""The office's pages as axe-core judges them, by role, in one Chromium: nobody is kept out by a serious fault."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk_firmware.office.lessons.lesson_editor import LessonEditor
from kiosk_firmware.office.process import server
from kiosk_firmware.office.web.access_control import COOKIE
from kiosk_firmware.office.web.app import build
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.tools.simulation import history
from tests.office.conftest import wait
from tests.office.pages import cheap
from tests.office.test_slow_requests import running
from tests.office.visit_pages import Visits
from tests.office.visitors import camera_browser, cheap_words

__all__ = ["cheap"]
pytestmark = pytest.mark.browser
AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
UNIT, LEARNER = "/units/sample-001-01", "/learners/sample-001/{learner}"
PAGES = {
    "": ("/login",),
    "administrator": (
        "/",
        "/sites",
        "/alerts",
        "/people",
        "/audit",
        "/proposals",
        "/settings",
        "/updates",
        "/help",
        "/nowhere",
    ),
    "teacher": ("/learning", "/runs", "/board", "/board/seats", LEARNER, "/lessons"),
    "technician": (UNIT, f"{UNIT}/care", "/alerts/duty"),
    "visits": ("/visits", "/visits/calendar", "/visits/{n}", "/visits/{n}/watch", "/visits/{n}/listen"),
    "station": ("/station", "/station/ask", "/station/visits/{n}", "/station/visits/{n}/talk"),
}
"""Of each role, what it works with."""
JUDGED = """
const done = arguments[0];
axe.run({ resultTypes: ['violations'] }).then(({ violations }) => done(violations
  .filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`)));
"""


class Judge:
    """A browser that comes in by a role's cookie, and what axe finds on its pages."""

    def __init__(self, browser, port: int) -> None:
        self._browser, self._url, self._axe = browser, f"http://127.0.0.1:{port}", AXE.read_text("utf-8")
        browser.get(f"{self._url}/login")

    def judge(self, cookie: str, pages: tuple[str, ...]) -> dict[str, list[str]]:
        if cookie:
            self._browser.add_cookie({"name": COOKIE, "value": cookie})
        return {page: found for page in pages if (found := self._page(page))}

    def _page(self, page: str) -> list[str]:
        self._browser.get(self._url + page)
        wait(lambda: self._browser.execute_script("return document.readyState") == "complete", page)
        status = self._browser.execute_script("return performance.getEntriesByType('navigation')[0].responseStatus")
        assert status == (404 if page == "/nowhere" else 200), page
        self._browser.execute_script(self._axe)
        return self._browser.execute_async_script(JUDGED)

    def spoilt(self) -> list[str]:
        """What it finds on the page that is open, once its language is taken away."""
        self._browser.execute_script("document.documentElement.removeAttribute('lang')")
        return self._browser.execute_async_script(JUDGED)


@pytest.fixture
def judged(tmp_path, cheap, monkeypatch):
    """An office with a past, and visits."""
    if not AXE.exists():
        pytest.skip("no axe-core here: ./kiosk setup test")
    monkeypatch.setattr(history, "LESSONS", history.LESSONS[:2])
    monkeypatch.setattr(history, "CAREERS", 3)
    history.write(
        tmp_path / "office.db", history.HistoryPlan(units=6, weeks=3, runs=30, site="sample", until_ms=utc_ms())
    )
    made = Visits(tmp_path)
    editor = LessonEditor(tmp_path / "lessons.d", (sys.executable, "-c", "print('[]')"))
    made.app = build(made.frame, made.roster, editor, hub=made.hub)
    yield made
    made.close()


def test_no_page_has_a_serious_fault(judged: Visits) -> None:
    told = {"n": judged.signed().case.number, "learner": judged.db.execute("SELECT learner FROM runs").fetchone()[0]}
    people = {"visits": judged.officer, "station": judged.station}
    cookies = {role: (people.get(role) or judged.come(f"a-{role}", role))._cookies[COOKIE] for role in PAGES if role}
    with cheap_words(), contextmanager(running)(server._server(judged.app)) as port:
        browser = camera_browser()
        try:
            judge = Judge(browser, port)
            pages = {role: tuple(one.format(**told) for one in those) for role, those in PAGES.items()}
            found = {role: judge.judge(cookies.get(role, ""), those) for role, those in pages.items()}
            assert any("lang" in one for one in judge.spoilt())
        finally:
            browser.quit()
    assert {role: faults for role, faults in found.items() if faults} == {}
