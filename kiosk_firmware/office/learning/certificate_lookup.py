"""`kiosk office verify CODE`: is a certificate true? Its code is looked up among the proctored runs that units told
of.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from kiosk_firmware.core.certificate_code import check_code, normalise_typed_code
from kiosk_firmware.office.database.connection import DATABASE, Where, is_url, reader
from kiosk_firmware.office.fleet.display_names import DisplayNames

UTC8 = datetime.timezone(datetime.timedelta(hours=8))
_COLUMNS = ("run", "machine", "skin", "lesson", "outcome", "ended_ms", "unit")
_PROCTORED = f"SELECT {', '.join(_COLUMNS)} FROM runs WHERE purpose = 'proctored' AND ended_ms > 0"


def main(arguments: Sequence[str], names: DisplayNames) -> int:
    """See the file's head.

    Returns:
        The exit code: 0 it is true (and what it is of is printed), 1 no run has this code.
    """
    parser = argparse.ArgumentParser(prog="kiosk office verify", description=__doc__)
    parser.add_argument("code", help="as it stands on the slip")
    parser.add_argument("--state", type=Path, default=Path("var/office"), metavar="DIR", help="where the database lies")
    parser.add_argument("--database", metavar="URL", help="postgresql://… (default: office.db in the folder)")
    parser.add_argument("--language", default="zh", help="of names")
    chosen = parser.parse_args(arguments)
    found = find_proctored_run(chosen.database or chosen.state / DATABASE, chosen.code)
    if found is None:
        print(f"{normalise_typed_code(chosen.code)}: no proctored run has this code")
        return 1
    run, machine, skin, lesson, outcome, ended_ms, unit = found
    day = datetime.datetime.fromtimestamp(ended_ms / 1000, UTC8).date()
    what = names.machine(machine, chosen.language), names.lesson(machine, lesson, chosen.language)
    print(f"{normalise_typed_code(chosen.code)}: {' · '.join(what)} ({skin}), {outcome}, {day}, {unit}, {run}")
    return 0


def find_proctored_run(where: Where, code: str) -> tuple[str, str, str, str, str, int, str] | None:
    """Return the proctored run with this code: run, machine, skin, lesson, outcome, its end (UTC ms), unit; None: there
    is none.

    Raises:
        FileNotFoundError: there is no such database.
    """
    if not is_url(where) and not Path(where).exists():
        raise FileNotFoundError(f"{where}: no office's database")
    wanted = normalise_typed_code(code)
    with closing(reader(where)) as db:
        for row in db.execute(_PROCTORED):
            run, machine, skin, lesson, outcome, ended_ms, unit = (row[name] for name in _COLUMNS)
            if check_code(run, machine, skin, lesson, outcome) == wanted:
                return run, machine, skin, lesson, outcome, ended_ms, unit
    return None
