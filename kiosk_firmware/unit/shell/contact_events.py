"""React to the cabinet's contacts: a door that opens, a hand where none should be, somebody who
comes or leaves.

The office is told of door and tamper contact, never of people: who stands where and when is nobody's business. Whoever
comes while the first page stands is greeted by the voice; whoever leaves ends nothing at once (see `patience`).
"""

from __future__ import annotations

from hardware.cabinet.peer_payments import PeerPayment
from kiosk_firmware.unit.lobby.phases.lobby import Attract
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.shell.screen_process import ScreenProcess


def on_contact(unit: ScreenProcess, name: str, on: bool) -> None:
    """Take a change of `name`: door (on: open), tamper (touched) or presence (somebody is there)."""
    if name != "presence":
        unit.desk.contacts[name] = on
        unit.engine.tell(RunFact("contact.changed", {"contact": name, "on": on}, 2))
    elif not on:
        unit.patience.gone()
    else:
        unit.patience.touched()
        if unit.engine.run is None and isinstance(unit.lobby.phase, Attract):
            unit.voice.page(unit.talk.page(), unit.language)


def tell_payment_code(unit: ScreenProcess, found: PeerPayment) -> None:
    """Tell that another unit's code was read. The office is told, which alone sees whether two units took the same;
    whoever stands there is told why one does not count.
    """
    unit.engine.tell(RunFact("code.met", {"code": found.code, "kind": found.kind, "word": found.word}))
    if found.word != "taken":
        unit.talk.told(f"cabinet.code_{found.word}")
