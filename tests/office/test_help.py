"""The documents under *Help*: all of them, every link, for everybody who has come in, in the reader's language."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from deploy.packaging import copy_documents
from kiosk_firmware.office.accounts.accounts import ROLES
from kiosk_firmware.office.web import help as help_pages
from tests.house.tree import ROOT
from tests.office.pages import Office, Visitor, cheap, office

__all__ = ["cheap", "office"]
PAGES = sorted(path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md"))


class Links(HTMLParser):
    """What a page names: places it leads to, pictures it shows, anchors it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.leads: set[str] = set()
        self.loads: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.anchors |= {named["id"] or ""} if "id" in named else set()
        if tag == "a" and named.get("href"):
            self.leads.add(named["href"] or "")
        self.loads |= {named[name] or "" for name in ("src",) if name in named}
        if tag == "link":
            self.loads.add(named["href"] or "")


def page_of(visitor: Visitor, language: str, path: str) -> Links:
    visitor.get(f"/language/{language}")
    answer = visitor.get(f"/help/{path}")
    assert answer.status_code == 200, path
    return Links(answer.text)


def test_every_page_is_shown_and_every_link_leads_somewhere(office: Office):
    """No page asks anything of another server, and each anchor is there."""
    chief = office.come("chief")
    found = {path: page_of(chief, "en" if path.startswith("en/") else "zh", path) for path in PAGES}
    wrong = []
    for path, links in found.items():
        for link in links.leads | links.loads:
            there = urlsplit(urljoin(f"/help/{path}", link))
            if there.netloc and link in links.loads:
                wrong.append((path, link))
            if not there.netloc and there.path.startswith("/help/"):
                target = there.path.removeprefix("/help/")
                is_right = target in found and (not there.fragment or there.fragment in found[target].anchors)
                if not is_right and target.rpartition(".")[2] not in help_pages.PICTURES:
                    wrong.append((path, link))
    assert not wrong


def test_pictures_in_the_documents_are_shown(office: Office):
    chief = office.come("chief")
    shown = {
        urljoin(f"/help/{path}", picture)
        for path in PAGES
        for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", (ROOT / "docs" / path).read_text(encoding="utf-8"))
    }
    for address in shown:
        answer = chief.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["content-type"].startswith("image/")


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("visits", "station")])
def test_everybody_who_has_come_in_may_read_and_nobody_else(office: Office, role):
    """The two roles of real visits as well: `test_doors`, whose office has visits."""
    assert Visitor(office).get("/help").headers["location"] == "/login"
    somebody = office.come(f"a-{role}", role, ("jia",))
    assert somebody.get("/help").headers["location"] == "/help/zh/README.md"
    page = somebody.get("/help/zh/README.md")
    assert page.status_code == 200
    assert 'class="help"' in page.text


def test_a_page_comes_in_the_readers_language(office: Office):
    chief = office.come("chief")
    chief.get("/language/en")
    assert chief.get("/help/zh/office/runbook.md").headers["location"] == "/help/en/office/runbook.md"
    assert chief.get("/help/reference/cli.md").status_code == 200, "there is only one of it"


@pytest.mark.parametrize(
    "path", ["../pyproject.toml", "zh/%2e%2e/%2e%2e/pyproject.toml", "none.md", "zh", ".hidden.md"]
)
def test_nothing_but_the_documents_is_read(office: Office, path):
    assert office.come("chief").get(f"/help/{path}").status_code == 404


def test_each_alert_leads_to_its_section(office: Office):
    office.unit("jia-atm-01")
    with office.people.db.change() as db:
        db.execute("INSERT INTO incidents VALUES('jia', 'jia-atm-01', 'hot', '', 1, 0)")
    chief = office.come("chief")
    link = re.search(r'href="(/help/[^"]+#hot)"', chief.get("/alerts").text)[1]
    assert "hot" in page_of(chief, "zh", urlsplit(link).path.removeprefix("/help/")).anchors


def test_a_package_carries_every_document_and_what_they_show(tmp_path: Path):
    copy_documents(ROOT / "docs", tmp_path)
    copied = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert [path for path in copied if path.endswith(".md")] == PAGES
    assert not {path.rpartition(".")[2] for path in copied} - {"md", *help_pages.PICTURES}
