"""Define what a learner is offered: machines and their lessons, places of several machines, ways whose stops have an
order.
"""

from __future__ import annotations

import msgspec

DONE = 50
"""From here on a lesson's progress means that it was done."""


class Owned(msgspec.Struct, frozen=True):
    """Something of the person who is practised as: `what` it is (`lobby.own.<what>`), and their name, or the end of its
    number (of several cards each). `whose`: of somebody who travels along.
    """

    what: str
    value: str
    whose: str = ""


class Task(msgspec.Struct, frozen=True):
    """A lesson on the shelf. `progress` 0..100; `skin` the one it is for now, or empty; `retest`: it was done alone
    often enough, and is to be tried again on that skin. `own`: who one is in it, and what is one's own.
    `icon`: the picture that stands for it.
    """

    id: str
    level: int = 1
    progress: int = 0
    skin: str = ""
    retest: bool = False
    own: tuple[Owned, ...] = ()
    icon: str = ""


class Tile(msgspec.Struct, frozen=True):
    """A machine that this unit can offer now. Its name is the text `tile.<machine>`, its second line
    `tile.<machine>.sub`. `place`: it is one of several machines here that are one place, whose name is `tile.<place>`.
    """

    machine: str
    icon: str = ""
    skins: tuple[str, ...] = ("",)
    tasks: tuple[Task, ...] = ()
    progress: int = -1
    place: str = ""
    words: tuple[str, ...] = ()
    """Texts by key: what stands on its keys and slots."""
    own: tuple[Owned, ...] = ()
    """Who one is in free practice, and what is one's own."""
    act: str = ""
    """The picture of what its errands begin with."""


class Route(msgspec.Struct, frozen=True):
    """A place whose lessons are done in an order: its name is `tile.<id>`; `stops`: (machine, lesson)."""

    id: str
    icon: str
    stops: tuple[tuple[str, str], ...]


class PracticeOffers(msgspec.Struct, frozen=True):
    """All that is offered to the learner who is signed in, and the one next step: (machine, lesson) or None. `places`:
    (id, icon) of the places whose machines are offered together.
    """

    tiles: tuple[Tile, ...] = ()
    next: tuple[str, str] | None = None
    skills: tuple[tuple[str, str], ...] = ()
    """(skill, stage) of what all machines ask for: new, tried, steady or mastered. Shown only on request."""
    places: tuple[tuple[str, str], ...] = ()
    routes: tuple[Route, ...] = ()

    def route(self, place: str) -> Route | None:
        """Return the place of that name, if it is one whose stops have an order."""
        return next((route for route in self.routes if route.id == place), None)

    def done(self, machine: str, lesson: str) -> bool:
        """Return whether the lesson was done once, today or on another day."""
        tile = self.tile(machine)
        return any(task.id == lesson and task.progress >= DONE for task in (tile.tasks if tile else ()))

    def parts(self, place: str) -> tuple[Tile, ...]:
        """Return the machines of a place that are offered."""
        return tuple(tile for tile in self.tiles if tile.place == place)

    def tile(self, machine: str) -> Tile | None:
        """Return the machine's tile, or None where the unit does not offer it."""
        return next((tile for tile in self.tiles if tile.machine == machine), None)
