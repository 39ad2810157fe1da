"""At a counter as a person does it: a number, the window, papers, a signature; all by keys on the glass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.stories.rig import House
from tests.wire.rig import wait


def press(house: House, *keys: str) -> None:
    """One key after the other, each as soon as it is there."""
    for key in keys:
        house.tap(key)


def to_desk(house: House, queue: str, errand: str) -> None:
    """Number, call, what one wants."""
    press(house, f"queue.{queue}", "wait.look", "wait.look", "call.go", f"menu.{errand}")


def stay(house: House, key: str, holds: Callable[[dict[str, Any]], object]) -> None:
    """Press a key whose page stays, until the page shows that it was; one that is new swallows touches."""
    wait(lambda: holds(house.look(tap=key)["page"]), key)


def sign(house: House, step: str) -> None:
    """Sign, which stays on the page, and say so."""
    house.wait_step(step)
    stay(house, "sign.here", lambda page: "sign.clear" in [key["name"] for key in page["keys"]])
    house.tap("sign.ok")


def fill(house: House, field: str, text: str) -> None:
    """A field that is typed."""
    house.wait_step(f"form-{field}")
    house.type(text)
    house.tap("field.ok")
