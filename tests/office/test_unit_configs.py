"""A unit's configuration on the office's page: checked, signed, written down, shown beside what the unit reports."""

from __future__ import annotations

import msgspec

from kiosk_firmware.settings import unit_toml as unit_settings
from tests.house.tree import ROOT
from tests.office.pages import Office, cheap, office

__all__ = ["cheap", "office"]
UNIT = "jia-atm-01"
PATH = f"/units/{UNIT}/config"


def toml(minutes: int) -> str:
    held = unit_settings.read_settings(ROOT / "deploy" / "unit" / "atm" / "unit.toml")
    unit = msgspec.structs.replace(held.unit, id=UNIT, site="jia")
    turn = msgspec.structs.replace(held.turn, minutes=minutes)
    return unit_settings.settings_toml(msgspec.structs.replace(held, unit=unit, turn=turn))


def reported(office: Office, version: int, phase: str, text: str, reason: str = "") -> None:
    row = (UNIT, version, phase, reason, text, 1)
    office.db.execute("INSERT INTO reported VALUES(?, ?, ?, ?, ?, ?)", row)


def test_a_configuration_is_signed_with_the_next_number_and_its_reason_kept(office: Office):
    office.unit(UNIT)
    office.frame.seal = lambda unit, version, text: f"{unit} {version} {len(text)}".encode()
    reported(office, 6, "undone", toml(7))
    visitor = office.come("wang-tech", "technician")
    text = toml(9)
    assert visitor.post(PATH, toml=text, why=" ").status_code == 400
    assert visitor.post(PATH, toml=text.replace("\n", "\r\n"), why="shorter turns").status_code == 204
    (wish,) = office.requests()
    assert (wish.kind, wish.unit, wish.args["version"], wish.args["toml"]) == ("config", UNIT, 7, text)
    assert wish.args["document"] == f"{UNIT} 7 {len(text)}"
    entry = office.people.audit.rows(1)[0]
    assert (entry.who, entry.act, entry.about, entry.reason) == ("wang-tech", "config.wanted", UNIT, "7: shorter turns")


def test_what_the_unit_would_refuse_is_not_sent(office: Office):
    office.unit(UNIT)
    visitor = office.come("wang-tech", "technician")
    assert visitor.post(PATH, toml=toml(9), why="w").status_code == 400, "this office has no authority"
    office.frame.seal = lambda unit, version, text: b"{}"
    for wrong, said in (
        (toml(9).replace('kind = "atm"', 'kind = "bank"'), "unit.kind"),
        ("[unit", "TOML"),
        (toml(9).replace(UNIT, "jia-atm-02"), "allowed are jia-atm-01, jia"),
    ):
        answer = visitor.post(PATH, toml=wrong, why="w")
        assert answer.status_code == 400
        assert said in answer.text or said == "TOML"
    assert office.requests() == []
    assert office.come("li-teacher", "teacher").post(PATH, toml=toml(9), why="w").status_code == 403


def test_the_page_shows_wanted_beside_reported(office: Office):
    office.unit(UNIT)
    visitor = office.come("looker", "viewer")
    assert "练习机还没有报告过" in visitor.get(PATH).text
    row = (UNIT, 3, "jia", toml(9), "{}", 1)
    office.db.execute("INSERT INTO configs VALUES(?, ?, ?, ?, ?, ?)", row)
    reported(office, 2, "kept", toml(7))
    page = visitor.get(PATH).text
    assert "- minutes = 7" in page
    assert "+ minutes = 9" in page
    assert "还没有答复" in page
    assert 'name="toml"' not in page, "a viewer sends nothing"
    office.db.execute("DELETE FROM reported")
    reported(office, 3, "kept", toml(9))
    page = visitor.get(f"{PATH}/part").text
    assert "一样。" in page
    assert "已采用" in page
