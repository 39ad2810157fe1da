"""The workshop's papers: each kind's unit.toml is right and fits both boards; drawings say it; hands reach."""

from __future__ import annotations

import itertools
import re
import tomllib
import xml.etree.ElementTree as Xml
from typing import get_args

import pytest

from deploy.unit import generate_loom, generate_panels, generate_wiring, unit_kinds
from deploy.unit.__main__ import papers
from hardware.drivers.settings import hardware_settings as hardware
from hardware.setup import reference_boards
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.settings import unit_toml
from kiosk_firmware.settings.unit_toml import Kind
from kiosk_firmware.unit.shell.commissioning import templates
from screens.stage.kivy_boot import logical
from screens.stage.page_canvas import GlassFrame

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("kind", unit_kinds.KINDS)
def test_a_kinds_settings_are_right_and_fit_the_boards(kind: str) -> None:
    unit = unit_kinds.unit(kind)
    assert unit.unit.kind == kind
    assert unit_toml.check_settings(tomllib.loads(unit_toml.settings_toml(unit)), kind) == unit
    pins = [pin for _, pin in hardware.pins(unit.devices)]
    assert len(pins) == len(set(pins))
    assert set(pins) <= set(reference_boards.header().place)
    for board in reference_boards.boards().values():
        assert not reference_boards.clashes(unit.devices, board)
    machines = {line.id: line for line in machine_loader.describe()}
    for machine in unit.unit.machines:
        needed = set(machines[machine].needs) - {"payment_host", "network_host"}
        assert needed <= {name for name, _ in unit.devices.named()}


def test_commissioning_offers_every_kind_that_has_papers() -> None:
    assert set(templates()) == {*unit_kinds.KINDS, "all-in-one"} == set(get_args(Kind))


@pytest.mark.parametrize("kind", unit_kinds.KINDS)
def test_papers_are_fresh(kind: str) -> None:
    for path, content in papers(kind).items():
        assert path.read_text(encoding="utf-8") == content, f"{path.name}: run `python -m deploy.unit`"


@pytest.mark.parametrize("kind", unit_kinds.KINDS)
def test_the_screen_to_buy_is_the_one_in_the_settings_and_its_opening_has_its_shape(kind: str) -> None:
    unit, about = unit_kinds.unit(kind).screen, unit_kinds.screen(kind)
    assert f"{unit.width}x{unit.height}" in about.en
    turned = unit.rotation in (90, 270)
    across, down = (unit.height, unit.width) if turned else (unit.width, unit.height)
    wide, high = about.cut
    assert wide / high == pytest.approx(across / down, rel=0.02)
    opening = next(cut for cut in generate_panels.cuts(kind) if cut.name == "screen")
    assert (opening.wide, opening.high) == (wide, high)
    assert GlassFrame(*logical(unit.width, unit.height, unit.rotation)).tall == (kind == "phone")


@pytest.mark.parametrize("kind", unit_kinds.KINDS)
def test_the_wiring_names_every_pin_with_its_place(kind: str) -> None:
    drawing = Xml.fromstring(generate_wiring.draw_wiring(kind))
    said = [element.text or "" for element in drawing.iter(f"{SVG}text")]
    for part in unit_kinds.parts(kind):
        for key, pin in part.pins:
            assert f"{key}: GPIO{pin} ({reference_boards.header().place[pin]})" in said
        if part.port:
            assert part.port in said
    wires = list(drawing.iter(f"{SVG}polyline"))
    assert len(wires) == sum(len(part.pins) for part in unit_kinds.parts(kind))
    wide = float(drawing.get("width", "0"))
    for line in wires:
        for point in line.get("points", "").split():
            assert 0 <= float(point.split(",")[0]) <= wide


@pytest.mark.parametrize("kind", unit_kinds.KINDS)
def test_every_opening_is_within_reach_and_none_meets_another(kind: str) -> None:
    found = generate_panels.cuts(kind)
    for cut in found:
        assert cut.bottom >= generate_panels.LOW, cut
        assert cut.top <= generate_panels.HIGH, cut
        assert cut.x >= 10, cut
        assert cut.x + cut.wide <= generate_panels.WIDE - 10, cut
    for one, other in itertools.combinations(found, 2):
        apart_x = one.x + one.wide + 10 <= other.x or other.x + other.wide + 10 <= one.x
        apart_y = one.bottom - 10 >= other.top or other.bottom - 10 >= one.top
        assert apart_x or apart_y, (one, other)
    drawing = Xml.fromstring(generate_panels.draw_panel(kind))
    said = [element.text or "" for element in drawing.iter(f"{SVG}text")]
    for hole in (*found, *generate_panels.lamps(kind)):
        assert any(hole.at in words for words in said), hole
    assert drawing.get("width") == f"{generate_panels.WIDE}mm"  # a unit of the drawing is a millimetre
    assert drawing.get("viewBox") == f"0 0 {generate_panels.WIDE} {generate_panels.TOP - generate_panels.BOTTOM}"


@pytest.mark.parametrize("kind", unit_kinds.KINDS)
def test_the_loom_takes_every_pin_once_and_no_supply_to_the_board(kind: str) -> None:
    made = generate_loom.loom(kind)
    at_board = [(one, other) for cable in made.cables for one, other in _wires(cable) if one[0] == "J1"]
    used = [pin for (_, pin), _ in at_board if pin.startswith("GPIO")]
    place = reference_boards.header().place
    assert sorted(used) == sorted(
        f"GPIO{pin} ({place[pin]})" for part in unit_kinds.parts(kind) for _, pin in part.pins
    )
    ends = [end for cable in made.cables for pair in _wires(cable) for end in pair]
    assert all(label in made.connectors[name].pins for name, label in ends)
    assert not [pair for pair in at_board if pair[1][1].startswith("+")]


@pytest.mark.parametrize("kind", unit_kinds.KINDS)
def test_the_loom_has_a_fuse_for_each_feed_and_one_common_ground(kind: str) -> None:
    made = generate_loom.loom(kind)
    joined = {frozenset(pair) for cable in made.cables for pair in _wires(cable)}
    parts = [part for part in unit_kinds.parts(kind) if part.pins or part.port or part.about.power]
    for number, part in enumerate(parts, 1):
        for volts, amps in part.about.power:
            fuse = f"F{number}_{volts}"
            assert frozenset(((f"PS{volts}", f"+{volts} V"), (fuse, "in"))) in joined
            assert frozenset(((fuse, "out"), (f"X{number}", f"+{volts} V"))) in joined
            assert frozenset(((f"PS{volts}", "0 V"), ("T0", f"0 V of {volts} V"))) in joined
            thick = {
                cable.mm2 for cable in made.cables if any(fuse in (one[0], other[0]) for one, other in _wires(cable))
            }
            assert thick == {generate_loom.gauge_mm2(generate_loom.fuse_a(amps))}
            assert amps < float(made.connectors[fuse].type.split()[1]) <= 2.5 * amps + 0.5
    assert sum(("T0", "GND") in pair for pair in joined) == ("T0" in made.connectors)


def _wires(cable: generate_loom.Cable) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    (one, here), (other, there) = cable.one, cable.other
    assert len(here) == len(there) == len(cable.colours)
    return [((one, a), (other, b)) for a, b in zip(here, there, strict=True)]


@pytest.mark.parametrize("kind", unit_kinds.KINDS)
def test_the_looms_drawing_is_of_todays_loom(kind: str) -> None:
    drawn = (unit_kinds.HERE / kind / "loom.svg").read_text(encoding="utf-8")
    assert generate_loom.digest(kind) in drawn, "run `python -m deploy.unit` with wireviz and graphviz installed"


def test_a_peak_above_the_largest_fuse_is_refused() -> None:
    with pytest.raises(ValueError, match=r"power: 6 A: allowed are up to 5\.04 A"):
        generate_loom.fuse_a(6)


@pytest.mark.parametrize("kind", unit_kinds.KINDS)
def test_the_pins_of_the_identification_eeprom_stay_free(kind: str) -> None:
    """The board's firmware drives GPIO0 and GPIO1 at start, to ask an add-on board what it is."""
    assert not {pin for part in unit_kinds.parts(kind) for _, pin in part.pins} & {0, 1}


def test_side_keys_and_lamps_of_the_cash_machine_are_cut() -> None:
    keys = [cut for cut in generate_panels.cuts("atm") if cut.name.startswith("side_key")]
    assert len(keys) == 8
    assert {one.top - other.top for one, other in itertools.pairwise(keys[:4])} == {generate_panels.KEYS_APART}
    lamps, openings = generate_panels.lamps("atm"), generate_panels.cuts("atm")
    lit = ("card_reader", "note_acceptor", "coin_acceptor", "cash_dispenser", "receipt_printer")
    assert {lamp.name for lamp in lamps} == {f"lamp {name}" for name in lit}
    for lamp, cut in itertools.product(lamps, openings):
        beside = lamp.x >= cut.x + cut.wide or lamp.x + lamp.wide <= cut.x
        assert beside or lamp.bottom >= cut.top or lamp.top <= cut.bottom, (lamp, cut)


@pytest.mark.parametrize("kind", unit_kinds.KINDS)
def test_sheets_of_a4_cover_the_panel(kind: str) -> None:
    """Each point of the panel is on a sheet, and neighbours share a strip to be glued."""
    found = re.findall(r"left:-(\d+)mm;top:-(\d+)mm", generate_panels.tile_pages(kind))
    lefts, tops = ({int(at) for at in column} for column in zip(*found, strict=True))
    for starts, size, whole in (
        (lefts, generate_panels.SHEET_WIDE, generate_panels.WIDE),
        (tops, generate_panels.SHEET_HIGH, generate_panels.TOP - generate_panels.BOTTOM),
    ):
        assert max(starts) + size >= whole
        assert all(low + size - high == generate_panels.OVERLAP for low, high in itertools.pairwise(sorted(starts)))
    assert len(found) == len(lefts) * len(tops)
