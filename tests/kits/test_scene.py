"""A fraud that is met: whatever is pressed, it ends; skipping is always there; what was met is told once."""

from __future__ import annotations

import importlib

from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware import catalogue
from kiosk_firmware.core.events import Tapped, TimerExpired
from kiosk_firmware.kits import scene

KNOWN: dict[str, dict[str, scene.Scene]] = {
    line.id: importlib.import_module(f"kiosk_firmware.machines.{folder.name}.scenes").SCENES
    for line in catalogue.describe() if ((folder := catalogue.folder(line.id)) / "scenes.py").exists()
}
ALL = [one for known in KNOWN.values() for one in known.values()]


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


def test_what_may_stir_up_fear_is_announced_and_chosen() -> None:
    """An announced scene never begins by itself, and its lessons are never recommended."""
    for machine, known in KNOWN.items():
        for lesson in catalogue.lessons(machine):
            one = known.get(lesson.setting.scene)
            assert (one is not None and one.announced) == lesson.opt_in
    assert {one.id for one in ALL if one.announced} == {"police", "family"}
    assert all(scene.met(one).stand == "announce" for one in ALL if one.announced)
