"""Frauds that are met inside an errand: always from the side of the one who is to be cheated, never how it is done.

A scene is a few pages (`Beat`) that a machine shows before it goes on: something looks wrong, somebody comes near, the
telephone rings. Each beat has answers; a safe one leads on, an unsafe one is talked about at once ("nothing has
happened; this is what would have") and may be tried again. It ends well, or is skipped: the key for that stands on
every page, and skipping costs nothing. A scene that may stir up old fears is `announced`: it says beforehand that it is
a play, and begins only when asked to. Nobody is scored down for having been taken in.

The machine decides when (`moment`) and what stands before and after: most have a phase of their own for it, made of a
`meeting` and of the phase that goes on `then` (`stepped_in`, `on_event`). Texts are the machine's own:
`scene.<id>.<beat>` and `scene.<id>.announce | fell | refused`, each with `title` and `how`.

Source: drills inside the flows, debriefed at once and repeated a week later (shared reference, "best training" 7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeVar

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, Effects
from kiosk_firmware.core.events import AnyEvent, Tapped, TimerExpired
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.pages import SKIP, Body, Key, Page, Text, Timer, text
from kiosk_firmware.kits.common_pages import key

S = TypeVar("S", bound=msgspec.Struct)
"""A machine's state: its `phase`, and the `scene` that waits for this run ("" none)."""
Stand = Literal["announce", "asked", "fell", "refused", "skipped"]
FACTS: Facts = {
    "fraud_met": False,
    "fraud_refused": False,
    "fraud_fell": False,
    "fraud_skipped": False,
    "fraud_over": False,
}
"""Marks of every machine that has scenes. `fraud_over`: refused in the end, or skipped; the lesson's goal."""


class Beat(msgspec.Struct, frozen=True):
    """One page: its name, a picture, answers in the order of the page, each with whether it is safe, and whose face
    stands beside what is written.
    """

    name: str
    icon: str
    answers: tuple[tuple[str, bool], ...]
    face: str = ""


class Scene(msgspec.Struct, frozen=True):
    """A fraud as it is met. `moment` is the machine's word for where in an errand."""

    id: str
    moment: str
    beats: tuple[Beat, ...]
    announced: bool = False


class SceneProgress(msgspec.Struct, frozen=True):
    """The progress of a scene: at which beat, and how it stands."""

    scene: Scene
    beat: int = 0
    stand: Stand = "asked"


def by_id(scenes: Iterable[Scene]) -> Mapping[str, Scene]:
    """Return a machine's scenes by name."""
    return {scene.id: scene for scene in scenes}


def begin_scene(scene: Scene) -> SceneProgress:
    """Begin the scene."""
    return SceneProgress(scene, stand="announce" if scene.announced else "asked")


def after_event(now: SceneProgress, event: AnyEvent) -> SceneProgress | None:
    """Return the meeting after `event`: the same object where nothing was meant by it, None when the
    machine goes on.
    """
    if isinstance(event, TimerExpired):
        return None
    if not isinstance(event, Tapped):
        return now
    if event.key == SKIP:
        return msgspec.structs.replace(now, stand="skipped")
    match now.stand, event.key:
        case ("announce", "scene.begin") | ("fell", "scene.again"):
            return msgspec.structs.replace(now, stand="asked")
        case (("refused" | "skipped"), "scene.on"):
            return None
        case "asked", name:
            return _answered(now, name)
        case _:
            return now


def _answered(now: SceneProgress, name: str) -> SceneProgress:
    beat = now.scene.beats[now.beat]
    safe = dict(beat.answers).get(name.removeprefix("scene."))
    if safe is None:
        return now
    if not safe:
        return msgspec.structs.replace(now, stand="fell")
    if now.beat + 1 < len(now.scene.beats):
        return msgspec.structs.replace(now, beat=now.beat + 1)
    return msgspec.structs.replace(now, stand="refused")


# -- within an errand --------------------------------------------------------------------------------------------------


def stepped_in(
    state: S, scenes: Mapping[str, Scene], moment: str, met_phase: Callable[[SceneProgress, Any], object]
) -> S:
    """Return the state in `met_phase(meeting, then)` where the run's fraud waits for this moment; the same one where
    not.
    """
    now: Any = state
    found = scenes.get(now.scene)
    if found is None or found.moment != moment:
        return state
    return msgspec.structs.replace(state, phase=met_phase(begin_scene(found), now.phase), scene="")


def during(state: S, event: AnyEvent) -> tuple[S, Effects] | None:
    """Take one event while it is met; return None when it is over."""
    change, phase = msgspec.structs.replace, state.phase  # type: ignore[attr-defined]
    now = after_event(phase.meeting, event)
    if now is None:
        return None
    if now is phase.meeting:
        return state, NO_EFFECTS
    return change(state, phase=change(phase, meeting=now)), NO_EFFECTS


def on_event(state: S, event: AnyEvent, away: Callable[[S], tuple[S, Effects]]) -> tuple[S, Effects]:
    """Take one event as `during`, and go on with what stood there. Whoever goes `away` in the middle of it meets it
    again.
    """
    step = during(state, event)
    if step is not None:
        return step
    change, phase = msgspec.structs.replace, state.phase  # type: ignore[attr-defined]
    if phase.meeting.stand in ("refused", "skipped"):
        return change(state, phase=phase.then), NO_EFFECTS
    return away(change(state, scene=phase.meeting.scene.id))


def marks(before: SceneProgress | None, after: SceneProgress | None) -> Facts:
    """Return what this step completed, of `FACTS`."""
    if after is None:
        return {}
    was = before.stand if before else "announce"
    if after.stand == was:
        return {}
    match after.stand:
        case "asked":
            return {"fraud_met": True}
        case "fell":
            return {"fraud_fell": True}
        case "refused" | "skipped":
            return {f"fraud_{after.stand}": True, "fraud_over": True}
        case _:
            return {}


# -- pages -------------------------------------------------------------------------------------------------------------

ENDS: Mapping[Stand, tuple[str, str, str]] = {
    "announce": ("announce", "scene.begin", "mask"),
    "fell": ("fell", "scene.again", "warn"),
    "refused": ("refused", "scene.on", "ok"),
    "skipped": ("", "scene.on", "tea"),
}
"""What a page that is no beat is called in the texts, its first key, its picture."""


def page(now: SceneProgress, ms: int) -> Page:
    """Return the page of the meeting; it stands for `ms`."""
    name = now.scene.id
    if now.stand == "asked":
        beat = now.scene.beats[now.beat]
        answers = tuple(key(f"scene.{answer}", "choice") for answer, _ in beat.answers)
        return _page(f"scene-{now.beat + 1}", f"{name}.{beat.name}", beat.icon, (*answers, SKIPPING), ms, beat.face)
    part, first, icon = ENDS[now.stand]
    about = f"{name}.{part}" if part else "skipped"
    skips = (SKIPPING,) if now.stand in ("announce", "fell") else ()
    return _page(f"scene-{now.stand}", about, icon, (key(first, "primary"), *skips), ms)


SKIPPING = Key(SKIP, "back", Text("key.scene.skip"))


def _page(step: str, about: str, icon: str, keys: tuple[Key, ...], ms: int, face: str = "") -> Page:
    body = Body((text(f"scene.{about}.how"),), icon=icon, face=face)
    return Page("Message", step, text(f"scene.{about}.title"), None, body, keys, Timer("scene", ms))
