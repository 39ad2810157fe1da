"""The one notice over the film: what the family and an officer read while the line is bad, in real Chromium, over the
office's own pages. The unit is played at the office's hub, without a broker.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from kiosk_firmware.office.process import server
from kiosk_firmware.office.visit_calls.signalling_hub import CallHub
from kiosk_firmware.office.web.access_control import COOKIE
from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.wire import topics
from tests.office.calling import PlayedUnit
from tests.office.conftest import shot, wait
from tests.office.pages import Visitor
from tests.office.test_slow_requests import running
from tests.office.visit_pages import Visits
from tests.office.visitors import camera_browser, cheap_words

pytestmark = pytest.mark.browser
GLASSES = {"laptop": (1366, 768), "telephone": (390, 844)}
STANDING = """
const place = (one) => [one.left, one.top, one.bottom], page = document.scrollingElement;
const places = ['#left', '#leave', '.film'].map((css) => place(document.querySelector(css).getBoundingClientRect()));
return { places, high: innerHeight, wide: [page.scrollWidth, innerWidth] };
"""


SAID = """performance.getEntriesByType('resource').filter((one) => one.name.includes('/station/say'))
.map((one) => decodeURIComponent(one.name)).join(' ')"""


class HubUnit(PlayedUnit):
    """A unit that is joined to the hub itself."""

    def __init__(self, hub: CallHub) -> None:
        self._hub = hub
        super().__init__(0)

    def _turn(self, port: int) -> None:
        while not self._stop.is_set():
            try:
                self._hear(self._hub.words.get(timeout=0.02)[1])
            except queue.Empty:
                self._hub.tick()
            while not self._out.empty():
                self._hub.heard(topics.topic(self.site, self.unit, "call", topics.UP), self._out.get())


class Call:
    """A talk of two pages and a unit."""

    def __init__(self, office: Visits, stack: ExitStack) -> None:
        self.number = office.signed().case.number
        self.unit = HubUnit(office.hub)
        stack.callback(self.unit.close)
        self.port = stack.enter_context(contextmanager(running)(server._server(office.app)))
        self.browser = camera_browser()
        stack.callback(self.browser.quit)
        self.windows: dict[str, str] = {}

    def come(self, who: str, visitor: Visitor, host: str, path: str) -> None:
        """In a window of their own: a cookie goes by host."""
        if self.windows:
            self.browser.switch_to.new_window("window")
        self.windows[who] = self.browser.current_window_handle
        self.browser.get(f"http://{host}:{self.port}/login")
        self.browser.add_cookie({"name": COOKIE, "value": visitor._cookies[COOKIE]})
        self.browser.get(f"http://{host}:{self.port}{path}")

    def talk(self, station: Visitor) -> None:
        self.come("station", station, "127.0.0.1", f"/station/visits/{self.number}/talk")
        self.press("#try")
        wait(lambda: self.js("!document.querySelector('#checked').hidden"), "the camera")
        self.press("#go")
        self.unit.sign(self.number)
        wait(lambda: self.unit.of(m.Offered, self.number), "an offer")

    def told(self, **more: object) -> None:
        self.unit.told(self.number, "talking", 1500, **more)

    def press(self, css: str) -> None:
        self.browser.find_element("css selector", css).click()

    def js(self, text: str) -> object:
        return self.browser.execute_script(f"return {text}")

    def says(self, key: str, within_s: float = 40.0) -> None:
        wait(
            lambda: self.js("document.querySelector('#notice').dataset.notice") == key, f"the notice {key!r}", within_s
        )

    def resized(self, glass: str) -> None:
        width, height = GLASSES[glass]
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


@pytest.fixture
def call(tmp_path) -> Iterator[tuple[Call, Visits]]:
    with cheap_words(), ExitStack() as stack:
        office = Visits(tmp_path)
        stack.callback(office.close)
        yield Call(office, stack), office


def test_one_notice_says_what_is_so_and_moves_nothing(call) -> None:
    call, office = call
    call.talk(office.station)
    call.told()
    wait(lambda: call.js("document.querySelector('#far').videoWidth") == 320, "the learner's picture")
    call.says("")
    standing = {glass: whole(call, glass, "station-talk-good") for glass in GLASSES}

    with call.unit.frozen():
        stopped = time.monotonic()
        call.says("lost")
        assert time.monotonic() - stopped < 5
        stands = call.js("document.querySelector('#left').textContent")
        for glass in GLASSES:
            assert whole(call, glass, "station-lost") == standing[glass]
        assert "声音" not in call.browser.find_element("css selector", ".film").text
        call.press("#hear-it")
        wait(lambda: "线" in str(call.js(SAID)), "the notice to be said")
        wait(lambda: time.monotonic() - stopped > 5.5, "two seconds more")
        assert call.js("document.querySelector('#left').textContent") == stands
    call.says("")

    call.unit.send(video=False)
    call.says("still")
    assert whole(call, "telephone", "station-still") == standing["telephone"]
    call.told(notice="muted", muted=("unit",))  # nobody hears the sound that still arrives
    call.says("muted")
    call.unit.send(audio=False)
    call.told()
    call.says("silent")
    call.told(notice="five_left")
    call.unit.send()
    call.says("five_left")


def whole(call: Call, glass: str, name: str) -> dict[str, object]:
    """Where film, clock and *end* stand: within the glass."""
    call.resized(glass)
    shot(call.browser, f"{name}-{glass}")
    found = call.browser.execute_script(STANDING)
    assert all(bottom <= found["high"] for _, _, bottom in found["places"]), (glass, found)
    assert found["wide"][0] <= found["wide"][1], (glass, found)
    return found


def test_a_side_is_shown_as_muted_when_the_unit_says_so(call) -> None:
    call, office = call
    call.unit.sign(call.number)
    call.come("officer", office.officer, "localhost", f"/visits/{call.number}/watch")
    wait(lambda: call.unit.of(m.Offered, call.number), "an offer")
    call.told()
    call.says("")
    assert pressed(call) == {"unit": "false", "station": "false"}
    call.press("[data-act=mute][data-end=station]")
    wait(lambda: call.unit.of(m.OfficerCommand, call.number), "the order")
    call.told(notice="warned")
    call.says("warned")
    assert pressed(call) == {"unit": "false", "station": "false"}
    call.told(notice="muted", muted=("station",))
    call.says("muted")
    assert pressed(call) == {"unit": "false", "station": "true"}
    shot(call.browser, "visit-watch-muted")
    call.press("[data-act=mute][data-end=station]")
    wait(lambda: [one.act for one in call.unit.of(m.OfficerCommand, call.number)] == ["mute", "unmute"], "the orders")
    call.told()
    call.says("")
    assert pressed(call) == {"unit": "false", "station": "false"}


def pressed(call: Call) -> dict[str, str]:
    keys = call.browser.find_elements("css selector", "[data-act=mute]")
    return {key.get_attribute("data-end"): key.get_attribute("aria-pressed") for key in keys}
