"""Camera, microphone and earpiece of a real visit. Only the visit process opens them, and only while one stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from hardware.drivers.settings.base import Table

Side = Annotated[int, msgspec.Meta(ge=160, le=1920)]
Rate = Annotated[int, msgspec.Meta(ge=5, le=30)]


class V4l2Camera(Table, frozen=True, tag="v4l2"):
    """A camera that the system knows as a V4L2 `device`, asked for pictures of that size and so many a second.
    `format`: how it hands them over.
    """

    device: str = "/dev/video0"
    width: Side = 640
    height: Side = 480
    rate: Rate = 20
    format: Literal["mjpeg", "yuyv422"] = "mjpeg"

    def problems(self) -> Iterator[str]:
        """Yield a problem where width or height is odd: pixels come in pairs."""
        yield from _odd(self.width, self.height)


class DrawnCamera(Table, frozen=True, tag="drawn"):
    """Stand-in for a camera, for desks and tests: a moving picture that carries the moment at which it was drawn.
    `grain`: as in a real camera's picture, without which none fills a line.
    """

    width: Side = 640
    height: Side = 480
    rate: Rate = 20
    grain: bool = True

    def problems(self) -> Iterator[str]:
        """Yield a problem where width or height is odd: pixels come in pairs."""
        yield from _odd(self.width, self.height)


class Microphone(Table, frozen=True, tag="alsa"):
    """A microphone that ALSA knows by that name (`arecord -L` lists them)."""

    device: str = "default"


class Tone(Table, frozen=True, tag="tone"):
    """Stand-in for a microphone: a quiet tone."""

    hz: Annotated[int, msgspec.Meta(ge=100, le=4000)] = 440


class Earpiece(Table, frozen=True, tag="alsa"):
    """The earpiece that a person listens at, by its name in ALSA (`aplay -L` lists them)."""

    device: str = "default"


class CountingEarpiece(Table, frozen=True, tag="counted"):
    """Stand-in for an earpiece: what would be heard is counted and forgotten."""


def _odd(width: int, height: int) -> Iterator[str]:
    for key, value in (("width", width), ("height", height)):
        if value % 2:
            yield f"{key} = {value}: allowed are even numbers"
