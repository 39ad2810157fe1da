"""A whole visit in real Chromium, with a fake camera, over a real broker: asked for, approved, signed in, talked,
supervised, ended, listened to, gone. The unit is played on the wire (`calling.py`).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.visit.wire.recording_encryption import Sealer
from tests.office.calling import PlayedUnit, film
from tests.office.conftest import shot, wait
from tests.office.visitors import Visitors, approved, asked, cheap_words, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.broker, pytest.mark.long]


class Visit(Visitors):
    """The visitors, and a unit that is played."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "jia-visit-01")
        self.unit = PlayedUnit(self.port)

    def close(self) -> None:
        self.unit.close()
        super().close()


@pytest.fixture(scope="module")
def visit(tmp_path_factory):
    with cheap_words():
        made = Visit(tmp_path_factory.mktemp("visit"))
        try:
            made.open()
            yield made
        finally:
            made.close()


def test_from_the_request_to_the_end_of_the_recording(visit: Visit) -> None:
    number = asked(visit)
    approved(visit, number)
    wait(lambda: number in visit.unit.invited, "the unit to be invited")
    signed_in(visit, number)
    wait(lambda: visit.unit.of(m.Peer, number), "the unit to hear that the family is there")
    shot(visit.browser, "station-wait")
    visit.unit.sign(number)
    wait(lambda: visit.unit.frames.get("video", 0) > 5 and visit.unit.frames.get("audio", 0) > 5, "the family's media")
    visit.unit.told(number, "talking", 1500)
    wait(lambda: visit.js("document.querySelector('#far').videoWidth") == 320, "the learner's picture")
    wait(lambda: visit.sees("#left"), "the clock")
    shot(visit.browser, "station-talk")

    watched(visit, number)
    kept(visit, number)
    listened(visit, number)
    assert [one for one in visit.browser.get_log("browser") if one["level"] == "SEVERE"] == []


def watched(visit: Visit, number: str) -> None:
    """An officer sees both, mutes and warns."""
    visit.as_("officer", f"visits/{number}/watch")
    both = "[...document.querySelectorAll('#watch video')].map((one) => one.videoWidth)"
    wait(lambda: visit.js(both) in ([320, 640], [320, 320]), "both pictures at the officer's")
    visit.unit.told(number, "talking", 290, notice="five_left")
    wait(lambda: visit.sees("[data-notice=five_left]"), "the notice")
    shot(visit.browser, "visit-watch")
    visit.press("[data-act=mute][data-end=station]")
    visit.press("[data-act=warn]")
    wait(lambda: [one.act for one in visit.unit.of(m.OfficerCommand, number)] == ["mute", "warn"], "the orders")


def kept(visit: Visit, number: str) -> None:
    """The half hour is over, and the unit gives its recording."""
    sealed = visit.processes.folder / "sealed"
    with Sealer(sealed, number, visit.unit.invited[number].seal) as sealer:
        sealer.write(film())
    visit.unit.told(number, "over", 0, end="time")
    visit.unit.keep(number, sealed.read_bytes())
    visit.as_("station")
    wait(lambda: visit.sees("[data-end=time]"), "the end to be told")
    shot(visit.browser, "station-over")
    wait(lambda: [one for one in visit.unit.of(m.Fetch, number) if one.last], "the recording to be fetched")


def listened(visit: Visit, number: str) -> None:
    """An officer plays it and notes that it was heard."""
    visit.as_("officer", f"visits/{number}/listen")
    wait(lambda: visit.js("document.querySelector('video').videoWidth") == 64, "the recording to be played")
    shot(visit.browser, "visit-listen")
    visit.follow(".go")
    visit.as_("officer", f"visits/{number}")
    shot(visit.browser, "visit-done")
    assert "复听完毕" in visit.browser.page_source


def talking(visit: Visit, number: str) -> None:
    """Both sides are there and talk."""
    approved(visit, number)
    wait(lambda: number in visit.unit.invited, "the unit to be invited")
    signed_in(visit, number)
    wait(lambda: visit.unit.of(m.Peer, number), "the unit to hear that the family is there")
    visit.unit.frames.clear()
    visit.unit.sign(number)
    wait(lambda: visit.unit.frames.get("video", 0) > 5, "the family's picture")
    visit.unit.told(number, "talking", 1500)
    wait(lambda: visit.sees("#left"), "the clock")


def test_the_office_dies_a_tab_is_doubled_the_line_breaks_and_they_talk_on(visit: Visit) -> None:
    number = asked(visit, "f" * 16)
    talking(visit, number)
    visit.kill_office()
    wait(lambda: visit.sees("[data-notice=no_line]"), "the page to say that the line to the office is broken")
    before = visit.unit.frames["video"]
    wait(lambda: visit.unit.frames["video"] > before + 10, "the media, which need no office, to go on")
    visit.start_again()
    wait(lambda: not visit.sees("[data-notice=no_line]"), "the line to the office to come back by itself")
    visit.unit.told(number, "talking", 1400)
    wait(lambda: visit.js("document.querySelector('#left').textContent").startswith("23:"), "the clock")

    offers = [one.session for one in visit.unit.of(m.Offered, number)]
    visit.unit.cut()
    wait(lambda: len(visit.unit.of(m.Offered, number)) > len(offers), "a new offer after the line broke")
    assert visit.unit.of(m.Offered, number)[-1].session > max(offers)
    before = visit.unit.frames["video"]
    wait(lambda: visit.unit.frames["video"] > before + 5, "the picture to come back")

    doubled(visit, number)
    cut_off(visit, number)


def doubled(visit: Visit, number: str) -> None:
    """A second tab is told, takes over, and the first one is told."""
    first = visit.windows["station"][0]
    visit.browser.switch_to.new_window("window")
    visit.windows["station"] = visit.browser.current_window_handle, visit.url
    visit.as_("station", f"station/visits/{number}/talk")
    visit.press("#try")
    wait(lambda: visit.sees("#checked"), "the camera")
    visit.press("#go")
    wait(lambda: visit.sees("[data-at=elsewhere]"), "the second tab to be told")
    shot(visit.browser, "station-elsewhere")
    visit.press("#here")
    wait(lambda: visit.sees("#left"), "the second tab to take over")
    visit.browser.close()
    visit.windows["station"] = first, visit.url
    visit.as_("station")
    assert visit.sees("[data-at=elsewhere]"), "the first tab was told where the visit is"


def cut_off(visit: Visit, number: str) -> None:
    """The officer ends it because of a telephone."""
    visit.as_("officer", f"visits/{number}/watch")
    wait(lambda: visit.sees("#here-unit"), "the officer's line")
    Select(visit.browser.find_element(By.ID, "reason")).select_by_value("phone")
    visit.press("[data-act=end]")
    visit.browser.switch_to.alert.accept()
    wait(lambda: visit.unit.of(m.OfficerCommand, number), "the order")
    assert (visit.unit.of(m.OfficerCommand, number)[-1].act, visit.unit.of(m.OfficerCommand, number)[-1].reason) == (
        "end",
        "phone",
    )
    visit.unit.told(number, "over", 700, end="phone")
    wait(lambda: visit.sees("[data-end=phone]"), "the end at the officer's")
    visit.as_("officer", f"visits/{number}")
    assert "会见中止" in visit.browser.page_source


def test_a_page_is_heard_part_after_part(visit: Visit) -> None:
    """The second part is asked for when the first one has been heard to its end."""
    visit.as_("station", "station")
    visit.press("#hear-it")
    said = "performance.getEntriesByType('resource').filter((one) => one.name.includes('/station/say')).length"
    wait(lambda: visit.js(said) >= 2, "the second part")


def test_every_page_in_english_too(visit: Visit) -> None:
    """Pictures for people to judge; that both languages say all is `test_pages`' to hold."""
    number = asked(visit, "e" * 16)
    for who in ("station", "officer"):
        visit.as_(who, "language/en")
    for name, who, path in (
        ("station-home", "station", "station"),
        ("station-request", "station", f"station/visits/{number}"),
        ("visits", "officer", "visits"),
        ("visit", "officer", f"visits/{number}"),
        ("calendar", "officer", "visits/calendar"),
    ):
        visit.as_(who, path)
        shot(visit.browser, f"{name}-en")
        assert "visits." not in visit.browser.find_element(By.TAG_NAME, "body").text
