"""The words that events and effects share: a unit's logical devices, how an effect ends, where a card is, and what can
be armed to go wrong. XFS4IoT's where it has them.
"""

from __future__ import annotations

from typing import Literal

Device = Literal[
    "card_reader",
    "tap_reader",
    "id_reader",
    "pin_pad",
    "coin_acceptor",
    "note_acceptor",
    "coin_dispenser",
    "cash_dispenser",
    "receipt_printer",
    "ticket_printer",
    "ticket_dispenser",
    "barcode_scanner",
    "gate",
    "parcel_locker",
    "lights",
    "payment_host",
    "network_host",
]
Completion = Literal["success", "canceled", "timeOut", "hardwareError", "userError", "unsupportedCommand", "unknown"]
"""XFS completion codes. `unknown`: the unit was cut off before the answer; the machine must say what it does then."""
Place = Literal["none", "inside", "exit"]
Fault = Literal[
    "card_unreadable",
    "card_turned",
    "card_expired",
    "card_left",
    "note_rejected",
    "note_suspect",
    "notes_left",
    "notes_gone",
    "paper_out",
    "printer_jam",
    "host_offline",
    "answer_lost",
    "power_cut",
    "change_gone",
    "tickets_out",
    "ticket_jam",
    "write_torn",
    "gate_changed",
    "locker_jammed",
]
GateWay = Literal["entry", "exit"]
GateAlarm = Literal["tailgate", "intrusion", "obstructed", "fire"]
PinVerdict = Literal["right", "wrong", "weak", "mismatch", "short", "none"]
