"""A power cut at any operation of unit or office leaves nothing promised out, and nothing that stops a start.

The real code works as a process of its own and is watched by the kernel (`trace`); a disk that forgets (`forgetful`)
makes what a cut may leave; the real start-up code opens it (`openers`), and every promise that was made before the cut
is held against what it finds.
"""

from __future__ import annotations

import json
import random
import shutil
import traceback
from pathlib import Path

import msgspec
import pytest

from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.wire.enrolment_messages import CONTENT, WANTED, Content, WantedConfig
from tests.pki.rig import Office
from tests.storage import openers
from tests.storage.forgetful import Disk, cuts
from tests.storage.trace import Op, recorded
from tests.storage.unit_day import LESSON

UNIT = "jia-atm-01"
SHORT, FULL = 24, 700


@pytest.fixture(scope="module")
def trusted(tmp_path_factory):
    """A unit that its office trusts, in `unit`, and what the office signed for it, in `given`."""
    folder = tmp_path_factory.mktemp("trusted")
    office = Office(folder)
    office.open_desk()
    made = office.trusted(UNIT)
    (made.state / "commission").unlink()
    root, given = folder / "units" / UNIT, folder / "given"
    (root / "alone").mkdir()
    (root / "state" / "calls").mkdir(exist_ok=True)
    given.mkdir()
    _given(office.place, unit_settings.read_settings(made.toml), given)
    office.close()
    (folder / "centre").mkdir()
    shutil.copytree(folder / "office", folder / "centre" / "office")
    return root, given, folder / "centre"


def _given(place: TrustFolder, held: unit_settings.UnitSettings, given: Path) -> None:
    for n in (1, 2, 3):
        sealed = place.seal(CONTENT, Content(n, (("atm", LESSON.format(n=n * 100)),)))
        (given / f"content-{n}").write_bytes(sealed)
    changed = msgspec.structs.replace(held, turn=msgspec.structs.replace(held.turn, minutes=7))
    (given / "config-1").write_bytes(place.seal(WANTED, WantedConfig(UNIT, 1, unit_settings.settings_toml(changed))))


def test_a_unit_keeps_what_it_promised(trusted, tmp_path, long):
    root, given, _ = trusted
    disk = Disk.of(root)
    ops = recorded(root, "tests.storage.unit_day", str(given))
    _hold(disk, ops, openers.Unit, tmp_path, FULL if long else SHORT)


def test_an_office_keeps_what_it_promised(trusted, tmp_path, long):
    _, given, root = trusted
    disk = Disk.of(root)
    ops = recorded(root, "tests.storage.office_day", str(given))
    _hold(disk, ops, openers.Office, tmp_path, FULL if long else SHORT)


def _hold(disk: Disk, ops: list[Op], start, scratch: Path, count: int) -> None:
    """Cut `count` times, start each, hold the promises against it; all that is wrong at once, by kind."""
    wrong: dict[str, list[str]] = {}
    done = 0
    for n, seed in cuts(ops, range(count)):
        for op in ops[done:n]:
            disk.do(op)
        done = max(done, n)
        into = scratch / f"cut-{seed}"
        disk.cut(random.Random(seed), into)
        for lie in _lies(start, into, disk.promised):
            wrong.setdefault(lie, []).append(f"{n}/{seed}")
        shutil.rmtree(into, ignore_errors=True)
    assert not wrong, "\n".join(f"{len(where)}x {what} (e.g. {where[0]})" for what, where in wrong.items())


def _lies(start, into: Path, promised: list[bytes]) -> list[str]:
    try:
        found = start(into)
        return [told["what"] for told in map(json.loads, promised) if not found.held(told)]
    except Exception as error:  # whatever it is, it is a start that a technician cannot read
        frame = traceback.extract_tb(error.__traceback__)[-1]
        said = str(error).replace(str(into), "")[:120]
        return [f"{type(error).__name__} {said} in {Path(frame.filename).name}:{frame.name}"]
