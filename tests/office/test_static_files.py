"""Scripts and sheets of the office's pages: kept for ever under the digest of what they hold, and never longer."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager

import pytest

from kiosk_firmware.office.process import server
from kiosk_firmware.office.web import static_files
from kiosk_firmware.office.web.app import build
from kiosk_firmware.office.web.static_files import ASK_AGAIN, FOREVER
from tests.office.pages import Office, cheap, office
from tests.office.test_slow_requests import running
from tests.office.visitors import camera_browser, cheap_words

__all__ = ["cheap", "office"]
ASKED = re.compile(r'(?:src|href)="(/static/[^"]+)"')


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The static folder, to be changed."""
    made = tmp_path / "static"
    shutil.copytree(static_files.FOLDER, made, ignore=shutil.ignore_patterns("@*"))
    monkeypatch.setattr(static_files, "FOLDER", made)
    return made


def asked(office: Office) -> dict[str, str]:
    """How long what a page asks for may be kept, by its address."""
    visitor = office.come("chen")
    found = {
        one: visitor.get(one) for page in ("/", "/login", "/board") for one in ASKED.findall(visitor.get(page).text)
    }
    assert all(answer.status_code == 200 for answer in found.values())
    return {address: answer.headers["cache-control"] for address, answer in found.items()}


def test_all_that_a_page_asks_for_is_kept_for_ever(office: Office) -> None:
    found = asked(office)
    assert len(found) >= 5
    assert set(found.values()) == {FOREVER}, found


def test_an_address_of_before_is_never_kept(office: Office, folder) -> None:
    office.app = build(office.frame, office.roster)
    visitor = office.come("wang")
    before = static_files.address("board.js")
    (folder / "board.js").write_text("'another'")
    assert static_files.address("board.js") != before
    for path in (before, "/static/board.js", "/static/board.js?v="):
        answer = visitor.get(path)
        assert (answer.text, answer.headers["cache-control"]) == ("'another'", ASK_AGAIN), path
    assert visitor.get("/static/none.js?v=1").headers["cache-control"] == "no-store"


@pytest.mark.browser
def test_a_browser_has_the_new_sheet_after_an_update(office: Office, folder) -> None:
    made = server._server(build(office.frame, office.roster))
    with cheap_words(), contextmanager(running)(made) as port:
        browser = camera_browser()
        try:
            assert shown(browser, port) != "0.5"
            with (folder / "office.css").open("a") as sheet:
                sheet.write("body { opacity: 0.5 }")
            assert shown(browser, port) == "0.5"
        finally:
            browser.quit()


def shown(browser, port: int) -> str:
    browser.get("about:blank")
    browser.get(f"http://127.0.0.1:{port}/login")
    return browser.execute_script("return getComputedStyle(document.body).opacity")
