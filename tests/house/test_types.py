"""The four packages are clean under mypy --strict; what pyproject.toml loosens is for libraries without types."""

from __future__ import annotations

import subprocess
import sys
import tomllib

from tests.house.tree import PACKAGES, ROOT

LOOSE = {"ignore_missing_imports", "follow_untyped_imports", "disallow_subclassing_any", "disallow_untyped_decorators"}


def test_packages_are_typed():
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_strictness_stands():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert config["strict"] is True
    assert config["packages"] == list(PACKAGES)
    assert all(set(o) - {"module"} <= LOOSE for o in config["overrides"])
