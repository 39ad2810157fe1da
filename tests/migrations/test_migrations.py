"""Files of each release are brought forward with all that is in them, and no schema changes without a step."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import psycopg
import pytest

from kiosk_firmware.office.database import connection as office
from kiosk_firmware.storage.schema_migration import migrate
from tests.house.tree import ROOT
from tests.migrations.schemas import OPENED, POSTGRES, STEPS, later, postgres, released, releases, shape
from tests.office.conftest import _database, cluster
from tests.office.conftest import postgres as empty

__all__ = ["_database", "cluster", "empty"]
KEEP = "a released schema stands still: add to STEPS (migrating.py), then `python -m tests.migrations.schemas`"
EACH = [(name, number) for name in OPENED for number in releases(name)]
COUNTS = re.compile(r"INTO \{?\w+\}? ?VALUES", re.IGNORECASE)


@pytest.mark.parametrize("name", OPENED)
def test_no_schema_changes_without_a_step(tmp_path, name):
    OPENED[name](tmp_path / "fresh.db")
    number = releases(name)[-1]
    with closing(sqlite3.connect(tmp_path / "kept.db")) as db:
        db.executescript(released(name, number))
    assert number == len(STEPS[name].STEPS), KEEP
    assert shape(tmp_path / "fresh.db") == shape(tmp_path / "kept.db"), KEEP


def test_postgres_changes_only_by_steps_either():
    assert releases(POSTGRES)[-1] == len(office.STEPS), KEEP
    assert released(POSTGRES, len(office.STEPS)) == postgres(), KEEP


def rows(db: sqlite3.Connection, table: str) -> list[dict[str, object]]:
    db.row_factory = sqlite3.Row
    return [dict(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY rowid")]


def filled(db: sqlite3.Connection) -> dict[str, list[dict[str, object]]]:
    """Something in every table, whatever it is; what stands there then."""
    db.execute("PRAGMA foreign_keys = OFF")
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        columns = [(row[1], row[2]) for row in db.execute(f"PRAGMA table_info({table})")]
        db.execute("PRAGMA ignore_check_constraints = ON")
        values = ["machine" if name == "key" else 7 if "INT" in kind else "a" for name, kind in columns]
        db.execute(f"INSERT INTO {table} VALUES({', '.join('?' * len(values))})", values)
    db.commit()
    return {table: rows(db, table) for table in tables}


@pytest.mark.parametrize(("name", "number"), EACH)
def test_a_file_of_each_release_comes_forward_whole(tmp_path, name, number):
    OPENED[name](tmp_path / "fresh.db")
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(released(name, number))
        db.execute(f"PRAGMA user_version = {number}")
        before = filled(db)
    for _ in range(2):
        OPENED[name](path)
        assert shape(path) == shape(tmp_path / "fresh.db")
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(STEPS[name].STEPS),)
        for table, were in before.items():
            now = [{key: row.get(key) for key in were[0]} for row in rows(db, table)]
            # The figures of such a file do not agree, so it is numbered anew.
            own = name in ("screen", "agent") and table in ("meta", "facts", "counter")
            assert own or were[0] in now, table


@pytest.mark.parametrize(("name", "number"), EACH)
def test_steps_only_add(tmp_path, name, number):
    """What stood in a release stands in every later one, and what is new needs no word from the version before."""
    OPENED[name](tmp_path / "now.db")
    with closing(sqlite3.connect(tmp_path / "old.db")) as db:
        db.executescript(released(name, number))
    old, now = shape(tmp_path / "old.db"), shape(tmp_path / "now.db")
    for what, columns in old.items():
        assert set(columns) <= set(now[what]), what
    for table, columns in now.items():
        added = set(columns) - set(old.get(table, columns))
        assert all(default is not None or not required for _, _, required, default, _ in added), table


@pytest.mark.parametrize("name", OPENED)
def test_the_version_before_starts_on_the_next_ones_file(tmp_path, monkeypatch, name):
    """The next version adds a column to every table; this one, which does not know them, opens the file."""
    path = tmp_path / "one.db"
    OPENED[name](path)
    tables = [table for table in shape(path) if " " not in table]
    monkeypatch.setattr(STEPS[name], "STEPS", (*STEPS[name].STEPS, *later(tables)))
    OPENED[name](path)
    grown = shape(path)
    assert all(any(column[0] == "later" for column in grown[table]) for table in tables)
    monkeypatch.undo()
    OPENED[name](path)
    assert shape(path) == grown, "it neither takes away nor adds"


def test_no_statement_counts_on_the_number_of_columns():
    """`INSERT INTO t VALUES(…)` fails on a file that a later version has added a column to."""
    found = [
        f"{path.name}: {line.strip()}"
        for room in ("session", "telemetry", "office")
        for path in sorted((ROOT / "kiosk_firmware" / room).rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if COUNTS.search(line)
    ]
    assert not found


def test_a_step_that_cannot_be_taken_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "one.db"
    OPENED["people"](path)
    before = shape(path)
    taken = STEPS["people"].STEPS
    good = ("CREATE TABLE one(n)", "CREATE TABLE two(n)")
    steps = (*taken, good, ("CREATE TABLE three(n)", "ALTER TABLE none ADD COLUMN n"))
    with closing(sqlite3.connect(path, isolation_level=None)) as db, pytest.raises(sqlite3.OperationalError):
        migrate(db, steps)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(taken) + 1,)
    assert set(shape(path)) - set(before) == {"one", "two"}, "the first step is whole, of the second there is nothing"


@pytest.mark.parametrize("number", releases(POSTGRES))
def test_postgres_of_each_release_comes_forward_and_the_version_before_starts(empty, monkeypatch, number):
    with closing(psycopg.connect(empty, autocommit=True)) as db:
        db.execute(released(POSTGRES, number))
        db.execute("INSERT INTO units(unit, site, first_ms, seen_ms, since_ms) VALUES('jia-atm-01', 'jia', 1, 1, 1)")
    office.connect(empty).close()
    monkeypatch.setattr(office, "STEPS", (*office.STEPS, *later(["units", "facts", "commands"])))
    for _ in range(2):
        office.connect(empty).close()
    monkeypatch.undo()
    with closing(office.connect(empty)) as made:
        assert made.execute("SELECT unit, later FROM units").fetchall() == [("jia-atm-01", "x")]
        assert made.execute("SELECT max(n) FROM steps_taken").fetchone()[0] == len(office.STEPS) + 2
