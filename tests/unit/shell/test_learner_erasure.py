"""A unit forgets a learner when the office says so: what it keeps of them is gone, of everybody else it stays."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.unit.runtime.command_reader import CommandRow
from kiosk_firmware.unit.runtime.run_facts import pseudonym
from kiosk_firmware.visit.wire.messages import ENCODE, CallRules, Invited
from tests.unit.shell.rig import House

ANNA, BEA = "000932", "000517"


def practise(house: House, digits: str) -> str:
    """Somebody signs in, begins a run, ends it and goes; their pseudonym."""
    house.card(digits)
    for name in ("tile.atm", "lessons.free", "task.start"):
        house.tap(name)
    house.unit.on_strip("end")
    house.wait(5_000)
    house.unit.hear()
    for name in ("debrief.home", "home.out", "out.leave"):
        house.tap(name)
    house.journal.settle()
    return pseudonym(b"site", f"l-{digits}")


def kept(house: House, learner: str) -> int:
    """Records, runs and events of theirs that lie in the unit's memory."""
    theirs = "SELECT run FROM runs WHERE json_extract(header, '$.learner') = :who"
    counts = (
        "SELECT count(*) FROM records WHERE learner = :who",
        f"SELECT count(*) FROM ({theirs})",
        f"SELECT count(*) FROM journal WHERE run IN ({theirs})",
    )
    with sqlite3.connect(house.journal.path) as db:
        return sum(db.execute(count, {"who": learner}).fetchone()[0] for count in counts)


def test_one_learner_is_forgotten_and_no_other(tmp_path: Path) -> None:
    house = House(tmp_path, minutes=0)
    anna, bea = practise(house, ANNA), practise(house, BEA)
    before = kept(house, bea)
    assert kept(house, anna)
    assert before
    house.unit.execute_command(CommandRow("erase-1", "learner.erase", {"learner": anna}))
    house.settle()
    assert kept(house, anna) == 0
    assert kept(house, bea) == before


def test_nothing_of_their_visits_stays(tmp_path: Path) -> None:
    house = House(tmp_path, minutes=0)
    anna = pseudonym(b"site", f"l-{ANNA}")
    for name, digits in (("HJ1", ANNA), ("HJ2", BEA)):
        one = Invited(
            visit=name,
            begins_ms=0,
            learner=pseudonym(b"site", f"l-{digits}"),
            language="zh",
            people=1,
            rules=CallRules(),
            ice=(),
            seal="",
            token="t",
        )
        write_whole(tmp_path / "calls" / f"{name}.json", ENCODE(one))
        write_whole(tmp_path / "calls" / f"{name}.kvs", b"sealed")
    house.unit.execute_command(CommandRow("erase-1", "learner.erase", {"learner": anna}))
    assert {path.name for path in (tmp_path / "calls").iterdir()} == {"HJ2.json", "HJ2.kvs"}


def test_who_is_here_is_not_forgotten(tmp_path: Path) -> None:
    house = House(tmp_path, minutes=0)
    anna = practise(house, ANNA)
    before = kept(house, anna)
    house.card(ANNA)
    house.unit.execute_command(CommandRow("erase-1", "learner.erase", {"learner": anna}))
    house.settle()
    assert kept(house, anna) >= before
