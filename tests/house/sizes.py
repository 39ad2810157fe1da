"""Report how long files and functions are: a number to look at, not a limit to split things for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import PACKAGES, ROOT, python_files

LONG_FILE, LONG_FUNCTION = 400, 40


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines from `def` to the end, without the docstring."""
    first = function.body[0]
    doc = first.end_lineno - first.lineno + 1 if ast.get_docstring(function) else 0
    return function.end_lineno - function.lineno + 1 - doc


def _functions(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield lines_of(node)


def report() -> Iterator[str]:
    """Yield a line for all together, then one for each file that is long or holds a long function."""
    files = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(*PACKAGES)}
    functions = {path: sorted(_functions(path)) for path in files}
    every = sorted(n for ns in functions.values() for n in ns)
    median, p90 = every[len(every) // 2], every[len(every) * 9 // 10]
    yield f"{len(files)} files; {len(every)} functions, median {median}, p90 {p90}"
    for path, n in sorted(files.items(), key=lambda one: -one[1]):
        long = [m for m in functions[path] if m > LONG_FUNCTION]
        if n > LONG_FILE or long:
            yield f"{path.relative_to(ROOT)}: {n} lines{f', functions of {long}' if long else ''}"


if __name__ == "__main__":
    print("\n".join(report()))
