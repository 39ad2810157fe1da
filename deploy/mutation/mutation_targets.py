"""Name the rooms that are mutated: whose source, and which tests might notice."""

from __future__ import annotations

from pathlib import Path

import msgspec

MACHINES = ("tests/machines", "tests/kits", "tests/core")


class MutationTarget(msgspec.Struct, frozen=True):
    """Sources, and files or folders of tests: as patterns below the project's root."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]


def find_targets(root: Path, patterns: tuple[str, ...]) -> list[str]:
    """Return the paths that the patterns find, sorted."""
    return sorted({str(path.relative_to(root)) for one in patterns for path in root.glob(one)})


_CASH = ["coin*", "notes_*", "note_*", "hopper*", "payout*", "recycler*", "mdb_*", "change_*", "cctalk_*", "ssp_*"]
_CASH += ["cash_tray", "pulse_*"]
_CASH_TESTS = [
    "cctalk",
    "coins",
    "notes",
    "recycler",
    "mdb",
    "essp",
    "tray",
    "pulse_trains",
    "far_end",
    "independent_money",
]
MUTATION_TARGETS = {
    "rules": MutationTarget(("kiosk_firmware/machines/*/rules*.py",), MACHINES),
    "kits": MutationTarget(("kiosk_firmware/kits/**/*.py",), MACHINES),
    "runtime": MutationTarget(("kiosk_firmware/unit/runtime/*.py",), ("tests/unit/runtime",)),
    "cash": MutationTarget(
        tuple(f"hardware/drivers/{name}.py" for name in _CASH),
        tuple(f"tests/hardware/test_{name}*.py" for name in _CASH_TESTS),
    ),
}
