"""What each database looks like, and the schemas of the releases, kept as scripts: `released/N/NAME.sql`.

`python -m tests.migrations.schemas` keeps today's as the newest number: when a release is made, or with a new step.
Release 0 is 0.1.0.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import Any

from kiosk_firmware.office.accounts import people_db as people
from kiosk_firmware.office.database import connection as office
from kiosk_firmware.office.pki import unit_register
from kiosk_firmware.unit.agent import agent_db
from kiosk_firmware.unit.runtime import screen_db as screen
from kiosk_firmware.visit.office import visits_db as visits

RELEASED = Path(__file__).parent / "released"
OPENED: dict[str, Callable[[Path], Any]] = {
    "screen": lambda path: screen.prepare(path, "jia-atm-01", 1),
    "agent": lambda path: agent_db.AgentDb(path, "jia-atm-01").close(),
    "office": lambda path: office.connect(path).close(),
    "people": lambda path: people.PeopleDb(path).close(),
    "trust": lambda path: unit_register.Register(path).close(),
    "visits": lambda path: visits.VisitsDb(path).close(),
}
"""How this version opens, and makes, each file."""
STEPS: dict[str, Any] = {
    "screen": screen,
    "agent": agent_db,
    "office": office,
    "people": people,
    "trust": unit_register,
    "visits": visits,
}
"""The modules whose STEPS they take."""
POSTGRES = "office_postgres"


def shape(path: Path) -> dict[str, Any]:
    """Tables with their columns, indexes, triggers: as SQLite knows them, however they were written."""
    with closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
        made: dict[str, Any] = {}
        for kind, name, table in found:
            if kind == "table":
                made[name] = sorted(row[1:] for row in db.execute(f"PRAGMA table_info({name})"))
            else:
                columns = [row[2] for row in db.execute(f"PRAGMA index_info({name})")]
                made[f"{kind} {name} on {table}"] = columns
    return made


def script(path: Path) -> str:
    """The schema of a file as statements."""
    order = "CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, name"
    with closing(sqlite3.connect(path)) as db:
        made = db.execute(f"SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY {order}").fetchall()
    return "".join(f"{sql};\n" for (sql,) in made)


def postgres() -> str:
    """The schema that PostgreSQL is given."""
    here = resources.files("kiosk_firmware.office.database")
    return "".join(here.joinpath(f"{name}.sql").read_text("utf-8") for name in ("facts_postgres", "schema"))


def releases(name: str) -> list[int]:
    """Their numbers, the first one first."""
    return sorted(int(path.parent.name) for path in RELEASED.glob(f"*/{name}.sql"))


def released(name: str, number: int) -> str:
    """The script of one."""
    return (RELEASED / str(number) / f"{name}.sql").read_text("utf-8")


def later(tables: list[str]) -> tuple[tuple[str, ...], ...]:
    """Steps of a version that is not there yet: a column in each table, and one table more."""
    grown = tuple(f"ALTER TABLE {table} ADD COLUMN later TEXT NOT NULL DEFAULT 'x'" for table in tables)
    return grown, ("CREATE TABLE later(n BIGINT PRIMARY KEY)",)


def keep(folder: Path) -> None:
    """Write down today's schemas under the number of steps that each has taken."""
    for name, opened in OPENED.items():
        opened(folder / f"{name}.db")
        into = RELEASED / str(len(STEPS[name].STEPS))
        into.mkdir(parents=True, exist_ok=True)
        (into / f"{name}.sql").write_text(script(folder / f"{name}.db"), "utf-8")
    (RELEASED / str(len(office.STEPS)) / f"{POSTGRES}.sql").write_text(postgres(), "utf-8")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as spare:
        keep(Path(spare))
