"""The measure of all windows: stock Kivy, one button, nothing else. `python -m deploy.bench.kivy_baseline`.

Kivy's own configuration stands, so that what is compared with is what Kivy gives by itself; only its folder is private
and the window has the glass's size.
"""

from __future__ import annotations

import os
import sys
import tempfile


def main() -> int:
    """Open the window and serve until it is closed."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(KIVY_HOME=home, KIVY_NO_ARGS="1", KIVY_NO_FILELOG="1", KIVY_NO_CONSOLELOG="1")
        return run()


def run() -> int:
    """Run the window itself; the caller has settled Kivy's surroundings."""
    from kivy.config import Config

    Config.set("graphics", "width", "1280")
    Config.set("graphics", "height", "800")
    from kivy.base import runTouchApp
    from kivy.uix.button import Button

    runTouchApp(Button(text="OK"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
