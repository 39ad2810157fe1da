"""A part that another one opened, in life: one run and one journal, taken up after a cut where it stood."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.linked_machines import join_machines
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.runtime.interfaces import RunRequest
from tests.core.test_linked_machines import pair
from tests.unit.runtime.rig import Rig

PERSON = Persona(wallet="w")


class Loaded:
    """The shape that the catalogue loads: a shop that may open a till."""

    machine, world = join_machines(pair(), lambda name: pair() if name == "till" else None)
    words = Words(partial=True)
    look: dict[str, Any] = {}  # noqa: RUF012
    recovery: dict[Any, Any] = {}  # noqa: RUF012
    holds: tuple[Any, ...] = ()
    pack_id, content_hash = "2026-01-01", "abc"


ORDER = RunRequest("part", "plain", PERSON, None, "0123456789abcdef")


def begun(path: Any) -> Rig:
    rig = Rig(path)
    rig.engine.begin(Loaded(), ORDER)
    rig.settle()
    return rig


def test_a_part_opens_and_closes_within_one_run(tmp_path: Any) -> None:
    rig = begun(tmp_path / "screen.db")
    rig.press("buy")
    assert rig.step == "till-home"
    assert not rig.results, "the other part's first page is no end"
    rig.press("pay")
    assert rig.step == "told"
    rig.engine.leave("given_up")
    rig.wait(1000)
    (result,) = rig.results
    assert result.persona is not None
    assert result.persona.wallet == "w."
    assert result.record.facts["paid_fen"] == 3650
    assert [step.step for step in result.record.steps] == ["home", "till-home", "told", "home"]


def test_a_cut_in_the_opened_part_is_taken_up_there(tmp_path: Any) -> None:
    path = tmp_path / "screen.db"
    rig = begun(path)
    rig.press("buy")
    rig.journal.commit_now()
    again = Rig(path, clock=rig.clock)
    found = again.engine.unfinished()
    assert found is not None
    assert again.engine.resume(found, Loaded(), ORDER)
    again.settle()
    assert again.step == "till-home"
    again.press("pay")
    assert again.step == "told"
    assert again.engine.run is not None
    assert again.engine.run.facts()["paid_fen"] == 3650


def test_who_leaves_in_the_opened_part_comes_home_through_both(tmp_path: Any) -> None:
    rig = begun(tmp_path / "screen.db")
    rig.press("buy")
    rig.engine.leave("given_up")
    rig.wait(1000)
    (result,) = rig.results
    assert result.record.facts["unpaid"] is True
