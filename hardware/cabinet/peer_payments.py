"""Units meet: what another unit's glass says pays the code that this one shows.

While a page waits for a phone, the scanner looks as well. A phone's payment code pays what is asked here; the receipt
of a phone that read the code on this glass is the proof of just this order and sum. Each is taken once, and within two
minutes; the last ones taken are kept on disk, so that a restart forgets none. What was read is told (`PeerPayment`),
for the office to compare units. A code is decided here and goes no further: no machine ever hears it.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hardware.cabinet import payment_codes
from hardware.cabinet.payment_codes import PaymentCode, Word
from hardware.transport.durable_json import DurableJson
from kiosk_firmware.core.events import AnyEvent, BarcodeRead, Device

KEPT = 64
"""Codes that are remembered: more than two minutes of them."""
SCANNER: Device = "barcode_scanner"


class PeerPayment(msgspec.Struct, frozen=True):
    """A code of another unit was read: its mark, what it is, and what came of it."""

    code: str
    kind: str
    word: Word


class PeerPayments:
    """See the file's head."""

    def __init__(
        self,
        waits: Callable[[], tuple[int, int] | None],
        phone: Callable[[int, int | None], bool],
        memory: DurableJson,
        utc_ms: Callable[[], int],
        told: Callable[[PeerPayment], None],
    ) -> None:
        """Take `waits` (order and sum that a page waits for now) and `phone` (pays them; False where nobody waits any
        more).
        """
        self._waits, self._phone, self._memory, self._utc_ms, self._told = waits, phone, memory, utc_ms, told

    def slots(self) -> frozenset[Device]:
        """Return the devices that are wanted besides those of the page."""
        return frozenset() if self._waits() is None else frozenset({SCANNER})

    def heard(self, event: AnyEvent) -> AnyEvent | None:
        """Return the event, or None where it was another unit's code and has been decided."""
        due = self._waits() if isinstance(event, BarcodeRead) else None
        code = payment_codes.read_code(event.text) if isinstance(event, BarcodeRead) and due is not None else None
        if code is None or due is None:
            return event
        word = self._taken(code, *due)
        self._told(PeerPayment(code.mark, "own" if code.order is None else "receipt", word))
        return None

    def _taken(self, code: PaymentCode, order: int, fen: int) -> Word:
        used: list[str] = self._memory.get("codes", [])
        if code.order is not None and (code.order, code.fen) != (order, fen):
            return "foreign"
        if code.mark in used:
            return "used"
        if not payment_codes.is_fresh(code, self._utc_ms()):
            return "old"
        self._memory.keep(codes=[*used, code.mark][-KEPT:])  # on disk before it pays: never twice
        return "taken" if self._phone(order, fen) else "foreign"
