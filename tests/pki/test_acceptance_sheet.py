"""The acceptance sheet says what is so, first what is wanting, and nobody can change it afterwards."""

from __future__ import annotations

import msgspec
import pytest

from hardware.diagnostics.cli import test_and_teach
from hardware.diagnostics.cli.device_bench import Step
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.unit.enrolment import acceptance_sheet
from kiosk_firmware.unit.enrolment.acceptance_sheet import PURPOSE, AcceptanceSheet
from kiosk_firmware.unit.identity.unit_identity import UnitTrust
from kiosk_firmware.wire import signed_document
from kiosk_firmware.wire.certificates import TrustError


@pytest.fixture
def board(tmp_path):
    """A board's /sys with one radio, which is off."""
    radio = tmp_path / "sys" / "class" / "rfkill" / "rfkill0"
    radio.mkdir(parents=True)
    for name, word in (("type", "wlan"), ("name", "phy0"), ("soft", "1"), ("hard", "0")):
        (radio / name).write_text(f"{word}\n")
    return tmp_path / "sys"


def report(state, well: bool) -> None:
    (state / test_and_teach.FOLDER).mkdir(exist_ok=True)
    steps = () if well else (Step("self-test", "lost", False),)
    made = test_and_teach.Report(1, well, (test_and_teach.DeviceTest("card_reader", "crt310", well, steps, {}),))
    (state / test_and_teach.FOLDER / f"{well:d}.json").write_bytes(msgspec.json.encode(made))


def test_nobody_has_no_sheet(tmp_path):
    with pytest.raises(TrustError, match="nobody yet"):
        acceptance_sheet.make_sheet(UnitTrust(tmp_path), "0.1.0", tmp_path, now_ms())


def test_sheet_says_what_is_so_and_is_signed_by_the_unit(office, board, tmp_path):
    office.open_desk()
    unit = office.trusted("jia-atm-01")
    assert "no part was tested" in acceptance_sheet.make_sheet(unit.member, "0.1.0", unit.state, 1, board).wanting[0]
    report(unit.state, False)
    wanting = acceptance_sheet.make_sheet(unit.member, "0.1.0", unit.state, 1, board).wanting
    assert wanting == ("读卡器 Card reader: 自检 self-test → 没有应答，请检查接线 No answer: check the cable",)
    report(unit.state, True)
    (board / "class" / "rfkill" / "rfkill0" / "soft").write_text("0\n")
    assert acceptance_sheet.make_sheet(unit.member, "0.1.0", unit.state, 1, board).wanting == (
        "无线开着 radio on: wlan phy0",
    )
    (board / "class" / "rfkill" / "rfkill0" / "soft").write_text("1\n")
    sheet = acceptance_sheet.make_sheet(unit.member, "0.1.0", unit.state, 1, board)
    assert sheet.wanting == ()
    acceptance_sheet.write(unit.member, sheet, tmp_path / "out")
    page = (tmp_path / "out" / "acceptance.html").read_text()
    until = unit.member.leaf().not_valid_after_utc
    named = ("Operator", "Technician", "读卡器 Card reader<", "取款机 Cash machine")
    for words in ("radio off", "1970-01-01 08:00", f"{until:%Y-%m}", *named):
        assert words in page
    data = (tmp_path / "out" / "acceptance.json").read_bytes()
    who, read = signed_document.open_document(
        data, PURPOSE, AcceptanceSheet, office.place.authority.root, now_ms(), "unit"
    )
    assert (who.name, read) == ("jia-atm-01", sheet)
    with pytest.raises(TrustError, match="was changed"):
        signed_document.open_document(
            data.replace(b"crt310", b"crt591"), PURPOSE, AcceptanceSheet, office.place.authority.root, now_ms(), "unit"
        )
