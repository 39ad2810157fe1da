"""Every machine of the catalogue is walked: each small world, with every fault that may strike (or never does).

Held in every situation: no exception, a page, device facts absorbed (without `--long` a third of them in each state,
by turns), no piece or card appears or vanishes, the ledger sums to zero; at home: booked equals what physically left,
slips were given for what was kept. From everywhere the machine comes home by answers and time-outs alone. Besides: each
step met has a name for the office, and the catalogue names the devices that are really waited on, as units are fitted
out by it and faults offered by it.
"""

from __future__ import annotations

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from tests.machines.walking import met, unanswered

pytestmark = pytest.mark.proof

CASES = [
    pytest.param(line.id, walk.name, id=f"{line.id}: {walk.name}")
    for line in machine_loader.describe()
    for walk in machine_loader.walks(line.id)
]


@pytest.mark.parametrize(("machine", "world"), CASES)
def test_walk(machine: str, world: str, long: bool) -> None:
    """The whole world is walked within 80,000 situations, and nothing is found."""
    outcome = met(machine, world, long).outcome
    print(f"{machine} {world}: {outcome.situations} situations, {outcome.edges} edges")
    assert not outcome.cut, f"{outcome.situations} situations and no end: make the world smaller"
    assert not outcome.findings, outcome.findings[0].what + "\n" + "\n".join(map(str, outcome.findings[0].way))
    assert outcome.situations > 20, "hardly anything was walked"


SHORT, WHOLE = 4_000, 400_000


@pytest.mark.parametrize(("machine", "world"), CASES)
def test_walk_where_a_host_is_silent_again_and_again(machine: str, world: str, long: bool) -> None:
    """Nothing is charged without its thing or its reversal, or a slip that says so; in short as far as it goes."""
    walk = next(walk for walk in machine_loader.walks(machine) if walk.name == world)
    outcome = unanswered(machine, walk, WHOLE if long else SHORT)
    assert not outcome.findings, outcome.findings[0].what + "\n" + "\n".join(map(str, outcome.findings[0].way))


@pytest.mark.parametrize(("machine", "world"), CASES)
def test_every_step_has_a_name_for_the_office(machine: str, world: str, long: bool) -> None:
    """Whatever page can stand, the office can say what it is for, in both languages."""
    words = machine_loader.machine_texts(machine)
    named = set.intersection(*(set(words.keys(language)) for language in machine_loader.LANGUAGES))
    assert {f"step.{step}" for step in met(machine, world, long).steps} <= named


@pytest.mark.parametrize(("machine", "world"), CASES)
def test_every_text_of_every_page_is_there(machine: str, world: str, long: bool) -> None:
    """No page shows a key where words should be, in either language and any skin."""
    everywhere = lobby_words()
    for skin in machine_loader.skins(machine):
        words = everywhere.joined(machine_loader.machine_texts(machine, skin))
        for language in machine_loader.LANGUAGES:
            assert met(machine, world, long).texts <= words.keys(language), (skin, language)


@pytest.mark.parametrize("line", machine_loader.describe(), ids=lambda line: line.id)
def test_a_machine_uses_what_its_pages_wait_on(line: machine_loader.CatalogueEntry, long: bool) -> None:
    """Every device that a page or an effect waits on is named, and none that nobody waits for."""
    busy = frozenset().union(*(met(line.id, walk.name, long).devices for walk in machine_loader.walks(line.id)))
    assert busy <= set(line.uses)
    assert set(line.needs) <= set(line.uses)
    assert set(line.uses) - busy <= {"coin_acceptor", "coin_dispenser"}, "named, and never waited on"
