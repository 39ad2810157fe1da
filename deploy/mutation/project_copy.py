"""A copy of the project in which one source at a time is changed, and its tests are run.

The project itself is never touched, so that it can be worked on meanwhile.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

import msgspec

from deploy.mutation import coverage_plugin, outcome_plugin
from deploy.mutation.line_coverage import CoverageMap, CoverageRequest
from deploy.mutation.mutation_operators import SourceChange, changed_source
from deploy.mutation.outcome_plugin import Outcome

FOLDERS = ("kiosk_firmware", "hardware", "screens", "deploy", "tests", "docs")
PARTS = (*FOLDERS, "pyproject.toml", "README.md", "CHANGELOG.md")
LEFT_OUT = shutil.ignore_patterns("node_modules", "__pycache__", "artifacts", "vendor")
LONGEST_S = 120.0
"""Of all tests that ran a line, the quickest are asked, as long as together they take no longer."""
PATIENCE = 6.0
"""A change may make a loop endless: whoever takes so many times as long as before has noticed it."""
QUIET = ("-q", "--no-header", "-p", "no:cacheprovider", "-n", "0")
Verdict = Literal["killed", "timed out", "survived", "not run"]


class ProjectCopy:
    """The copy, and who runs tests in it."""

    def __init__(self, root: Path, folder: Path) -> None:
        """Copy what is there."""
        self.tree = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for part in PARTS:
            source = root / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=LEFT_OUT)
            elif source.exists():
                shutil.copy2(source, folder / part)

    def covered(self, sources: list[str], tests: list[str]) -> CoverageMap:
        """Run the tests once, and learn which of them run which line.

        Raises:
            ValueError: no test could be run.
        """
        path = self.tree / "covered.json"
        path.unlink(missing_ok=True)
        shutil.rmtree(self.tree / ".proofs", ignore_errors=True)  # a proof that stands would run no line
        wanted = msgspec.json.encode(CoverageRequest(str(path), sources)).decode()
        plugin = ("-p", coverage_plugin.__name__)
        self._pytest([*plugin, *tests], {coverage_plugin.MAP: wanted}, None)
        if not path.exists():
            raise ValueError(f"the tests {' '.join(tests)} cannot be run here")
        return msgspec.json.decode(path.read_bytes(), type=CoverageMap)

    def verdict(self, source: str, change: SourceChange, covered: CoverageMap) -> tuple[Verdict, str]:
        """Return what becomes of the change, and which test noticed it."""
        tests = covered.tests(source, change.line, change.until, LONGEST_S)
        if not tests:
            return "not run", ""
        path = self.tree / source
        text, stat = path.read_text(), path.stat()
        path.write_text(changed_source(text, change))
        told = self.tree / "outcome.json"
        told.unlink(missing_ok=True)
        environment = {outcome_plugin.OUTCOME: str(told), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            wait = 30 + PATIENCE * sum(covered.took.get(test, 0.0) for test in tests)
            self._pytest(["-x", "-p", outcome_plugin.__name__, *tests], environment, wait)
        except subprocess.TimeoutExpired:
            return "timed out", ""
        finally:
            path.write_text(text)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        outcome = msgspec.json.decode(told.read_bytes(), type=Outcome) if told.exists() else Outcome()
        if outcome.failed:
            return "killed", outcome.failed
        if not outcome.ran:
            raise ValueError(f"none of these tests could be run: {' '.join(tests[:3])}")
        return "survived", ""

    def _pytest(self, arguments: list[str], environment: dict[str, str], wait: float | None) -> None:
        subprocess.run(
            [sys.executable, "-m", "pytest", *QUIET, *arguments],
            cwd=self.tree,
            env={**os.environ, "PYTHONPATH": str(self.tree), **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=wait,
        )
