"""A fraud that is met: whatever is pressed, it ends; skipping is always there; what was met is told once."""

from __future__ import annotations

import importlib

from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Tapped, TimerExpired
from kiosk_firmware.kits import fraud_scenes

KNOWN: dict[str, dict[str, fraud_scenes.Scene]] = {
    line.id: importlib.import_module(f"kiosk_firmware.machines.{folder.name}.frauds").SCENES
    for line in machine_loader.describe()
    if ((folder := machine_loader.folder(line.id)) / "frauds.py").exists()
}
ALL = [one for known in KNOWN.values() for one in known.values()]


def pressed(now: fraud_scenes.SceneProgress, name: str) -> fraud_scenes.SceneProgress | None:
    return fraud_scenes.after_event(now, Tapped(name, fraud_scenes.page(now, 1000).step))


@given(one=st.sampled_from(ALL), choices=st.lists(st.integers(0, 3), max_size=12))
def test_any_way_through_can_be_left_at_once(one: fraud_scenes.Scene, choices: list[int]) -> None:
    now, told = fraud_scenes.begin_scene(one), dict(fraud_scenes.marks(None, fraud_scenes.begin_scene(one)))
    for choice in choices:
        keys = fraud_scenes.page(now, 1000).keys
        after = pressed(now, keys[choice % len(keys)].name)
        if after is None:
            assert told["fraud_over"]
            return
        told |= fraud_scenes.marks(now, after)
        now = after
        assert told.get("fraud_over", False) == (now.stand in ("refused", "skipped"))
    assert fraud_scenes.after_event(now, TimerExpired("scene")) is None
    if now.stand not in ("refused", "skipped"):
        skipped = pressed(now, "scene.skip")
        assert skipped is not None
        assert fraud_scenes.marks(now, skipped) == {"fraud_skipped": True, "fraud_over": True}
        assert pressed(skipped, "scene.on") is None


def test_what_may_stir_up_fear_is_announced_and_chosen() -> None:
    """An announced scene never begins by itself, and its lessons are never recommended."""
    for machine, known in KNOWN.items():
        for lesson in machine_loader.lessons(machine):
            one = known.get(lesson.setting.scene)
            assert (one is not None and one.announced) == lesson.opt_in
    assert {one.id for one in ALL if one.announced} == {"police", "family"}
    assert all(fraud_scenes.begin_scene(one).stand == "announce" for one in ALL if one.announced)
