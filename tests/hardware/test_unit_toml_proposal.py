"""What answered becomes the parts of a unit: each in its place, nobody twice, and never a guess between two."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.drivers.settings import hardware_settings
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.cards import Crt310, Pn532
from hardware.drivers.settings.coins import Dg600fSerial
from hardware.drivers.settings.hardware_settings import full_cabinet
from hardware.setup import reference_boards, unit_kind_matching
from hardware.setup.port_probing import ProbedDevice

CRT, NFC = ProbedDevice("crt310", "card_reader", 9600), ProbedDevice("pn532", "card_reader", 115_200)
NOTES, PAPER = (
    ProbedDevice("ssp", "note_acceptor", 9600, firmware="F1"),
    ProbedDevice("escpos", "receipt_printer", 19_200),
)
HOPPERS = [ProbedDevice("cctalk", "coin_dispenser", 9600, address=at) for at in (3, 4)]
TEMPLATE = full_cabinet()


def parts(found, template=TEMPLATE):
    fit = unit_kind_matching.match_ports(template, found)
    return fit, {part.role: part for part in fit.parts}


def test_everybody_takes_the_place_that_wants_it():
    fit, by = parts({"a": [NFC], "b": [CRT], "c": [NOTES], "d": [PAPER], "e": HOPPERS})
    states = {role: part.state for role, part in by.items()}
    assert {role for role, state in states.items() if state == "found"} == {
        "card_reader",
        "id_reader",
        "note_acceptor",
        "receipt_printer",
        "coin_dispenser",
    }
    assert set(states.values()) == {"found", "pins"}
    assert (fit.devices.card_reader.port, fit.devices.id_reader.port) == ("b", "a")
    assert fit.devices.receipt_printer.baud == 19_200
    assert fit.devices.coin_dispenser.hoppers == TEMPLATE.coin_dispenser.hoppers
    assert not fit.extra
    assert not hardware_settings.problems(fit.devices, MoneyChannels())


def test_two_of_a_kind_are_not_chosen_between():
    fit, by = parts({"a": [NOTES], "b": [NOTES]})
    assert by["note_acceptor"].state == "double"
    assert set(by["note_acceptor"].ports) == {"a", "b"}
    assert fit.devices.note_acceptor == TEMPLATE.note_acceptor


def test_nothing_answers():
    fit, by = parts({"a": [], "b": []})
    assert fit.devices == TEMPLATE
    assert by["card_reader"].state == "waiting"
    assert not fit.extra


def test_another_driver_will_do_and_a_stranger_is_named():
    template = msgspec.structs.replace(TEMPLATE, id_reader=None)
    fit, by = parts({"a": [NFC], "b": [ProbedDevice("ssp", "coin_dispenser", 9600, address=16)]}, template)
    assert by["card_reader"].state == "found"
    assert fit.devices.card_reader == Pn532("a")
    assert len(fit.extra) == 1
    assert "b" in fit.extra[0]


def test_the_one_silent_port_is_the_one_parts_that_cannot_be_asked():
    template = msgspec.structs.replace(TEMPLATE, coin_acceptor=Dg600fSerial(inhibit_pin=27, port="/dev/ttyUSB7"))
    fit, by = parts({"a": [CRT], "usb:path=1-1": []}, template)
    assert (by["coin_acceptor"].state, fit.devices.coin_acceptor.port) == ("given", "usb:path=1-1")
    fit, _ = parts({"a": [], "b": []}, template)
    assert fit.devices.coin_acceptor.port == "/dev/ttyUSB7"


@given(st.lists(st.sampled_from([CRT, NFC, NOTES, PAPER]), max_size=7))
def test_nobody_is_in_two_places_and_nobody_is_lost(answers):
    found = {f"port-{n}": [msgspec.structs.replace(one, serial=str(n))] for n, one in enumerate(answers)}
    fit, by = parts(found)
    used = [port for part in by.values() if part.state in ("found", "double") for port in part.ports]
    assert len(used) == len(set(used))
    assert len(used) + len(fit.extra) == len(answers)
    written = [table.port for _, table in fit.devices.named() if getattr(table, "port", "").startswith("port-")]
    assert sorted(written) == sorted(port for part in by.values() if part.state == "found" for port in part.ports)


def test_what_is_left_out_is_not_in_the_file():
    left = unit_kind_matching.without(TEMPLATE, ("card_reader", "receipt_printer"))
    assert {"card_reader", "receipt_printer"} == {n for n, _ in TEMPLATE.named()} - {n for n, _ in left.named()}


@pytest.mark.parametrize("id_", reference_boards.boards())
def test_a_board_has_each_pin_once_and_says_how_it_differs(id_):
    board, header = reference_boards.boards()[id_], reference_boards.header()
    used = [pin for uart in board.uart for pin in (uart.tx, uart.rx)]
    assert len(used) == len(set(used))
    assert set(used) <= set(header.place)
    places = [*header.place.values(), *header.power_3v3, *header.power_5v, *header.ground]
    assert sorted(places) == list(range(1, 41))
    assert board.differences


def test_a_pin_of_a_serial_port_in_use_is_a_clash(tmp_path):
    board = reference_boards.boards()["pi5"]
    on_board = msgspec.structs.replace(TEMPLATE, card_reader=Crt310(board.uart[2].name))
    assert not reference_boards.clashes(TEMPLATE, board)
    assert {clash.pin for clash in reference_boards.clashes(on_board, board)} <= {board.uart[2].tx, board.uart[2].rx}
    assert reference_boards.clashes(on_board, board)
    model = tmp_path / "model"
    model.write_text("Raspberry Pi 5 Model B Rev 1.0\0")
    assert reference_boards.this(model) == "pi5"
    assert reference_boards.this(tmp_path / "none") == ""
