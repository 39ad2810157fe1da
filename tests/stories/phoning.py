"""A telephone as a person uses it."""

from __future__ import annotations

from functools import partial

from tests.stories.rig import PIN, House
from tests.wire.rig import wait


def figures(house: House, digits: str = PIN) -> None:
    """Type a password on the glass's own keys, each again whose dot does not come; its last figure is the end."""
    for dots, digit in enumerate(digits, 1):
        wait(partial(_figured, house, digit, dots), f"{dots} dots")


def _figured(house: House, digit: str, dots: int) -> bool:
    page = house.look()["page"]
    if page["kind"] != "PinEntry" or page["body"].get("digits", 0) >= dots:
        return True
    house.look(tap=f"digit.{digit}")
    return False
