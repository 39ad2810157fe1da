"""Hold what the first run of a room's tests tells: which test runs which line, and how long each takes."""

from __future__ import annotations

import msgspec


class CoverageRequest(msgspec.Struct):
    """The map's file, and the sources that it is made of."""

    path: str
    sources: list[str]


class CoverageMap(msgspec.Struct):
    """Tests by file and line; `took`: seconds by test. Tests that failed are left out."""

    lines: dict[str, dict[int, list[str]]]
    took: dict[str, float]

    def tests(self, source: str, first: int, last: int, longest_s: float) -> list[str]:
        """Return the tests that ran one of the lines, the quickest first, as long as all of them take no longer than
        `longest_s`.

        A line that only an import runs (a constant) is asked of all that run anything of the file.
        """
        by_line = self.lines.get(source, {})
        named = {test for line, tests in by_line.items() if first <= line <= last for test in tests}
        if not named and any(first <= line <= last for line in by_line):
            named = {test for tests in by_line.values() for test in tests}
        chosen: list[str] = []
        spent = 0.0
        for test in sorted(named, key=lambda one: (self.took.get(one, 0.0), one)):
            spent += self.took.get(test, 0.0)
            if chosen and spent > longest_s:
                break
            chosen.append(test)
        return chosen
