"""What a page's stream of news counts: nothing of a site that its reader does not see, by role and topic."""

from __future__ import annotations

import asyncio

import pytest
from fastapi import HTTPException, Request

from kiosk_firmware.office.accounts.accounts import ROLES, SignedInUser
from kiosk_firmware.office.web import app
from kiosk_firmware.office.web.app import Pages
from kiosk_firmware.wire.messages import Now
from tests.office.pages import Office


@pytest.fixture
def office(tmp_path, monkeypatch):
    monkeypatch.setattr(app, "PACE_S", 0.01)
    made = Office(tmp_path)
    for site in ("jia", "yi"):
        made.unit(f"{site}-atm-01", site)
    yield made
    made.close()


class Stream:
    """One page's stream, read without a network."""

    def __init__(self, office, role, sites, topic):
        request = Request({"type": "http", "state": {"me": SignedInUser("li", role, frozenset(sites))}})
        self._words = Pages(office.frame).events(request, topic).body_iterator

    def heard(self) -> list[str]:
        """The events until nothing comes for a moment."""

        async def listen():
            found = []
            try:
                while True:
                    found.append((await asyncio.wait_for(asyncio.shield(self._next()), 0.5))["event"])
            except TimeoutError:
                return found

        return asyncio.get_event_loop().run_until_complete(listen())

    def _next(self):
        self._task = getattr(self, "_task", None)
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(anext(self._words))
        return self._task


@pytest.fixture(autouse=True)
def loop():
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    for task in asyncio.all_tasks(made):
        task.cancel()
    made.run_until_complete(asyncio.sleep(0))
    made.close()
    asyncio.set_event_loop(None)


def happens(desk, site):
    desk.news({f"{site}-atm-01"})
    desk.place(f"{site}-atm-01", Now(1))


@pytest.mark.parametrize("topic", ["fleet", "board"])
@pytest.mark.parametrize("role", ROLES)
def test_nothing_that_happens_at_another_site_is_news(office, role, topic):
    stream = Stream(office, role, ("jia",), topic)
    assert set(stream.heard()) == {"news", "glass"}, "at first: something may have been missed"
    happens(office.desk, "yi")
    assert stream.heard() == []
    happens(office.desk, "jia")
    assert stream.heard() == (["news"] if SignedInUser("", role).can("see") else [])
    office.desk.news(set())
    assert stream.heard() == ["news"], "what is no site's own is everybody's"


@pytest.mark.parametrize("topic", ["fleet", "board"])
def test_who_sees_all_sites_hears_of_all(office, topic):
    stream = Stream(office, "technician", (), topic)
    stream.heard()
    happens(office.desk, "yi")
    assert stream.heard() == ["news"]


@pytest.mark.parametrize("topic", ["yi-atm-01", "glass:yi-atm-01", "board:yi-atm-01", "nobody"])
@pytest.mark.parametrize("role", ROLES)
def test_no_topic_names_another_sites_unit(office, role, topic):
    with pytest.raises(HTTPException) as refused:
        Stream(office, role, ("jia",), topic)
    assert refused.value.status_code in (403, 404)
