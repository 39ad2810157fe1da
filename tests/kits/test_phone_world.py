"""Tests of the tests: a telephone whose app shows, asks and books one wrong price is held to the price alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.play import Play
from kiosk_firmware.machines.payment.machine import Payment
from tests.machines.walking import walked


@pytest.mark.parametrize("by", [1, 0, -1])
def test_an_app_with_a_price_of_its_own_is_noticed(by: int) -> None:
    walk = next(walk for walk in machine_loader.walks("payment") if walk.name.startswith("a tap"))
    world: Any = machine_loader.load("payment", walk.skin, changes=walk.changes).world
    rules = world.terms.rules
    shops = tuple(msgspec.structs.replace(shop, fen=shop.fen + by) for shop in rules.shops)
    app = Payment(msgspec.structs.replace(rules, shops=shops), world.terms.profile)
    found = walked(Play(app, world), walk, (), 1_500).findings
    assert bool(found) == bool(by), found
