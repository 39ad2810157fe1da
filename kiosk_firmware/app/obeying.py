"""What the office may order of the screen, between runs or at once, and what came of it."""

from __future__ import annotations

import msgspec

from kiosk_firmware.app.around import Devices
from kiosk_firmware.app.desk import Desk
from kiosk_firmware.core.events import Fault
from kiosk_firmware.lobby.staff.state import REASONS
from kiosk_firmware.session.journal import Journal
from kiosk_firmware.session.orders import OrderRow

Outcome = tuple[bool, str]
"""Done or not, and why not."""


def obeyed(row: OrderRow, journal: Journal, desk: Desk, cabinet: Devices) -> Outcome:
    """Do what the office wants; all but a restart, which is the unit's own."""
    match row.name:
        case "epoch.renew":
            return _renewed(journal, row.args.get("epoch"), row.args.get("start"))
        case "fault.arm":
            return _armed(desk, row.args.get("fault"))
        case "out.of.service":
            return _put_out(desk, row.args.get("reason"))
        case "teacher.answered":
            cabinet.call_teacher(False)
            return True, ""
        case _:
            return False, "this unit does not know the command"


def _renewed(journal: Journal, epoch: object, start: object) -> Outcome:
    if epoch != journal.epoch:
        return False, "this is not the screen's epoch"
    journal.renew(start if isinstance(start, int) else 0)
    return True, ""


def _armed(desk: Desk, fault: object) -> Outcome:
    try:
        desk.armed = msgspec.convert(fault, Fault)
    except msgspec.ValidationError as error:
        return False, f"fault = {fault!r}: {error}"[:200]
    return True, ""


def _put_out(desk: Desk, reason: object) -> Outcome:
    """For one of the reasons that learners can read; "" puts it in service again."""
    if reason not in ("", *REASONS):
        return False, f"reason = {reason!r}: allowed are {', '.join(REASONS)} and an empty one"[:200]
    desk.put_out(str(reason))
    return True, ""
