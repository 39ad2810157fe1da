"""`kiosk carry`: a unit's facts to the office and the office's word back, on a USB drive, where there is no network.

`out` writes whatever is not acknowledged, signed by the unit's own key; nothing is let go of by that. The office reads
it (`kiosk office import`) and writes its acknowledgements onto the same USB drive; `back` takes them, as the agent
takes those that come over the network, and then the facts may go. Both work while the unit runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import msgspec

from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.settings.unit_toml import UnitSettings
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import facts_file
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.unit.agent.spool import FILES, FactsFile
from kiosk_firmware.unit.identity.unit_identity import UnitTrust
from kiosk_firmware.wire import event_clock, private_keys, signed_document, usb_envelopes
from kiosk_firmware.wire.envelope import Fact, encode
from kiosk_firmware.wire.messages import Ack

A_LOOK = 500


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `kiosk carry out|back STICK --unit UNIT.toml --state DIR`.

    Returns:
        The exit code: 0 done, 1 there was nothing to carry.

    Raises:
        ValueError: no certificate yet, a document that is another's or was changed, a wrong unit.toml.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description=__doc__)
    parser.add_argument("way", choices=("out", "back"))
    parser.add_argument("stick", type=Path, metavar="STICK", help="the stick's folder")
    parser.add_argument("--unit", type=Path, required=True, metavar="UNIT.toml")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="the unit's run-time folder")
    chosen = parser.parse_args(arguments)
    settings = unit_settings.read_settings(chosen.unit)
    if chosen.way == "out":
        made = write_facts(settings, chosen.state, chosen.stick)
        print(f"{made[0].name}: {made[1]} facts" if made else "nothing waits for the office")
        return 0 if made else 1
    released = take_acknowledgements(settings, chosen.state, chosen.stick)
    none = f"no {usb_envelopes.ACKS_TAIL} file on the stick is for this unit's facts as they are"
    print(f"acknowledged: {released} epochs" if released else none)
    return 0 if released else 1


def write_facts(settings: UnitSettings, state: Path, drive: Path) -> tuple[Path, int] | None:
    """Write what is not acknowledged; the file and how many facts are in it, None where nothing waits.

    Raises:
        ValueError: this unit has no certificate, so nobody could know who wrote the file.
    """
    unit, site, member = settings.unit.id, settings.unit.site, UnitTrust(state)
    chain = member.chain()
    quality = event_clock.quality()
    lines = [encode(site, unit, fact, quality) for fact in _waiting_facts(state, unit)]
    if not lines:
        return None
    made = now_ms()
    told = usb_envelopes.CarriedFacts(unit, site, made, len(lines), usb_envelopes.digest(lines))
    head = signed_document.seal(usb_envelopes.OUT, told, private_keys.load(member.certificate), chain)
    path = drive / f"{unit}-{made}{usb_envelopes.FACTS_TAIL}"
    write_whole(path, b"\n".join([msgspec.json.format(head, indent=-1), *lines, b""]))
    return path, len(lines)


def _waiting_facts(state: Path, unit: str) -> Iterator[Fact]:
    db = AgentDb(facts_file(state, "agent.db"), unit)
    try:
        for name in FILES:
            file = FactsFile(facts_file(state, name))
            epoch, _ = file.after(0, 0)
            seq = db.upto(epoch)
            while facts := file.after(seq, A_LOOK)[1]:
                yield from facts
                seq = facts[-1].seq
            file.close()
    finally:
        db.close()


def take_acknowledgements(settings: UnitSettings, state: Path, drive: Path) -> int:
    """Take the office's acknowledgements for this unit; of how many epochs that it has. A file that an older copy was
    put back of is numbered anew instead: what was acknowledged is not what it holds.

    Raises:
        ValueError: a document is another office's, or was changed.
    """
    member, released = UnitTrust(state), 0
    db = AgentDb(facts_file(state, "agent.db"), settings.unit.id)
    try:
        for path in sorted(drive.glob(f"{settings.unit.id}-*{usb_envelopes.ACKS_TAIL}")):
            _, told = signed_document.open_document(
                path.read_bytes(), usb_envelopes.BACK, usb_envelopes.DeliveryReceipt, member.root(), now_ms(), "signer"
            )
            if told.unit != settings.unit.id:
                raise ValueError(f"{path}: unit = {told.unit!r}; allowed is {settings.unit.id!r}")
            released += sum(_take_acknowledgement(db, state, ack, settings) for ack in told.acks)
    finally:
        db.close()
    return released


def _take_acknowledgement(db: AgentDb, state: Path, ack: Ack, settings: UnitSettings) -> bool:
    """Take one, if it is for a file of this unit as it is now."""
    with ExitStack() as opened:
        files = [opened.enter_context(closing(FactsFile(facts_file(state, name)))) for name in FILES]
        looks = [file.is_older(ack, settings.unit.site, settings.unit.id) for file in files]
    if True in looks:
        db.put_back(ack.epoch, now_ms())
    elif False in looks:
        db.ack(ack.epoch, ack.upto)
    return False in looks
