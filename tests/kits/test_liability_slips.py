"""Cash that does not come out is told by a slip, at every machine that takes any; the slip says what is true there."""

from __future__ import annotations

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.effects import PrintDocument
from kiosk_firmware.core.events import ItemsPresented
from kiosk_firmware.core.pages import text
from kiosk_firmware.core.play import Play
from kiosk_firmware.kits.return_items import Leave, Presenting, Recounting, SlipPrinting, Undone

TOKEN = ((100, 1),)
MACHINES = (
    "airport",
    "atm",
    "bank-counter",
    "business-counter",
    "civil-affairs",
    "id-card",
    "legal-desk",
    "medical-insurance",
    "metro-desk",
    "metro-ticket",
    "rail",
    "social-insurance",
    "visit",
)


def presented(machine, unsure):
    """The state and the effects after a payout of one token of which none came out, or nobody knows."""
    walk = machine_loader.walks(machine)[0]
    loaded = machine_loader.load(machine, walk.skin, changes=walk.changes)
    play = Play(loaded.machine, loaded.world)
    now = play.settle(play.begin(machine_loader.start_event(walk.persona, walk.now, None, scene="")))
    phase = Presenting(Leave(due=TOKEN, hopper=False))
    state = msgspec.structs.replace(now.state, phase=phase)
    lost = ItemsPresented("cash_dispenser", "cash", (), "unknown", unsure=TOKEN)
    failed = ItemsPresented("cash_dispenser", "cash", (), "hardwareError")
    after, effects = loaded.machine.update(state, lost if unsure else failed)
    if isinstance(after.phase, Recounting):
        after, effects = loaded.machine.update(after, loaded.world.found(now.world))
    return loaded, after, effects


@pytest.mark.parametrize("unsure", [False, True], ids=["owed", "doubt"])
@pytest.mark.parametrize("machine", MACHINES)
def test_a_slip_says_it(machine, unsure):
    loaded, after, effects = presented(machine, unsure)
    assert not isinstance(after.phase, Undone)
    assert isinstance(after.phase, SlipPrinting), after.phase
    assert [effect.ref for effect in effects if isinstance(effect, PrintDocument)] == ["slip"]
    kind = after.phase.kind
    assert (kind == "doubt") == unsure
    for language in ("zh", "en"):
        assert {f"slip.{kind}.title", f"slip.{kind}.how"} <= loaded.words.keys(language)
        how = loaded.words.write(text(f"slip.{kind}.how"), language)
        assert "没有回话" not in how, "nobody was asked"
        assert "did not answer" not in how
