"""`kiosk office import STICK`: facts that came on a USB drive go through the same door as those that came by the
broker.

Each file must be signed by the unit that it speaks of, with a certificate of this office that is not revoked. What it
holds is deduplicated like any message; the office's acknowledgements are written beside it for the way back.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kiosk_firmware.office.database.connection import Where
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.office.pki.trust_folder import TrustFolder
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.wire import private_keys, signed_document, topics, usb_envelopes
from kiosk_firmware.wire.certificates import TrustError
from kiosk_firmware.wire.envelope import EnvelopeError, decode
from kiosk_firmware.wire.messages import Ack

BATCH = 500
LIMIT = 1 << 30
"""Bytes of a file that are read: more is no unit's."""


class ImportResult(msgspec.Struct, frozen=True):
    """The result of a file's import: its lines, and how many of them were new."""

    unit: str
    lines: int
    new: int


def main(arguments: Sequence[str]) -> int:
    """See the file's head.

    Returns:
        The exit code: 0 all files were taken, 1 one was refused, or there was none; the reason is printed.
    """
    parser = argparse.ArgumentParser(prog="kiosk office import", description=__doc__)
    parser.add_argument("stick", type=Path, help="the stick's folder")
    parser.add_argument("--state", type=Path, default=Path("var/office"), metavar="DIR", help="the office's folder")
    parser.add_argument("--database", metavar="URL", help="postgresql://… (default: office.db in the folder)")
    chosen = parser.parse_args(arguments)
    found, refused = sorted(chosen.stick.glob(f"*{usb_envelopes.FACTS_TAIL}")), 0
    for path in found:
        try:
            taken = take(path, chosen.database or chosen.state / "office.db", TrustFolder(chosen.state))
            print(f"{path.name}: {taken.unit}, {taken.lines} facts, {taken.new} of them new")
        except TrustError as error:
            refused += 1
            print(f"{path.name}: refused: {error}")
    return 0 if found and not refused else 1


def take(path: Path, where: Where, place: TrustFolder) -> ImportResult:
    """Store what a file holds, and write the acknowledgements beside it.

    Raises:
        TrustError: it is not signed by the unit that it speaks of, or was changed.
    """
    if path.stat().st_size > LIMIT:
        raise TrustError(f"{path.stat().st_size} bytes, allowed are {LIMIT}")
    head, _, body = path.read_bytes().partition(b"\n")
    authority = place.authority
    who, told = signed_document.open_document(
        head, usb_envelopes.OUT, usb_envelopes.CarriedFacts, authority.root, now_ms(), "unit", authority.crl
    )
    lines = body.split(b"\n")[:-1]
    if who.name != told.unit:
        raise TrustError(f"signed by {who.name}, about {told.unit}")
    if len(lines) != told.count or hashlib.sha256(body).hexdigest() != told.sha256:
        raise TrustError("the facts are not those that were signed: the file was changed, or copied in part")
    store = FactStore(where, place.site_of)
    try:
        new, acks = _store_lines(store, told, lines)
    finally:
        store.close()
    _answer(path.parent, told.unit, acks, place)
    return ImportResult(told.unit, len(lines), new)


def _store_lines(store: FactStore, told: usb_envelopes.CarriedFacts, lines: list[bytes]) -> tuple[int, dict[str, Ack]]:
    new, acks = 0, dict[str, Ack]()
    heard = now_ms()
    for at in range(0, len(lines), BATCH):
        outcome = store.apply([_line_as_message(told, line, heard) for line in lines[at : at + BATCH]])
        new += outcome.stored
        for answer in outcome.answers:
            address = topics.parse(answer.topic)
            if address is not None and address.channel == "ack" and address.unit == told.unit:
                ack = msgspec.json.decode(answer.payload, type=Ack)
                acks[ack.epoch] = ack
    return new, acks


def _line_as_message(told: usb_envelopes.CarriedFacts, line: bytes, heard_ms: int) -> IncomingMessage:
    """Return a line as a message; one that cannot be read is set aside by the store, as it is on the wire."""
    try:
        leaf = topics.fact_leaf(decode(line).fact.type)
    except EnvelopeError:
        leaf = "unreadable"
    return IncomingMessage(topics.topic(told.site, told.unit, "evt", leaf), line, heard_ms)


def _answer(drive: Path, unit: str, acks: dict[str, Ack], place: TrustFolder) -> None:
    key, chain = private_keys.load(place.folder / "signer.key"), (place.folder / "signer.pem").read_text()
    made = now_ms()
    told = usb_envelopes.DeliveryReceipt(unit, made, list(acks.values()))
    write_whole(
        drive / f"{unit}-{made}{usb_envelopes.ACKS_TAIL}", signed_document.seal(usb_envelopes.BACK, told, key, chain)
    )
