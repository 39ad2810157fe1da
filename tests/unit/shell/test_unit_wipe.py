"""A unit that is wiped from its own glass: what would be lost is counted, the office hears of it first, and until the
system begins it can be stopped. What the system then does is tests/deploy/test_encrypted_data.py's.
"""

from __future__ import annotations

import sqlite3

import msgspec
import pytest

from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.unit.identity import status_file
from kiosk_firmware.unit.lobby.phases import supervisor as s
from kiosk_firmware.unit.shell.unit_wipe import PATIENCE_S, unsent
from tests.unit.shell.rig import House


class Desk:
    """The desk of a unit of somebody's, whose agent has written down what the office has."""

    def __init__(self, folder) -> None:
        self.house, self.folder = House(folder), folder
        self.agent = AgentDb(folder / "agent.db", "jia-atm-01")
        write_whole(folder / "trust" / "member.json", b"{}")
        self.now_s = 0.0
        self.desk = self.house.unit.desk
        self.desk._wiping._mono_s = lambda: self.now_s
        self.desk._supervisor = 4

    def facts(self) -> list[tuple[str, dict]]:
        with sqlite3.connect(self.folder / "screen.db") as db:
            rows = db.execute("SELECT type, data FROM facts ORDER BY seq").fetchall()
        return [(name, msgspec.json.decode(data)) for name, data in rows]

    def office_has(self, count: int) -> None:
        self.agent.ack(self.house.journal.epoch, count)

    def is_ordered(self) -> bool:
        assert self.desk.tick() == ()
        return (self.folder / status_file.WIPE).exists()


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.agent.close()


def test_what_the_office_does_not_have_is_counted(desk):
    for n in range(1, 6):
        desk.desk._note_act("look", "")
        (weighed,) = desk.desk.serve(s.Weigh())
        assert weighed == s.Weighed(len(desk.facts()), True)
        assert weighed.facts > n
    desk.office_has(len(desk.facts()) - 2)
    assert desk.desk.serve(s.Weigh()) == (s.Weighed(2, True),)
    (desk.folder / "trust" / "member.json").unlink()
    assert desk.desk.serve(s.Weigh()) == (s.Weighed(2, False),), "a unit of nobody can sign nothing"
    desk.house.journal.close()
    (desk.folder / "screen.db").write_bytes(b"not a database at all, not for a long time")
    for tail in ("-wal", "-shm"):
        (desk.folder / f"screen.db{tail}").unlink(missing_ok=True)
    assert unsent(desk.folder) == -1


def test_office_has_heard_of_it_before_anything_is_ordered(desk):
    desk.desk.serve(s.WipeUnit())
    assert desk.facts()[-1] == ("supervisor.acted", {"who": 4, "act": "wipe", "detail": ""}), "on the disk already"
    desk.now_s = PATIENCE_S - 1
    assert not desk.is_ordered()
    desk.office_has(len(desk.facts()) - 1)
    assert not desk.is_ordered()
    desk.office_has(len(desk.facts()))
    assert desk.is_ordered()


def test_office_that_is_away_is_not_waited_for_without_end(desk):
    desk.desk.serve(s.WipeUnit())
    desk.now_s = PATIENCE_S
    assert desk.is_ordered()


@pytest.mark.parametrize("how", [s.KeepUnit(), s.LeaveDesk(4, "idle"), s.LeaveDesk(4)])
def test_whoever_stops_or_leaves_keeps_the_unit(desk, how):
    desk.desk.serve(s.WipeUnit())
    desk.desk.serve(how)
    desk.now_s = PATIENCE_S * 2
    assert not desk.is_ordered()


def test_order_that_stands_outlives_a_restart_of_the_screen(desk):
    """The system's turn has come; a screen that starts meanwhile must not take it back."""
    status_file.want(desk.folder, status_file.WIPE)
    status_file.want(desk.folder, status_file.CARRY)
    desk.house.start()
    assert (desk.folder / status_file.WIPE).exists()
    assert not (desk.folder / status_file.CARRY).exists(), "nobody waits for a stick any more"


def test_stick_takes_what_was_written_down_and_says_how_much(desk):
    desk.desk.serve(s.CarryOut())
    assert desk.facts()[-1][1]["act"] == "carry"
    assert (desk.folder / status_file.CARRY).exists()
    assert desk.desk.tick() == ()
    (desk.folder / status_file.CARRIED).write_text("17\n")
    assert desk.desk.tick() == (s.Carried(17),)
    assert not (desk.folder / status_file.CARRY).exists(), "one stick, once"
    desk.desk.serve(s.CarryOut())
    desk.desk.serve(s.CarryNothing())
    assert not (desk.folder / status_file.CARRY).exists()


def test_stick_that_ends_late_stops_no_wipe(desk):
    desk.desk.serve(s.CarryOut())
    desk.desk.serve(s.CarryNothing())
    desk.desk.serve(s.WipeUnit())
    (desk.folder / status_file.CARRIED).write_text("17\n")
    assert desk.desk.tick() == (s.Carried(17),), "the page that hears it has gone"
    desk.now_s = PATIENCE_S
    assert desk.is_ordered()
