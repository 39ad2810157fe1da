"""A fraud that is met: whatever is pressed, it ends; skipping is always there; what was met is told once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware import catalogue
from kiosk_firmware.core.events import Tapped, TimerExpired
from kiosk_firmware.kits import scene
from kiosk_firmware.machines.atm.scenes import SCENES as ATM
from kiosk_firmware.machines.rail.scenes import SCENES as RAIL

CASES = [pytest.param(machine, one, id=one.id) for machine, known in (("atm", ATM), ("rail", RAIL))
         for one in known.values()]
ALL = [*ATM.values(), *RAIL.values()]


def pressed(now: scene.Meeting, name: str) -> scene.Meeting | None:
    return scene.heard(now, Tapped(name, scene.page(now, 1000).step))


@given(one=st.sampled_from(ALL), choices=st.lists(st.integers(0, 3), max_size=12))
def test_any_way_through_can_be_left_at_once(one: scene.Scene, choices: list[int]) -> None:
    now, told = scene.met(one), dict(scene.marks(None, scene.met(one)))
    for choice in choices:
        keys = scene.page(now, 1000).keys
        after = pressed(now, keys[choice % len(keys)].name)
        if after is None:
            assert told["fraud_over"]
            return
        told |= scene.marks(now, after)
        now = after
        assert told.get("fraud_over", False) == (now.stand in ("refused", "skipped"))
    assert scene.heard(now, TimerExpired("scene")) is None
    if now.stand not in ("refused", "skipped"):
        skipped = pressed(now, "scene.skip")
        assert skipped is not None
        assert scene.marks(now, skipped) == {"fraud_skipped": True, "fraud_over": True}
        assert pressed(skipped, "scene.on") is None


@pytest.mark.parametrize(("machine", "one"), CASES)
def test_a_wrong_answer_is_talked_about_and_tried_again(machine: str, one: scene.Scene) -> None:
    """At each beat; and who answers safely is through, having met it, never having fallen."""
    now: scene.Meeting | None = scene.met(one)
    if one.announced:
        now = pressed(scene.met(one), "scene.begin")
    for beat in one.beats:
        assert now is not None
        safe = next(name for name, good in beat.answers if good)
        for wrong in (name for name, good in beat.answers if not good):
            fell = pressed(now, f"scene.{wrong}")
            assert fell is not None
            assert scene.marks(now, fell) == {"fraud_fell": True}
            assert pressed(fell, "scene.again") == now
        now = pressed(now, f"scene.{safe}")
    assert now is not None
    assert now.stand == "refused"


@pytest.mark.parametrize(("machine", "one"), CASES)
def test_all_that_is_said_is_written_in_both_languages(machine: str, one: scene.Scene) -> None:
    words = catalogue.words(machine)
    parts = [beat.name for beat in one.beats] + ["fell", "refused"] + (["announce"] if one.announced else [])
    keys = [f"scene.{one.id}.{part}.{piece}" for part in parts for piece in ("title", "how")]
    keys += [f"key.scene.{name}" for beat in one.beats for name, _ in beat.answers]
    for language in catalogue.LANGUAGES:
        assert set(keys) <= words.keys(language)


def test_what_may_stir_up_fear_is_announced_and_chosen() -> None:
    """An announced scene never begins by itself, and its lessons are never recommended."""
    for machine, known in (("atm", ATM), ("rail", RAIL)):
        for lesson in catalogue.lessons(machine):
            one = known.get(lesson.setting.scene)
            assert (one is not None and one.announced) == lesson.opt_in
    assert {one.id for one in ALL if one.announced} == {"police", "family"}
    assert all(scene.met(one).stand == "announce" for one in ALL if one.announced)
