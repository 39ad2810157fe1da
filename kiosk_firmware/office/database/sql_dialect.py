"""Translate statements for PostgreSQL, and name the months by which facts are partitioned."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Protocol

_DAWN = datetime(1970, 1, 1, tzinfo=UTC)
_NAMED = re.compile(r"(?<![:\w]):([a-z_]+)")


class Cursor(Protocol):
    """The result of a statement."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Any: ...


@cache
def translate(sql: str, named: bool) -> str:
    """Translate a statement into psycopg's placeholders."""
    sql = sql.replace("%", "%%")
    return _NAMED.sub(r"%(\1)s", sql) if named else sql.replace("?", "%s")


def month_of(at_ms: int) -> tuple[str, int, int]:
    """Return the UTC month of an instant: its name (`2026_11`), and where it begins and ends (ms)."""
    first = (_DAWN + timedelta(milliseconds=at_ms)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return f"{first:%Y_%m}", int(first.timestamp()) * 1000, int(after.timestamp()) * 1000
