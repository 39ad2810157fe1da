"""What the twins keep over the end of their own process: no card, note or slip vanishes with it."""

from __future__ import annotations

import json

import pytest

from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import full_cabinet
from hardware.twins.unit_twins import Twins


@pytest.fixture
def made(tmp_path):
    """Makes twins in one folder, one after the other; closes what is left."""
    living = []

    def make(kept=None):
        for twins in living:
            twins.close()
        living.append(Twins(full_cabinet(quick=True), MoneyChannels(), tmp_path, kept))
        return living[-1]

    yield make
    for twins in living:
        twins.close()


def kept(twins) -> dict:
    """Its state as the file on disk holds it."""
    return json.loads(json.dumps(twins.state()))


def test_a_card_stays_where_it_is_and_kept_ones_stay_kept(made):
    twins = made(
        {
            "card_reader": {
                "card": "9900550000005528",
                "expires": "2701",
                "chip": False,
                "position": "inside",
                "captured": ["9900660000001234"],
                "counters": {"inserted": 3},
            }
        }
    )
    before = kept(twins)["card_reader"]
    assert (before["card"], before["expires"], before["chip"]) == ("9900550000005528", "2701", False)
    assert kept(made(kept(twins)))["card_reader"] == before


@pytest.mark.parametrize(
    ("stage", "box", "mouth"),
    [
        ("stacking", ["0500011", "10000222"], None),
        ("escrow", ["0500011"], "10000222"),
    ],
)
def test_a_note_on_its_way_ends_where_a_power_cut_would_put_it(made, stage, box, mouth):
    state = {"box": ["0500011"], "mouth": None, "piece": "10000222", "stage": stage, "counters": {"stacked": 1}}
    after = kept(made({"note_acceptor": {**state, "taken_back": ["0100033"]}}))["note_acceptor"]
    assert (after["box"], after["mouth"], after["piece"]) == (box, mouth, None)
    assert after["counters"]["stacked"] == len(box)
    assert after["taken_back"] == ["0100033"]


def test_slips_hang_on_and_an_empty_roll_stays_empty(made):
    line = {"text": "凭条", "kind": "text", "bold": False, "width": 1, "height": 1, "align": "left"}
    twins = made({"receipt_printer": {"slips": [[line]], "paper": "out", "counters": {"cuts": 1}}})
    after = kept(made(kept(twins)))["receipt_printer"]
    assert (after["slips"], after["paper"], after["counters"]["cuts"]) == ([[line]], "out", 1)


def test_what_lies_on_pins_stays_too(made):
    after = kept(made({"cash_dispenser": {"full": True, "counters": {"opened": 1}}, "coin_acceptor": {"box": [100]}}))
    assert after["cash_dispenser"]["full"]
    assert after["coin_acceptor"]["box"] == [100]
