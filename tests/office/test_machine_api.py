"""What other programs read: by a token alone, at its sites, nothing but reading; described, and nobody named."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest

from kiosk_firmware.office.accounts.accounts import SignedInUser
from kiosk_firmware.office.accounts.errors import ActRefusedError
from kiosk_firmware.office.learning.statistics import FEW
from tests.office.pages import Office, Visitor, cheap, office
from tests.office.test_learning import practised

__all__ = ["cheap", "office"]
CHIEF = SignedInUser("a-chief", "administrator")


@pytest.fixture
def two(office: Office) -> Office:
    office.unit("jia-atm-01")
    office.unit("yi-atm-01", "yi")
    practised(office, FEW)
    practised(office, FEW - 1, lesson="balance")
    practised(office, FEW, unit="yi-atm-01", lesson="transfer")
    office.sum_up()
    return office


def asked(office: Office, path: str, token: str, method: str = "GET") -> Any:
    return Visitor(office).ask(method, path, headers={"Authorization": f"Bearer {token}"})


def test_a_token_reads_its_own_sites_and_no_other(two: Office):
    token = two.people.tokens.make(CHIEF, "a-reader", ("jia",))
    assert [one["unit"] for one in asked(two, "/api/v1/units", token).json()] == ["jia-atm-01", "jia-never-09"]
    assert [one["site"] for one in asked(two, "/api/v1/sites", token).json()] == ["jia"]
    assert [one["lesson"] for one in asked(two, "/api/v1/learning", token).json()] == ["withdraw-100"], (
        "few, or not ours"
    )
    assert asked(two, "/api/v1/completeness", token).json() == {"accounted_for": 0, "lost": 0, "under_way": 0}
    for path in ("units", "alerts", "learning", "completeness"):
        assert asked(two, f"/api/v1/{path}?site=yi", token).status_code == 404, path
        assert "yi" not in asked(two, f"/api/v1/{path}", token).text
    everywhere = two.people.tokens.make(CHIEF, "another", ())
    assert {one["site"] for one in asked(two, "/api/v1/sites", everywhere).json()} == {"jia", "yi"}


def test_a_token_does_nothing_but_read_there(two: Office):
    token = two.people.tokens.make(CHIEF, "a-reader", ())
    for path in ("/", "/people", "/board", "/learners/jia/" + "0" * 16, "/units/jia-atm-01/glass.jpg"):
        assert asked(two, path, token).status_code == 403, path
    assert asked(two, "/api/v1/units", token, "POST").status_code == 403
    assert asked(two, "/board/do", token, "POST").status_code == 403
    assert two.requests() == []


def test_what_is_no_token_or_is_closed_opens_nothing(two: Office):
    token = two.people.tokens.make(CHIEF, "a-reader", ())
    assert asked(two, "/api/v1/units", token).status_code == 200
    assert two.people.tokens.of(CHIEF)[0].used_ms > 0
    two.people.tokens.shut(CHIEF, "a-reader")
    for wrong in (token, "", "kiosk-", "x" * 5000):
        assert asked(two, "/api/v1/units", wrong).status_code == 401
    assert token not in "".join(str(tuple(row)) for row in two.people.db.rows("SELECT * FROM api_tokens"))
    assert Visitor(two).get("/api/v1/units").status_code in (303, 401)


@pytest.mark.parametrize(("name", "sites"), [("X", ()), ("a-reader", ("yi",)), ("taken", ("jia",)), ("wide", ())])
def test_a_token_that_may_not_be_is_refused(two: Office, name, sites):
    two.people.tokens.make(CHIEF, "taken", ())
    with pytest.raises(ActRefusedError, match="allowed"):
        two.people.tokens.make(SignedInUser("own", "administrator", frozenset({"jia"})), name, sites)


def test_the_page_makes_a_token_shows_it_once_and_closes_it(two: Office):
    chief = two.come("a-chief")
    made = chief.post("/api/make", name="the-ministry", sites="jia").text
    token = re.search(r'id="token">([^<]+)<', made)[1]
    assert asked(two, "/api/v1/units", token).status_code == 200
    assert token not in chief.get("/api").text
    assert "the-ministry" in chief.get("/api").text
    chief.post("/api/shut", name="the-ministry")
    assert asked(two, "/api/v1/units", token).status_code == 401
    acts = [row["act"] for row in two.people.db.rows("SELECT act FROM audit WHERE act LIKE 'token.%' ORDER BY n")]
    assert acts == ["token.made", "token.shut"]


def test_answers_are_what_the_description_says(two: Office):
    token = two.people.tokens.make(CHIEF, "a-reader", ())
    described = asked(two, "/api/openapi.json", token).json()
    assert set(described["paths"]) == {f"/api/v1/{one}" for one in UNDER}
    for path, operations in described["paths"].items():
        schema = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(asked(two, path, token).json(), {**schema, "components": described["components"]})
    assert set(described["paths"]["/api/v1/units"]) == {"get"}


UNDER = ("units", "sites", "alerts", "learning", "completeness")


def test_the_proof_is_counted_from_the_rows_and_the_settings_are_shown(two: Office):
    chief = two.come("a-chief")
    assert "还没有核对过" in chief.get("/proof").text
    columns = "unit, epoch, seq, digest, type, at_ms, timeq, heard_ms, data"
    for seq in (1, 2):
        row = ("jia-atm-01", "e", seq, "", "x.y", 1, "", 1, "{}")
        two.db.execute(f"INSERT INTO facts({columns}) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    two.db.execute("INSERT INTO epochs(unit, epoch, upto, top, lost) VALUES('jia-atm-01', 'e', 2, 3, 1)")
    counted = chief.post("/proof").text
    assert "核对结果：丢失 1 条，共 3 条" in counted
    assert "对得上" in counted
    two.db.execute("DELETE FROM facts WHERE seq = 2")
    assert "对不上：e" in chief.post("/proof").text
    page = chief.get("/settings").text
    assert "visits.keep_days" in page
    assert "language 1, words 2" in page
    assert "jia-never-09" in page
    own = two.come("own-chief", "administrator", ("yi",)).get("/settings").text
    assert "visits.keep_days" not in own
    assert "jia-never-09" not in own
