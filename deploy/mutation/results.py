"""Keep what became of each change, a line each, so that a run that was stopped goes on; and make a table of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from deploy.mutation.mutation_operators import SourceChange


class MutantVerdict(msgspec.Struct, frozen=True):
    """The verdict on one change of one source, whose text had that hash."""

    room: str
    source: str
    sha256: str
    change: SourceChange
    verdict: str
    test: str = ""


def read_results(path: Path) -> list[MutantVerdict]:
    """Read all results so far; a line that was cut off by a power cut is left out."""
    found = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            found.append(msgspec.json.decode(line, type=MutantVerdict))
        except msgspec.DecodeError:
            continue
    return found


def add(path: Path, result: MutantVerdict) -> None:
    """Write one more."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(msgspec.json.encode(result) + b"\n")


def table(results: list[MutantVerdict]) -> list[str]:
    """Return lines of Markdown: a row a room, then each survivor."""
    lines = ["| room | changes | killed | survived | not run by any test |", "|---|---|---|---|---|"]
    rooms = sorted({one.room for one in results})
    for room in [*rooms, *(["together"] if len(rooms) > 1 else [])]:
        count = Counter(one.verdict for one in results if room in (one.room, "together"))
        whole, dead = sum(count.values()), count["killed"] + count["timed out"]
        rate = f"{100 * dead / whole:.0f} %"
        lines.append(f"| {room} | {whole} | {dead} ({rate}) | {count['survived']} | {count['not run']} |")
    return lines


def survivors(results: list[MutantVerdict]) -> list[str]:
    """Return lines of Markdown: each change that nothing noticed."""
    left = [one for one in results if one.verdict in ("survived", "not run")]
    left.sort(key=lambda one: (one.source, one.change))
    return [f"- `{one.source}:{one.change.line}` {describe_change(one)}" for one in left]


def describe_change(result: MutantVerdict) -> str:
    """Return the change in words of the source."""
    change = result.change
    old, new = (" ".join(text.split())[:60] for text in (change.old, change.new))
    lost = " (no test runs it)" if result.verdict == "not run" else ""
    return f"{change.kind}: `{old}` → `{new}`{lost}"
