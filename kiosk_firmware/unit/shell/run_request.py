"""From what the lobby asks for to what the engine is ordered to run: machine, person, lesson, and how gently."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.unit.coach.progress import Purpose
from kiosk_firmware.unit.runtime.interfaces import RunRequest

FREE = "free"


def load_run(machine: str, skin: str, lesson: str) -> tuple[machine_loader.LoadedMachine, Lesson | None]:
    """Load the machine, and the lesson of that id (None: free practice, or there is no such lesson).

    Raises:
        LookupError: there is no such machine or skin; ValueError: its folder cannot be read.
    """
    loaded = machine_loader.with_linked_machines(machine_loader.load(machine, skin), machine)
    return loaded, next((one for one in loaded.lessons if one.id == lesson), None)


def make_run_request(
    loaded: machine_loader.LoadedMachine,
    machine: str,
    lesson: Lesson | None,
    learner: str,
    purpose: Purpose,
    language: str,
    carried: Persona | None = None,
) -> RunRequest:
    """Make the request before it is fitted to the learner (`unit.runtime.run_start.fit_request`). `carried`: who comes
    from another machine of the same place, with what is in the pocket now.
    """
    persona = practised_as(loaded.personas, lesson, carried)
    return RunRequest(machine, loaded.skin, persona, lesson, learner, purpose, language, carried=persona is carried)


def practised_as(people: Mapping[str, Persona], lesson: Lesson | None, carried: Persona | None) -> Persona:
    """Return who is practised as: the lesson's person, always fresh unless it carries on; in free practice whoever
    comes from next door, else the one with the fuller pocket.
    """
    if carried is not None and (lesson is None or lesson.carry):
        return carried
    return people[lesson.setting.persona if lesson else FREE]
