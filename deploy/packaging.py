"""Build of the package: with the documents that the office shows, and never without others' work for its pages or the
pictures.

setuptools loads this file by itself (`[tool.setuptools]` in pyproject.toml), without the rest of the project.
"""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path

from setuptools.command.build_py import build_py

ROOT = Path(__file__).parents[1]
WEB = Path("kiosk_firmware", "office", "web")
_PICTURE = re.compile(r"\]\(([^)\s]+\.(?:png|svg))\)")


def copy_documents(docs: Path, into: Path) -> None:
    """Copy every document, and the pictures that they show."""
    for page in docs.rglob("*.md"):
        pictures = [page.parent / name for name in _PICTURE.findall(page.read_text(encoding="utf-8"))]
        for path in (page, *pictures):
            target = into / path.resolve().relative_to(docs.resolve())
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


class BuildPy(build_py):
    """The usual command, after a look at the files that npm brings and at the pictures, and then the documents."""

    def run(self) -> None:
        """Build the package. Raises ValueError: a file is missing or changed, or the pictures are not made of what is
        here.
        """
        runpy.run_path(str(ROOT / WEB / "vendored_assets.py"))["check"]()
        if not runpy.run_path(str(ROOT / "deploy" / "generate_pictures.py"))["is_current"]():
            raise ValueError("screens/pictures/made: missing or old; make them with ./kiosk setup run")
        super().run()
        if not self.editable_mode:
            copy_documents(ROOT / "docs", Path(self.build_lib) / WEB / "help")
