"""How the visit process is begun: by a file with a number that names an invitation, and by nothing else."""

from __future__ import annotations

import pytest

from kiosk_firmware import cli
from kiosk_firmware.visit.wire import paths, talk_time_log
from kiosk_firmware.visit.wire.messages import ENCODE
from tests.visit.unit.rig import VISIT, invited


def test_without_a_start_there_is_no_visit(tmp_path, capsys):
    unit = tmp_path / "unit.toml"
    unit.write_text('[unit]\nid = "jia-visit-01"\nsite = "jia"\nkind = "visit"\n')
    assert cli.main(["visit", "--unit", str(unit), "--state", str(tmp_path)]) == 2
    assert "no visit is to begin" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["../agent", "", "a b", "x" * 33, "会见"])
def test_a_start_with_another_word_names_no_file_and_is_gone(tmp_path, number):
    (tmp_path / paths.START).write_text(number)
    with pytest.raises(ValueError, match=r"start: visit = .*allowed are"):
        talk_time_log.read_start(tmp_path)
    assert not (tmp_path / paths.START).exists()


@pytest.mark.parametrize("said", [b"", b"{}", b'{"type":"Withdrawn","visit":"HJ000001"}'])
def test_an_invitation_that_is_none_is_named(tmp_path, said):
    (tmp_path / f"{VISIT}{paths.INVITED}").write_bytes(said)
    with pytest.raises(ValueError, match=VISIT):
        talk_time_log.read_invitation(tmp_path, VISIT)


def test_an_invitation_under_another_number_is_none(tmp_path):
    (tmp_path / f"HJ000002{paths.INVITED}").write_bytes(ENCODE(invited()))
    with pytest.raises(ValueError, match="allowed is 'HJ000002'"):
        talk_time_log.read_invitation(tmp_path, "HJ000002")


def test_what_was_left_is_read_back_and_half_a_file_is_none(tmp_path):
    left = talk_time_log.TalkTime(1, 1_000, 2_000, 3_000)
    talk_time_log.keep(tmp_path, VISIT, left)
    assert talk_time_log.read_talk_time(tmp_path, VISIT) == left
    (tmp_path / f"{VISIT}{talk_time_log.STATE}").write_bytes(b'{"left_ms":')
    assert talk_time_log.read_talk_time(tmp_path, VISIT) is None
    assert talk_time_log.tidy(tmp_path, "HJ000002") == ()
    assert not (tmp_path / f"{VISIT}{talk_time_log.STATE}").exists()
