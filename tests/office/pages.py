"""The office's pages without network: an application over a fresh database, and people who come in."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from kiosk_firmware.office.accounts import accounts, passwords
from kiosk_firmware.office.accounts.service import AccountService, utc_ms
from kiosk_firmware.office.database.connection import Where, connect
from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.fleet.display_names import DisplayNames
from kiosk_firmware.office.fleet.roster import Roster
from kiosk_firmware.office.learning.learner_numbers import LearnerNumbers
from kiosk_firmware.office.learning.learning_sums import LearningSums
from kiosk_firmware.office.settings import OfficeSettings, Site
from kiosk_firmware.office.shared_state import OfficeRequest, SharedState
from kiosk_firmware.office.web.app import build
from kiosk_firmware.office.web.page_context import PageContext
from kiosk_firmware.office.web.render import Renderer

SETTINGS = OfficeSettings({"jia": Site({"zh": "甲监"}, units=("jia-never-09",))})
WORD = "correct horse battery"


class Office:
    """`db` writes what the collector would; `requests` are what it would be asked."""

    def __init__(self, folder: Path, settings: OfficeSettings = SETTINGS, where: Where | None = None) -> None:
        self.db = connect(where or folder / "office.db")
        self.desk, self.views = SharedState(), Queries(where or folder / "office.db")
        self.people = AccountService(folder)
        names = DisplayNames(
            {"atm": {"zh": "取款机"}}, {"atm/withdraw-100": {"zh": "取 100 元"}}, {"jia": {"zh": "甲监"}}
        )
        self.roster = Roster(self.views, settings)
        self.frame = PageContext(self.desk, self.views, Renderer(names), self.people, LearnerNumbers())
        self.app = build(self.frame, self.roster)

    def unit(self, unit: str, site: str = "jia", **columns: Any) -> None:
        now = utc_ms()
        row = {"unit": unit, "site": site, "online": 1, "first_ms": now, "seen_ms": now, "since_ms": now, **columns}
        marks = ", ".join(f":{name}" for name in row)
        self.db.execute(f"INSERT INTO units({', '.join(row)}) VALUES({marks})", row)

    def sum_up(self) -> None:
        """What the store keeps as facts arrive, of rows that were written without it."""
        self.db.begin()
        LearningSums(self.db).rebuild()
        self.db.commit()

    def requests(self) -> list[OfficeRequest]:
        found = []
        while not self.desk.requests.empty():
            found.append(self.desk.requests.get_nowait())
        return found

    def come(self, name: str, role: Any = "administrator", sites: tuple[str, ...] = ()) -> Visitor:
        """Somebody with a fresh account, who has come in."""
        secret = self.people.accounts.make("test", name, role, sites, WORD)
        code = accounts.code_of(secret, utc_ms() // 1000) if secret else ""
        visitor = Visitor(self)
        answer = visitor.ask("POST", "/login", data={"name": name, "word": WORD, "code": code})
        assert answer.headers["location"] == "/", name
        page = visitor.get({"visits": "/visits", "station": "/station"}.get(role, "/")).text
        visitor.word = re.search(r'(?:"X-CSRF-Token": |name="csrf" value=)"([^"]+)"', page)[1]
        return visitor

    def close(self) -> None:
        self.people.close()
        self.db.close()


class Visitor:
    """One browser."""

    def __init__(self, office: Office) -> None:
        self._app, self._cookies = office.app, httpx.Cookies()
        self.word = ""

    def ask(self, method: str, path: str, **what: Any) -> httpx.Response:
        """One request, with no word of the session's but its cookie."""

        async def asked() -> httpx.Response:
            way = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=way, base_url="http://testserver", cookies=self._cookies) as client:
                answer = await client.request(method, path, **what)
                self._cookies = client.cookies
                return answer

        return asyncio.run(asked())

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, headers: dict[str, str] | None = None, **data: Any) -> httpx.Response:
        return self.ask("POST", path, data=data, headers={"X-CSRF-Token": self.word, **(headers or {})})


@pytest.fixture
def cheap(monkeypatch):
    """Passwords that cost nothing."""
    monkeypatch.setattr(passwords, "COST", {"length": 32, "iterations": 1, "lanes": 1, "memory_cost": 64})


@pytest.fixture
def office(tmp_path, cheap):
    made = Office(tmp_path)
    yield made
    made.close()
