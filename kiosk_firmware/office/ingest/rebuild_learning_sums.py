"""`kiosk office sums [--check]`: make the sums of what people learn anew from the facts, and say whether they were kept
right.

They are kept as facts arrive, so nothing should differ. Exit codes: 0 they were the same, 1 they differed (and are
right now, but with `--check`, which changes nothing), 2 wrong use.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from kiosk_firmware.office.database.connection import Where, connect
from kiosk_firmware.office.learning.learning_sums import LearningSums


def main(arguments: Sequence[str]) -> int:
    """See the file's head.

    Raises:
        LookupError: there is no database.
    """
    parser = argparse.ArgumentParser(prog="kiosk office sums", description=__doc__)
    parser.add_argument("--state", type=Path, default=Path("var/office"), metavar="DIR", help="the office's folder")
    parser.add_argument("--database", metavar="URL", help="postgresql://… (default: office.db in the folder)")
    parser.add_argument("--check", action="store_true", help="only say whether they are right")
    chosen = parser.parse_args(arguments)
    path = chosen.state / "office.db"
    if not chosen.database and not path.exists():
        raise LookupError(f"{path}: no office's database")
    kept, made = compare_sums(chosen.database or path, keep=not chosen.check)
    for table, digest in made.items():
        print(f"{table:<14} {digest}{'' if digest == kept[table] else f'  BUT KEPT WERE {kept[table]}'}")
    return 0 if kept == made else 1


def compare_sums(where: Where, keep: bool) -> tuple[dict[str, str], dict[str, str]]:
    """Return digests of the sums that were kept and of those made anew, which stay where `keep`."""
    with closing(connect(where)) as db:
        sums = LearningSums(db)
        db.begin()
        try:
            before = sums.digests()
            sums.rebuild()
            after = sums.digests()
            if keep:
                db.commit()
        finally:
            db.rollback()
        return before, after
