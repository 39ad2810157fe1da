"""Hold this project's codecs against a folder of recorded bytes: `./kiosk test --vectors DIR`.

The folder holds files `PROTOCOL.json`, each a list of rows with `name`, `hex`, `direction`, `valid` and what a protocol
needs besides (as in tests/hardware/vectors). What failed is told with its reason, a protocol without a codec is told
as skipped, and the last line counts: "N passed, N failed". Exit codes: 0 all passed, 1 something failed, 2 the folder
or a file is no such thing.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from tests.hardware.support import Vector
from tests.hardware.vector_ways import WAYS, NoDriver

USAGE = "usage: ./kiosk test --vectors DIR"


def load(folder: Path) -> dict[str, list[Vector]]:
    """The vectors of every file in *folder*, by protocol. Raises ValueError, whose text names file and row."""
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not files:
        raise ValueError(f"{folder}: no *.json there; allowed is a folder with files like pinpad.json")
    return {file.stem: _rows(file) for file in files}


def _rows(file: Path) -> list[Vector]:
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{file}: {error}") from error
    if not isinstance(rows, list) or not rows:
        raise ValueError(f"{file}: allowed is a list of vectors, not empty")
    return [_vector(file, at, row) for at, row in enumerate(rows)]


def _vector(file: Path, at: int, row: object) -> Vector:
    try:
        data, valid = bytes.fromhex(row["hex"]), row.get("valid", True)
        if not isinstance(valid, bool):
            raise ValueError(f"valid = {valid!r}; allowed true, false")
        return Vector(str(row["name"]), data, str(row.get("direction", "n/a")), valid, row)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        name = row.get("name", "") if isinstance(row, dict) else ""
        wrong = f"{type(error).__name__} {error}; needed are name, hex, valid"
        raise ValueError(f"{file}, row {at} {name}: {wrong}") from error


def held(protocol: str, vector: Vector) -> str:
    """ "" when *vector* is read as it should be, else what is wrong. Raises NoDriver."""
    try:
        WAYS[protocol](vector)
    except NoDriver:
        raise
    except AssertionError as error:
        return str(error) or "not as told"
    except Exception as error:  # whatever a vector makes a codec raise is that codec's failure, and is told
        return f"{type(error).__name__}: {error}"
    return ""


def run(folder: Path) -> Counter[str]:
    """Check all of *folder*, telling each file and each failure; returns counts of passed, failed and skipped."""
    total: Counter[str] = Counter()
    for protocol, vectors in load(folder).items():
        if protocol not in WAYS:
            total["skipped"] += len(vectors)
            print(f"{protocol}: {len(vectors)} skipped: no driver in this project speaks it")
            continue
        counts: Counter[str] = Counter()
        for vector in vectors:
            counts[_told(protocol, vector)] += 1
        print(f"{protocol}: " + ", ".join(f"{count} {word}" for word, count in sorted(counts.items(), reverse=True)))
        total += counts
    return total


def _told(protocol: str, vector: Vector) -> str:
    try:
        wrong = held(protocol, vector)
    except NoDriver as reason:
        print(f"skipped {protocol} {vector.name}: {reason}")
        return "skipped"
    if wrong:
        wanted = "must be read" if vector.valid else "must be refused"
        print(f"FAILED {protocol} {vector.name} ({vector.direction}, {wanted}): {wrong}")
    return "failed" if wrong else "passed"


def main(words: list[str]) -> int:
    """Run; *words* is the folder alone."""
    if len(words) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        total = run(Path(words[0]))
    except ValueError as error:
        print(f"kiosk test: {error}", file=sys.stderr)
        return 2
    if total["skipped"]:
        print(f"{total['skipped']} skipped")
    print(f"{total['passed']} passed, {total['failed']} failed")
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
