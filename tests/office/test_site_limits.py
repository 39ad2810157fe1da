"""Nobody grants, changes, closes, reads or agrees beyond their own sites: a site's administrator is that site's."""

from __future__ import annotations

import itertools

import pytest

from kiosk_firmware.office.accounts.accounts import ROLES, SignedInUser, is_weak
from kiosk_firmware.office.accounts.errors import ActRefusedError
from kiosk_firmware.office.web.app import build
from kiosk_firmware.office.web.csv_cells import plain
from tests.office.pages import WORD, Office, Visitor, cheap, office

__all__ = ["cheap", "office"]
OWN, OTHERS = ("jia",), (("yi",), ("jia", "yi"), ())
"""Sites of an administrator, and sites of accounts that are not theirs; none is all."""


def names(office: Office) -> dict[str, tuple[str, tuple[str, ...], bool]]:
    return {one.name: (one.role, tuple(sorted(one.sites)), off) for one, off in office.people.accounts.all()}


@pytest.mark.parametrize(("role", "sites"), list(itertools.product(ROLES, OTHERS)))
def test_an_account_beyond_ones_sites_is_neither_made_nor_changed_nor_closed(office, role, sites):
    office.people.accounts.make("test", "other-one", role, sites, WORD)
    there = office.come("jia-admin", "administrator", OWN)
    before = names(office)
    made = there.post("/people/make", name="new-one", role=role, word=WORD, sites=",".join(sites))
    changed = [there.post("/people/make", name="other-one", role="viewer", word=WORD, sites=own) for own in ("jia", "")]
    shut = there.post("/people/shut", name="other-one")
    assert names(office) == before
    assert all("jia" in answer.text for answer in (made, *changed, shut)), "they hear whose accounts are theirs"


@pytest.mark.parametrize("role", ROLES)
def test_within_ones_sites_it_goes(office, role):
    there = office.come("jia-admin", "administrator", OWN)
    there.post("/people/make", name="new-one", role=role, word=WORD, sites="jia")
    assert names(office)["new-one"] == (role, OWN, False)
    there.post("/people/shut", name="new-one")
    assert names(office)["new-one"][2]


def test_pages_of_people_and_audit_show_ones_own_alone(office):
    office.come("all-admin", "administrator").post("/people/make", name="yi-one", role="viewer", word=WORD, sites="yi")
    page = office.come("jia-admin", "administrator", OWN).get("/people").text
    assert "yi-one" not in page
    audit = office.come("jia-two", "administrator", OWN).get("/audit").text
    assert "yi-one" not in audit
    assert "all-admin" not in audit


def test_announced_work_of_another_site_is_not_ended(office):
    for site in ("jia", "yi"):
        office.unit(f"{site}-atm-01", site)
    office.come("yi-tech", "technician", ("yi",)).post("/alerts/work", scope="yi-atm-01", why="pipes")
    window = office.people.db.rows("SELECT * FROM windows")[0]
    answer = office.come("jia-tech", "technician", OWN).post("/alerts/work/end", id=window["id"])
    assert answer.status_code == 404
    assert office.people.db.rows("SELECT until_ms FROM windows")[0]["until_ms"] == window["until_ms"]
    office.come("yi-two", "technician", ("yi",)).post("/alerts/work/end", id=window["id"])
    assert office.people.db.rows("SELECT until_ms FROM windows")[0]["until_ms"] < window["until_ms"]


def test_a_second_person_whom_the_first_one_made_is_none(office):
    first = SignedInUser("first-admin", "administrator")
    office.people.accounts.make("init", "first-admin", "administrator", (), WORD)
    office.people.accounts.make("init", "third-admin", "administrator", (), WORD)
    office.people.accounts.make(first, "friend", "technician", (), WORD)
    office.people.proposals.ask(first, "class.stop", {}, ("jia-atm-01", "yi-atm-01"), 60_000, "why")
    wanted = office.people.proposals.open()[0].id
    with pytest.raises(ActRefusedError, match="has not made"):
        office.people.proposals.decide(SignedInUser("friend", "technician"), wanted, True)
    assert office.people.proposals.decide(SignedInUser("third-admin", "administrator"), wanted, True) is not None


@pytest.mark.parametrize("word", ["123456789012", " " * 12, "aaaaaaaaaaaaaaaa", "short-one", "a-long-name-1"])
def test_a_password_that_people_try_first_is_refused(word):
    assert is_weak(word, "a-long-name-1")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_a_table_is_a_formula(cell):
    assert plain([cell, 5, -3, "jia-atm-01"]) == [f"'{cell}", 5, -3, "jia-atm-01"]


@pytest.mark.parametrize(("host", "safe"), [("office.example", True), ("127.0.0.1:8080", False)])
def test_behind_a_proxy_the_cookie_is_for_tls_alone_whatever_the_proxy_forgets(office, host, safe):
    office.people.accounts.make("test", "li-viewer", "viewer", (), WORD)
    office.app = build(office.frame, office.roster, hosts=("office.example",))
    answer = Visitor(office).ask("POST", "/login", data={"name": "li-viewer", "word": WORD}, headers={"host": host})
    assert ("Secure" in answer.headers["set-cookie"]) is safe
    assert ("strict-transport-security" in answer.headers) is safe
