"""Check what of other people's work the office's pages load: that it is here, and is what was chosen.

The files are no part of this repository. npm brings them by a lock (deploy/office/assets), the launcher puts them into
`web/static/vendor`, `web/vendor.sha256` says what each must be. A build of the package checks them, too
(deploy/packaging.py).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

SUMS = Path(__file__).with_name("vendor.sha256")
FOLDER = Path(__file__).parent / "static" / "vendor"


def wrong(folder: Path = FOLDER, sums: Path = SUMS) -> list[str]:
    """Return the names of files that are missing in `folder`, or are not what `sums` (of sha256sum) says."""
    rows = [line.split(maxsplit=1) for line in sums.read_text(encoding="ascii").splitlines()]
    return [name for digest, name in rows if _digest(folder / name) != digest]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def check() -> None:
    """Raise ValueError where a file is missing or another one, with what to do."""
    if names := wrong():
        raise ValueError(f"{FOLDER}: {', '.join(names)} missing or changed; fetch them with ./kiosk setup assets")
