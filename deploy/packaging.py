"""Build of the package: refuse to make one that lacks others' work for the office's pages, or the sheets of pictures.

setuptools loads this file by itself (`[tool.setuptools]` in pyproject.toml), without the rest of the project.
"""

from __future__ import annotations

import runpy
from pathlib import Path

from setuptools.command.build_py import build_py

PICTURES = Path(__file__).parent / "generate_pictures.py"
VENDORED = Path(__file__).parents[1] / "kiosk_firmware" / "office" / "web" / "vendored_assets.py"


class BuildPy(build_py):
    """The usual command, after a look at the files that npm brings and at the sheets."""

    def run(self) -> None:
        """Raises ValueError: a file is missing or changed, or the pictures' sheets are not made of what is here."""
        runpy.run_path(str(VENDORED))["check"]()
        if not runpy.run_path(str(PICTURES))["is_current"]():
            raise ValueError("screens/pictures/sheets: missing or old; make them with ./kiosk setup run")
        super().run()
