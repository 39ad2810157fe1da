"""Kivy's surroundings, settled before Kivy is first imported.

Kivy reads its options from the environment and a configuration file while being imported, and starts whatever modules
that file names, from a folder of its own. Here there is no file and no such folder: what somebody laid into the state
folder must never run. This module imports nothing of Kivy itself, so that `prepare` can be called first.

Only the SDL2 providers are allowed: asking for the others would import PIL and more, which costs time and memory that
the first frame does not have. Multisampling is off: the shapes bring their own smooth rims (`masks`), and on a unit
without a fast GPU it doubles the cost of a frame. Kivy's own frame pacing is off (`maxfps` 0): `loop` paces.
"""

from __future__ import annotations

import os
import sys

WIDE, HIGH = 1280, 800
"""The glass, in logical pixels."""
TALL_WIDE = 800
"""How wide the glass of a panel that stands upright is."""
PANEL_WIDE = 640
"""The front panel of the demo, right of it."""

_OPTIONS = {
    "KIVY_HOME": "/nonexistent",
    "KIVY_NO_CONFIG": "1",
    "KIVY_NO_ENV_CONFIG": "1",
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONSOLELOG": "1",
    "KIVY_NO_FILELOG": "1",
    "KIVY_IMAGE": "sdl2",
    "KIVY_TEXT": "sdl2",
    "KIVY_WINDOW": "sdl2",
    "KIVY_CLIPBOARD": "dummy",
}


def logical(width: int, height: int, rotation: int = 0) -> tuple[int, int]:
    """Return the glass of a panel of so many pixels, turned so far: 1280x800, or one that stands upright, as high as
    the panel's own shape says.
    """
    across, down = (height, width) if rotation in (90, 270) else (width, height)
    return (TALL_WIDE, round(TALL_WIDE * down / across)) if down > across else (WIDE, HIGH)


def prepare(
    width: int = WIDE,
    height: int = HIGH,
    rotation: int = 0,
    fullscreen: bool = False,
    offscreen: bool = False,
) -> None:
    """Settle everything that Kivy reads at import.

    Raises:
        RuntimeError: Kivy's configuration was imported already, so nothing could be settled any more.
    """
    if "kivy.config" in sys.modules:
        raise RuntimeError("screens.stage.kivy_boot.prepare must run before Kivy is imported")
    os.environ.update(_OPTIONS)
    if offscreen:
        os.environ["SDL_VIDEODRIVER"] = "offscreen"
    from kivy.config import Config

    graphics = {
        "width": width,
        "height": height,
        "rotation": rotation,
        "fullscreen": int(fullscreen),
        "multisamples": 0,
        "resizable": 0,
        "maxfps": 0,
        "show_cursor": int(not fullscreen),
        "vsync": 0,
    }
    for name, value in graphics.items():
        Config.set("graphics", name, str(value))
    Config.set("kivy", "exit_on_escape", "0")
    for name, _ in Config.items("input"):  # SDL reads the touch panel; Kivy's own probing would count each touch twice
        Config.remove_option("input", name)
    Config.set("input", "mouse", "mouse,disable_multitouch")
    Config.set("postproc", "jitter_distance", "0")
