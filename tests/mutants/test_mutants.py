"""A walk that finds nothing proves little unless it finds what is broken: each mutant must be caught.

A mutant is a machine wrapped to drop, double or bend one effect, or to book one wrong figure (`mutant.py`). The walk of
at least one small world must fail for it. Each machine has its mutants in a file named like its folder.
"""

from __future__ import annotations

from importlib import import_module

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.play import Play
from tests.machines.walking import walked
from tests.mutants.mutant import Broken, Mutant

pytestmark = pytest.mark.proof


def mutants(machine: str) -> dict[str, Broken]:
    """The machine's `MUTANTS`, by what is wrong."""
    found: dict[str, Broken] = import_module(f"tests.mutants.{machine_loader.folder(machine).name}").MUTANTS
    return found


CASES = [(line.id, name) for line in machine_loader.describe() for name in mutants(line.id)]


@pytest.mark.parametrize(("machine", "name"), CASES)
def test_mutant_is_caught(machine: str, name: str) -> None:
    """At least one small world's walk fails. Each is begun before one is walked whole: most are caught early in one."""
    broken = mutants(machine)[name]
    for limit in (300, 1500, 50_000):
        for walk in machine_loader.walks(machine):
            loaded = machine_loader.load(machine, walk.skin, changes=walk.changes)
            play = Play(Mutant(loaded.machine, broken), loaded.world)
            if walked(play, walk, (broken.fault,) if broken.fault else (), limit).findings:
                return
    pytest.fail(f"no walk noticed: {name}")
