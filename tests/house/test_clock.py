"""Nobody reads the wall clock but `kiosk_firmware.system.utc_clock`, which a test tells the time: no test depends on
the hour.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from kiosk_firmware.system.utc_clock import AHEAD, utc_ms
from tests import clock
from tests.house.tree import PACKAGES, name, python_files, tree

READERS = {
    "kiosk_firmware/system/utc_clock.py": "is the place",
    "tests/clock.py": "reckons how far the told instant is from now",
}
"""Who may read the wall clock, and why."""
ALWAYS = {
    "time.time",
    "time.time_ns",
    "time.ctime",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "Date.now",
}
WITHOUT_TIME = {"time.localtime": 0, "time.gmtime": 0, "time.asctime": 0, "time.strftime": 1}
"""These read it where they are given no time: function → how many arguments come before it."""
SQL = ("CURRENT_TIME", "CURRENT_DATE", "'now'", "NOW()", "LOCALTIMESTAMP")


def aliases(module: ast.Module) -> dict[str, str]:
    """What a local name means: `import datetime as dt` makes `dt` the module."""
    found = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {one.asname or one.name: one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module in ("time", "datetime"):
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return found


def said(node: ast.expr, known: dict[str, str]) -> str:
    """The last two words of what is named: `datetime.datetime.now` is `datetime.now`."""
    whole = ast.unparse(node)
    first, _, rest = whole.partition(".")
    whole = known.get(first, first) + (f".{rest}" if rest else "")
    return ".".join(whole.split(".")[-2:])


def reads(module: ast.Module) -> list[str]:
    """Every reading of the wall clock, with its line."""
    known, found = aliases(module), []
    called = {id(node.func): node for node in ast.walk(module) if isinstance(node, ast.Call)}
    docs = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        words = said(node, known) if isinstance(node, ast.Attribute | ast.Name) else ""
        wants = WITHOUT_TIME.get(words)
        bare = wants is not None and (id(node) not in called or len(called[id(node)].args) <= wants)
        sql = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
        in_sql = sql and any(word in node.value for word in SQL)
        if words in ALWAYS or words.endswith("CLOCK_REALTIME") or bare or in_sql:
            found.append(f"line {node.lineno}: {words or 'SQL'}")
    return found


@pytest.mark.parametrize(
    "text",
    [
        "import time; time.time()",
        "from time import time_ns; time_ns()",
        "import time as t; at = t.time_ns",
        "import datetime as dt; dt.datetime.now(dt.UTC)",
        "from datetime import date; date.today()",
        "import time; time.gmtime()",
        "import time; time.strftime('%Y')",
        "import time; f = time.localtime",
        "import time; time.clock_gettime(time.CLOCK_REALTIME)",
        "db.execute(\"SELECT datetime('now')\")",
    ],
)
def test_a_reading_is_found_however_it_is_written(text):
    assert reads(ast.parse(text)), text


def test_what_only_measures_or_converts_is_none():
    text = "import time, datetime\ntime.monotonic(); time.gmtime(5); time.strftime('%Y', time.gmtime(5))"
    assert not reads(ast.parse(f"{text}; datetime.datetime.fromtimestamp(5, datetime.UTC)"))


def test_nobody_else_reads_the_wall_clock():
    files = [path for path in python_files(*PACKAGES, "tests") if path != Path(__file__)]
    found = {name(path): lines for path in files if (lines := reads(tree(path)))}
    assert found.keys() == READERS.keys(), found


def test_whoever_takes_place_around_now_is_there_and_says_why():
    for path, why in clock.AROUND_NOW.items():
        assert (clock.TESTS / path).exists(), path
        assert len(why.split()) > 5, path


def test_a_clock_that_is_told_runs_ahead_and_a_wrong_word_is_refused(monkeypatch):
    monkeypatch.setenv(AHEAD, "0")
    now = utc_ms()
    monkeypatch.setenv(AHEAD, "86400000")
    assert 0 <= utc_ms() - now - 86_400_000 < 3_600_000
    monkeypatch.setenv(AHEAD, "tomorrow")
    with pytest.raises(ValueError, match="'tomorrow': allowed is a whole number"):
        utc_ms()
