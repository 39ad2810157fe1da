"""`kiosk mutate [ROOM …] [--count N] [--seed N]`: change the source in one place and ask whether a test notices.

A change is drawn by the seed; which tests are asked is known from which lines each test runs. What became of each is
kept below `var/mutation`, and is not asked again while its source stands as it was: a run that was stopped goes on.
`--again` asks the survivors once more. Hours of work for one core; nothing of it is in the short suite.
Exit codes: 0 done, 2 wrong use.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from deploy.mutation import results
from deploy.mutation.mutation_operators import SourceChange, changes
from deploy.mutation.mutation_targets import MUTATION_TARGETS, MutationTarget, find_targets
from deploy.mutation.project_copy import ProjectCopy
from deploy.mutation.results import MutantVerdict

ROOT = Path(__file__).resolve().parents[2]


class Drawn(msgspec.Struct, frozen=True):
    """A change that is to be tried."""

    source: str
    sha256: str
    change: SourceChange


def main(name: str, arguments: Sequence[str]) -> int:
    """See the file's head."""
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="Change the source, ask the tests.")
    parser.add_argument("room", nargs="*", metavar="ROOM", help=f"{', '.join(MUTATION_TARGETS)}; none: all of them")
    parser.add_argument("--count", type=int, default=125, metavar="N", help="changes a room (125)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which ones are drawn (1)")
    parser.add_argument("--again", action="store_true", help="ask those once more that survived")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "mutation", metavar="DIR")
    chosen = parser.parse_args(arguments)
    if strange := set(chosen.room) - set(MUTATION_TARGETS):
        raise ValueError(f"no room {', '.join(sorted(strange))}; there are {', '.join(MUTATION_TARGETS)}")
    kept = chosen.folder / "results.jsonl"
    for room in chosen.room or MUTATION_TARGETS:
        for result in _tried(room, chosen, kept):
            results.add(kept, result)
            print(
                f"{result.verdict:9} {result.source}:{result.change.line} {results.describe_change(result)}", flush=True
            )
    every = current(results.read_results(kept))
    print("\n".join([*results.table(every), "", *results.survivors(every)]))
    return 0


def draw_changes(root: Path, room: MutationTarget, seed: int, count: int) -> list[Drawn]:
    """Return the changes that this seed draws, in an order of its own: a larger count only adds to them."""
    every = []
    for source in find_targets(root, room.sources):
        text = (root / source).read_text()
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        every += [Drawn(source, sha256, change) for change in changes(text)]
    random.Random(seed).shuffle(every)
    return every[:count]


def current(kept: list[MutantVerdict]) -> list[MutantVerdict]:
    """Return the newest result of each change."""
    return list({(one.source, one.sha256, one.change): one for one in kept}.values())


def _tried(name: str, chosen: argparse.Namespace, kept: Path) -> Iterator[MutantVerdict]:
    room = MUTATION_TARGETS[name]
    known = {(one.source, one.sha256, one.change): one.verdict for one in current(results.read_results(kept))}
    left = [one for one in draw_changes(ROOT, room, chosen.seed, chosen.count) if _asked(one, known, chosen.again)]
    if not left:
        return
    copy = ProjectCopy(ROOT, chosen.folder / name)
    covered = copy.covered(sorted({one.source for one in left}), find_targets(ROOT, room.tests))
    for one in left:
        yield MutantVerdict(name, one.source, one.sha256, one.change, *copy.verdict(one.source, one.change, covered))


def _asked(one: Drawn, known: dict[tuple[str, str, SourceChange], str], again: bool) -> bool:
    verdict = known.get((one.source, one.sha256, one.change))
    return verdict is None or (again and verdict in ("survived", "not run"))
