"""Build of the package: refuse to make one that lacks what others wrote for the office's pages.

setuptools loads this file by itself (`[tool.setuptools]` in pyproject.toml), without the rest of the project.
"""

from __future__ import annotations

import runpy
from pathlib import Path

from setuptools.command.build_py import build_py

VENDORED = Path(__file__).parents[1] / "kiosk_firmware" / "office" / "web" / "vendored_assets.py"


class BuildPy(build_py):
    """The usual command, after a look at the files that npm brings."""

    def run(self) -> None:
        """Raises ValueError: a file is missing or changed."""
        runpy.run_path(str(VENDORED))["check"]()
        super().run()
