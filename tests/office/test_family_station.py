"""The family's pages as a man of 81 meets them: each step whole on the glass, words of 24 px and more, keys of 64 and
more, in both languages, on a small laptop with its browser's bars and on a tablet; and a visit that an officer moves.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from tests.office.calling import PlayedUnit
from tests.office.conftest import shot, wait
from tests.office.visitors import Visitors, approved, asked, at_free_half, cheap_words, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.broker, pytest.mark.long]
GLASSES = {"laptop": (1366, 650), "tablet": (1280, 720)}
"""1366x768 and 1280x800, less what a browser and the system take."""
MEASURED = """
const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 1;
const named = (one) => (one.id || one.name || one.className || one.tagName) + ' ' + one.textContent.trim().slice(0, 30);
const wrong = [], page = document.scrollingElement;
if (page.scrollHeight > innerHeight) wrong.push(`page: ${page.scrollHeight} of ${innerHeight} px high`);
if (page.scrollWidth > innerWidth) wrong.push(`page: ${page.scrollWidth} of ${innerWidth} px wide`);
for (const one of document.querySelectorAll('body *'))
  if (shown(one) && [...one.childNodes].some((part) => part.nodeType === 3 && part.data.trim())
      && parseFloat(getComputedStyle(one).fontSize) < 24 && !['OPTION', 'SCRIPT'].includes(one.tagName))
    wrong.push(`words of ${getComputedStyle(one).fontSize}: ${named(one)}`);
const keys = 'a, button, select, input:not([type=radio], [type=checkbox], [type=hidden]), .choice';
for (const one of document.querySelectorAll(keys))
  if (shown(one) && one.getBoundingClientRect().height < 63.5)
    wrong.push(`key of ${one.getBoundingClientRect().height} px: ${named(one)}`);
return wrong;
"""


class Station(Visitors):
    """Looks at each page on every glass, and gathers what is wrong with it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "jia-visit-01")
        self.unit = PlayedUnit(self.port)
        self.language, self.wrong = "zh", list[str]()

    def look(self, name: str) -> None:
        if self.browser.current_window_handle != self.windows["station"][0]:
            return
        for glass, (width, height) in GLASSES.items():
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            shot(self.browser, f"{name}-{glass}-{self.language}")
            found = self.browser.execute_script(MEASURED)
            self.wrong += [f"{name} {glass} {self.language}: {one}" for one in found]

    def close(self) -> None:
        self.unit.close()
        super().close()


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    with cheap_words():
        made = Station(tmp_path_factory.mktemp("station"))
        try:
            made.open()
            yield made
        finally:
            made.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_step_is_whole_on_the_glass(station: Station, language: str) -> None:
    station.language, station.wrong = language, []
    for who in ("station", "officer"):
        station.as_(who, f"language/{language}")
    sent_back(station, asked(station, f"{len(language)}{ord(language[0]):015x}"))
    number = three(station)
    approved(station, number)
    moved(station, number)
    talked(station, number)
    for page, name in enumerate(("station-home", "station-older")):
        station.as_("station", f"station?page={page}")
        station.look(name)
    assert station.wrong == []


def sent_back(station: Station, number: str) -> None:
    """The officer has no leave for it."""
    station.as_("officer", f"visits/{number}")
    station.follow("button[value=refuse]")
    station.as_("station", f"station/visits/{number}")
    station.look("station-returned")


def three(station: Station) -> str:
    """A request that is wrong at first, with as many people as may come; its number."""
    station.as_("station", "station/ask")
    station.type("learner", f"{ord(station.language[0]):016x}")
    station.follow(".primary")
    for n in range(3):
        station.type(f"relative{n}", f"r-00000{n}")
    station.follow(".primary")
    station.look("station-people-wrong")
    for n in range(3):
        Select(station.browser.find_element(By.NAME, f"proof{n}")).select_by_value("hukou")
    station.follow(".primary")
    station.press(".choice")
    station.follow(".primary")
    station.look("station-check-three")
    station.follow(".primary")
    return station.browser.current_url.rpartition("/")[2]


def moved(station: Station, number: str) -> None:
    """The clerk has told the family; then the officer gives it another half hour, once they have seen who is free."""
    station.as_("station", f"station/visits/{number}")
    station.follow("button[value=told]")
    station.look("station-told")
    station.as_("officer", f"visits/{number}/move")
    shot(station.browser, f"visit-move-{station.language}")
    at_free_half(station)
    station.follow("form[method=get] button")
    station.type("reason", "the unit is repaired")
    station.follow("button[value=move]")
    assert not station.sees("#no")
    shot(station.browser, f"visit-moved-{station.language}")
    station.as_("station")  # nobody has pressed anything here: the clerk's page looks by itself
    wait(lambda: station.sees("button[value=told]"), "the family's page to show that it was moved", 40)
    station.look("station-moved")
    station.as_("station", "station")
    assert station.sees(".tag.moved")
    station.look("station-home-moved")


def talked(station: Station, number: str) -> None:
    """Signed in, undertaken, talked, over."""
    signed_in(station, number)
    station.look("station-wait")
    for at, more in (("elsewhere", ""), ("check", "[data-trouble=denied]"), ("wait", "#no-line")):
        uncover(station, at, more, True)
        station.look(f"station-{at}{more.strip('[]').replace('#', '-').replace('data-trouble=', '-')}")
        uncover(station, at, more, False)
    wait(lambda: number in station.unit.invited, "the unit to be invited to the new time")
    station.unit.sign(number)
    station.unit.told(number, "talking", 290, notice="five_left")
    wait(lambda: station.js("document.querySelector('#far').videoWidth") == 320, "the learner's picture")
    station.press("#leave")
    station.look("station-talk")
    station.unit.told(number, "over", 0, end="time")
    wait(lambda: station.sees("[data-end=time]"), "the end to be told")
    station.look("station-over")
    station.as_("station", f"station/visits/{number}")
    station.look("station-ended")


def uncover(station: Station, at: str, more: str, on: bool) -> None:
    """Show what only a browser in trouble shows; or go back to waiting."""
    step = at if on else "wait"
    station.browser.execute_script(
        "for (const one of document.querySelectorAll('[data-at]')) one.hidden = one.dataset.at !== arguments[0];"
        "document.querySelector('#checked').hidden = true; document.querySelector('#try').hidden = false;"
        "if (arguments[1]) document.querySelector(arguments[1]).hidden = !arguments[2];",
        step,
        more,
        on,
    )
