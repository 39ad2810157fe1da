"""The supervisor's one step: the door lets in whom the lock admits, the desk changes sheets and asks the app.

Only `Admitted`, heard at the door while the lock was looking, leads to the desk; no key does. From every sheet *back*
leads to the one before and at last out; whatever is told late, to a sheet that has gone, is dropped.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.events import Tapped
from kiosk_firmware.core.pages import Key
from kiosk_firmware.unit.lobby.phases import supervisor as s
from kiosk_firmware.unit.lobby.supervisor import cash_count

SEEN = 4
"""How many things seen in a test stay on the page."""
Asked = tuple[s.AnyStaffRequest, ...]
Turn = tuple[s.Door | s.Desk | None, Asked]
"""The phase after, None for out, and what is asked of the app."""


def take_event(phase: s.Door | s.Desk, event: s.AnyStaffHeard) -> Turn:
    """Return what the app tells, at the door or at the desk."""
    return _door(phase, event) if isinstance(phase, s.Door) else (_desk(phase, event), ())


def leave_desk(phase: s.Door | s.Desk, idle: bool) -> s.LeaveDesk:
    """Leave the desk: nobody is there any more."""
    return s.LeaveDesk(phase.who if isinstance(phase, s.Desk) else 0, "idle" if idle else "key")


def _door(phase: s.Door, event: s.AnyStaffHeard) -> Turn:
    change = msgspec.structs.replace
    match event:
        case s.DoorOpened(order=order, card=card):
            return change(phase, order=order, card=card, busy=False), ()
        case s.DoorBarred(minutes=minutes):
            return s.Door(barred_min=minutes), ()
        case s.CodeTyped(count=count):
            full = count >= s.CODE and not phase.busy
            return change(phase, typed=count, busy=phase.busy or full), ((s.CheckCode(),) if full else ())
        case s.TurnedAway(left=tries):
            return change(phase, typed=0, busy=False, left=tries, unproved=False), ()
        case s.CardUnknown():
            return change(phase, unproved=True), ()
        case s.Admitted(who=who):
            return s.Desk(who), ()
        case _:
            return phase, ()


def _desk(phase: s.Desk, event: s.AnyStaffHeard) -> s.Desk:
    sheet = phase.sheet
    match event:
        case s.LookedOver(rows=rows) if isinstance(sheet, s.Health):
            return s.Desk(phase.who, s.Health(rows))
        case s.Noticed(row=row) if isinstance(sheet, s.Trial) and row.device == sheet.device:
            return s.Desk(phase.who, msgspec.structs.replace(sheet, rows=(*sheet.rows, row)[-SEEN:]))
        case s.CountOpened(items=items) if isinstance(sheet, s.Counting) and sheet.asked:
            return s.Desk(phase.who, s.Count(sheet.asked, items, cash_count.start(items)))
        case s.Weighed() if isinstance(sheet, s.Wiping):
            return s.Desk(phase.who, msgspec.structs.replace(sheet, lost=event))
        case s.Carried(facts=facts) if isinstance(sheet, s.Wiping) and sheet.at == "stick":
            return s.Desk(phase.who, msgspec.structs.replace(sheet, carried=facts))
        case s.CardTaken(why=why) if isinstance(sheet, s.NewCard):
            return s.Desk(phase.who, s.NewCard(why or "done", sheet.technician))
        case s.CardIssued(written=written) if isinstance(sheet, s.Issuing):
            return s.Desk(phase.who, s.Issuing(event, sheet.count + written))
        case _:
            return phase


# -- keys --------------------------------------------------------------------------------------------------------------


def take_tap(phase: s.Door | s.Desk, key: Key, tap: Tapped) -> Turn:
    """Take a key of the page that stands."""
    name = key.name.removeprefix("staff.")
    if isinstance(phase, s.Door):
        return (None, (leave_desk(phase, False),)) if name == "back" else (phase, ())
    if name == "end":
        return None, (leave_desk(phase, False),)
    sheet, asked = _on_sheet(phase.sheet, name, key.value)
    return (phase if sheet is phase.sheet else s.Desk(phase.who, sheet)), asked


def _on_sheet(sheet: s.AnySheet, name: str, value: str) -> tuple[s.AnySheet, Asked]:
    match sheet:
        case s.Hub():
            return _at_hub(sheet, name)
        case s.Health():
            return _at_health(name)
        case s.Tests(first=first):
            return _at_tests(first, name, value)
        case s.Trial(device=device, first=first):
            if name == "back":
                return s.Tests(first), (s.EndTest(),)
            return s.Trial(device, first), (s.EndTest(), s.BeginTest(device))
        case s.Faults():
            return _at_faults(sheet, name, value)
        case s.Counting():
            return _at_counting(name)
        case s.Count():
            return _at_count(sheet, name)
        case s.Refills():
            return _at_refills(sheet, name, value)
        case s.Service():
            return _at_service(sheet, name, value)
        case s.Restarting(blank=blank):
            back = s.Setup() if blank else s.Hub()
            return (sheet, (s.Restart(blank),)) if name == "restart-now" else (back, ())
        case s.Setup():
            return _at_setup(name)
        case s.NewCard() | s.Issuing():
            return s.Setup(), (s.DropCard(),)
        case s.Wiping():
            return _at_wiping(sheet, name)


def _at_hub(sheet: s.Hub, name: str) -> tuple[s.AnySheet, Asked]:
    match name:
        case "health":
            return s.Health(), (s.LookOver(),)
        case "faults":
            return s.Faults(), ()
        case "count":
            return s.Counting(), ()
        case "refill":
            return s.Refills(), ()
        case "service":
            return s.Service(), ()
        case "restart":
            return s.Restarting(), ()
        case "setup":
            return s.Setup(), ()
        case _:
            return sheet, ()


def _at_setup(name: str) -> tuple[s.AnySheet, Asked]:
    match name:
        case "set-up":
            return s.Restarting(blank=True), ()
        case "new-card" | "technician-card":
            technician = name == "technician-card"
            return s.NewCard(technician=technician), (s.TakeCard(technician),)
        case "issue":
            return s.Issuing(), (s.IssueCards(),)
        case "wipe":
            return s.Wiping(), (s.Weigh(),)
        case _:
            return s.Hub(), ()


def _at_wiping(sheet: s.Wiping, name: str) -> tuple[s.AnySheet, Asked]:
    """Ask two questions, with a way back up to the moment in which the system begins."""
    change = msgspec.structs.replace
    match name, sheet.at:
        case "to-stick", _:
            return change(sheet, at="stick", carried=None), (s.CarryOut(),)
        case "wipe-on", _:
            return change(sheet, at="sure"), ()
        case "wipe-now", _:
            return change(sheet, at="going"), (s.WipeUnit(),)
        case _, "stick":
            return change(sheet, at="ask"), (s.CarryNothing(), s.Weigh())
        case _, "sure":
            return change(sheet, at="ask"), ()
        case _, "going":
            return s.Setup(), (s.KeepUnit(),)
        case _:
            return s.Setup(), ()


def _at_health(name: str) -> tuple[s.AnySheet, Asked]:
    match name:
        case "tests":
            return s.Tests(), ()
        case "look-again":
            return s.Health(), (s.LookOver(),)
        case _:
            return s.Hub(), ()


def _at_tests(first: int, name: str, value: str) -> tuple[s.AnySheet, Asked]:
    match name:
        case "back":
            return s.Health(), (s.LookOver(),)
        case "more":
            return s.Tests(int(value)), ()
        case _:
            return s.Trial(value, first), (s.BeginTest(value),)


def _at_faults(sheet: s.Faults, name: str, value: str) -> tuple[s.AnySheet, Asked]:
    match name:
        case "back":
            return (s.Faults(sheet.first) if sheet.asked else s.Hub()), ()
        case "more":
            return s.Faults(int(value)), ()
        case "disarm":
            return s.Hub(), (s.ArmFault(""),)
        case "arm":
            return s.Hub(), (s.ArmFault(value),)
        case _:
            return s.Faults(sheet.first, value), ()


def _at_counting(name: str) -> tuple[s.AnySheet, Asked]:
    match name:
        case "before":
            return s.Counting("before"), (s.OpenCount(),)
        case "after":
            return s.Counting("after"), (s.OpenCount(),)
        case _:
            return s.Hub(), ()


_BY = {"less-ten": -10, "less": -1, "more-one": 1, "more-ten": 10}


def _at_count(sheet: s.Count, name: str) -> tuple[s.AnySheet, Asked]:
    change = msgspec.structs.replace
    match name:
        case "back":
            return (change(sheet, at=sheet.at - 1) if sheet.at else s.Counting()), ()
        case "count-next":
            return change(sheet, at=sheet.at + 1), ()
        case "count-again":
            return change(sheet, at=0), ()
        case "count-keep":
            return s.Hub(), (s.CloseCount(sheet.when, sheet.items, sheet.counted),)
        case _:
            return change(sheet, counted=cash_count.change_figure(sheet.counted, sheet.at, _BY.get(name, 0))), ()


def _at_refills(sheet: s.Refills, name: str, value: str) -> tuple[s.AnySheet, Asked]:
    match name:
        case "back":
            return (s.Refills() if sheet.asked else s.Hub()), ()
        case "refilled":
            return s.Refills(done=value), (s.Refill(value),)
        case _:
            return s.Refills(asked=value), ()


def _at_service(sheet: s.Service, name: str, value: str) -> tuple[s.AnySheet, Asked]:
    match name:
        case "back":
            return s.Hub(), ()
        case "open":
            return s.Hub(), (s.ShutUnit(""),)
        case _:
            return s.Hub(), (s.ShutUnit(value),)
