"""Pins every package for each use of this project; run by hand after a change in pyproject.toml.

`python -m deploy.generate_locks` keeps the versions that still fit; `python -m deploy.generate_locks --upgrade` takes
the newest. The tests' lock is solved first, for every Python of `requires-python` at once (markers tell them apart);
the smaller ones follow its choice, so that what was tested is what a unit gets. Hashes make a changed file on the way
an error.

| lock | extras | installed by |
| --- | --- | --- |
| requirements-unit.lock | unit | a unit |
| requirements-visit.lock | unit, visit | a unit for real visits |
| requirements.lock | unit, office, demo, visit | ./kiosk demo and every other command |
| requirements-docs.lock | docs | ./kiosk docs |
| requirements-test.lock | all | ./kiosk test, ./kiosk bench |

Needs `uv` on PATH, which solves for Pythons that are not installed here; nothing else of the project uses it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EVERY = "requirements-test.lock"
LOCKS = {
    EVERY: ["--all-extras"],
    "requirements.lock": ["--extra=unit", "--extra=office", "--extra=demo", "--extra=visit", "--constraints", EVERY],
    "requirements-unit.lock": ["--extra=unit", "--constraints", EVERY],
    "requirements-visit.lock": ["--extra=unit", "--extra=visit", "--constraints", EVERY],
    "requirements-docs.lock": ["--extra=docs", "--constraints", EVERY],
}
SOLVE = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--generate-hashes"]
PLAIN = ["--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"]  # no address, no noise


def main(arguments: list[str]) -> int:
    """Write the locks; 1 when the requirements cannot be met together, 2 for an unknown argument."""
    if arguments not in ([], ["--upgrade"]):
        print("usage: python -m deploy.generate_locks [--upgrade]", file=sys.stderr)
        return 2
    for lock, choice in LOCKS.items():
        command = [*SOLVE, *PLAIN, *choice, *arguments, "pyproject.toml", "--output-file", lock]
        if subprocess.run(command, cwd=ROOT).returncode:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
