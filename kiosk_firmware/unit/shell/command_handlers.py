"""Carry out the commands of the office at the screen, between runs or at once, and what came of it."""

from __future__ import annotations

import msgspec

from kiosk_firmware.catalogue import machine_loader, site_content
from kiosk_firmware.core.events import Fault
from kiosk_firmware.unit.lobby.phases.supervisor import REASONS
from kiosk_firmware.unit.runtime.command_reader import CommandRow
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.shell.environment import CabinetCalls
from kiosk_firmware.unit.shell.supervisor_desk import SupervisorDesk

Outcome = tuple[bool, str]
"""Done or not, and why not."""


def handle(row: CommandRow, journal: Journal, desk: SupervisorDesk, cabinet: CabinetCalls) -> Outcome:
    """Do what the office wants; all but a restart, which is the unit's own."""
    match row.name:
        case "lesson.put":
            return _put(row.args.get("machine"), row.args.get("file"))
        case "lesson.remove":
            return _remove_lesson(row.args.get("machine"), row.args.get("id"))
        case "epoch.renew":
            return _renew_epoch(journal, row.args.get("epoch"), row.args.get("start"))
        case "fault.arm":
            return _arm_fault(desk, row.args.get("fault"))
        case "self.test":
            return _test_devices(desk)
        case "out.of.service":
            return _put_out(desk, row.args.get("reason"))
        case "reload":
            machine_loader.site(site_content.folder())
            return True, ""
        case "teacher.answered":
            cabinet.call_teacher(False)
            return True, ""
        case _:
            return False, "this unit does not know the command"


def _put(machine: object, file: object) -> Outcome:
    """Add a lesson that a teacher wrote at the office to the unit's own ones."""
    base = site_content.folder()
    if base is None:
        return False, "this unit keeps no lessons of its site"
    try:
        machine_loader.keep(str(machine), str(file), base)
    except (ValueError, LookupError, OSError) as error:
        return False, str(error)[:200]
    return True, ""


def _remove_lesson(machine: object, id_: object) -> Outcome:
    base = site_content.folder()
    if machine not in [line.id for line in machine_loader.describe()]:
        return False, f"machine = {machine!r}: there is no such machine"[:200]
    known = {one.lesson.id for one in site_content.lessons(str(machine))}
    if base is None or id_ not in known:
        return False, f"id = {id_!r}: allowed are {', '.join(sorted(known))}"[:200]
    (base / str(machine) / f"{id_}.toml").unlink(missing_ok=True)
    machine_loader.site(base)
    return True, ""


def _renew_epoch(journal: Journal, epoch: object, start: object) -> Outcome:
    if epoch != journal.epoch:
        return False, "this is not the screen's epoch"
    journal.renew(start if isinstance(start, int) else 0)
    return True, ""


def _arm_fault(desk: SupervisorDesk, fault: object) -> Outcome:
    try:
        desk.armed = msgspec.convert(fault, Fault)
    except msgspec.ValidationError as error:
        return False, f"fault = {fault!r}: {error}"[:200]
    return True, ""


def _test_devices(desk: SupervisorDesk) -> Outcome:
    """Look at every device; what is not well by name. Only a broken part makes it fail."""
    rows = desk.rows()
    found = [f"{row.device} {row.mark}" for row in rows if row.mark != "ok"]
    return all(row.mark != "bad" for row in rows), (", ".join(found) or f"{len(rows)} ok")[:200]


def _put_out(desk: SupervisorDesk, reason: object) -> Outcome:
    """Put the unit out of service for one of the reasons that learners can read; "" puts it in service again."""
    if reason not in ("", *REASONS):
        return False, f"reason = {reason!r}: allowed are {', '.join(REASONS)} and an empty one"[:200]
    desk.put_out(str(reason))
    return True, ""
