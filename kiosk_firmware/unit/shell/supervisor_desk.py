"""The supervisor's side of the unit: what the lobby's desk asks for is done here, written down, and answered.

Every entry and every act is a fact for the office, with the supervisor's number. What must outlive the process (why the
unit is out of service, the last count) stands in `desk.json`; who may come in is the lock's. Answers are returned as
what the lobby then hears, so that this room knows nothing of pages.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardware.transport.durable_json import DurableJson
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.effects import Cancel, Document, PrintDocument, ReadPin
from kiosk_firmware.core.events import Device, Fault, Media, MediaInserted
from kiosk_firmware.core.faults import FAULTS, WHERE
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.texts import Words
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import READABLE, screen_folder, shared_folder
from kiosk_firmware.unit.lobby.phases import supervisor as s
from kiosk_firmware.unit.lobby.phases import technician as t
from kiosk_firmware.unit.lobby.supervisor import cash_count
from kiosk_firmware.unit.runtime import journal_reader, receipt_lines, slot_totals
from kiosk_firmware.unit.runtime.engine import Engine
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch
from kiosk_firmware.unit.shell import device_rows
from kiosk_firmware.unit.shell.environment import BLANK, CabinetCalls, SystemClock, UnitDescription
from kiosk_firmware.unit.shell.learner_registry import learner_of
from kiosk_firmware.unit.shell.supervisor_lock import CARDS, By, LockVerdict, SupervisorLock
from kiosk_firmware.unit.shell.unit_wipe import UnitWipe

IDLE_S = 120
"""Nobody touches anything: the desk closes by itself."""
UTC8_MS = 8 * 3_600_000
TESTED: tuple[Device, ...] = (
    "card_reader",
    "tap_reader",
    "id_reader",
    "pin_pad",
    "note_acceptor",
    "coin_acceptor",
    "cash_dispenser",
    "coin_dispenser",
    "receipt_printer",
    "ticket_printer",
    "ticket_dispenser",
    "barcode_scanner",
    "gate",
    "parcel_locker",
    "lights",
)
BY_HAND: tuple[Device, ...] = (
    "card_reader",
    "tap_reader",
    "id_reader",
    "note_acceptor",
    "coin_acceptor",
    "barcode_scanner",
)
"""Devices that a person tests by putting something in."""
REFILLED = (
    "cash_dispenser",
    "coin_dispenser",
    "receipt_printer",
    "ticket_printer",
    "ticket_dispenser",
    "note_acceptor",
    "coin_acceptor",
    "card_reader",
)
KINDS = (("card", "card_reader"), ("ident", "id_reader"), ("ticket", "ticket_dispenser"))
"""What is handed out whole, and the device that a unit has for it."""
REF = "staff-test"
Answers = tuple[s.AnyStaffHeard | t.TechnicianAdmitted, ...]


class SupervisorDesk:
    """See the file's head. `armed` strikes in the next run, whoever armed it."""

    def __init__(
        self,
        who: UnitDescription,
        folder: Path,
        cabinet: CabinetCalls,
        engine: Engine,
        journal: Journal,
        post: Callable[[object], None],
        words: Words,
        needs_secret: bool = False,
    ) -> None:
        """Take `folder`, the unit's state; `post`, the inbox's; `words`, those that a test slip is written in;
        `needs_secret`: a card's number alone lets nobody in, and the desk writes secrets.
        """
        self.armed: Fault | None = None
        self.contacts: dict[str, bool] = {}
        """What the cabinet feels: its door open, its tamper contact touched. A door that stands open is said, and stops
        nobody's practice.
        """
        self.parts: tuple[t.PartOffer, ...] = ()
        """What a technician who is let in finds here."""
        self.lock = SupervisorLock(folder, SystemClock().utc_ms)
        self._who, self._cabinet, self._engine, self._journal = who, cabinet, engine, journal
        self._post, self._words = post, words
        self._memory = DurableJson(screen_folder(folder) / "desk.json")
        self._at_door = False
        self._supervisor = 0
        self._trial = ""
        self._folder, self._issuing = folder, False
        self._taking: By | None = None
        self._needs_secret = needs_secret
        self._wiping = UnitWipe(folder, journal)

    @property
    def shut(self) -> str:
        """Return why the unit is out of service; "" it is not."""
        reason = str(self._memory.get("shut", ""))
        return reason if reason in (*s.REASONS, "") else s.REASONS[0]

    def staffing(self, machines: tuple[str, ...]) -> s.Staffing:
        """Return what can be done here, with the machines that the unit offers now."""
        uses = {line.id: set(line.uses) for line in machine_loader.describe() if line.id in machines}
        supports = tuple(
            (fault, tuple(machine for machine, used in uses.items() if used & set(WHERE[fault]))) for fault in FAULTS
        )
        devices = tuple(at for at in TESTED if at in self._who.devices)
        refills = tuple(at for at in REFILLED if at in self._who.devices)
        return s.Staffing(devices, refills, supports, self.armed or "", self.shut, self._needs_secret)

    # -- what the lobby asks ------------------------------------------------------------------------------------------

    def serve(self, request: s.AnyStaffRequest) -> Answers:
        """Do it, write it down; what the lobby hears of it."""
        match request:
            case s.OpenDoor():
                return self._open()
            case s.CheckCode():
                self._judge("code", self.lock.take())
            case s.LeaveDesk():
                self._leave(request)
            case s.LookOver():
                return (self._look_over(),)
            case s.BeginTest(device=device):
                return self._begin_test(device)
            case s.EndTest():
                self._end_test()
            case s.OpenCount():
                return (s.CountOpened(self._items()),)
            case s.CloseCount():
                self._count(request)
            case s.Weigh():
                return (self._wiping.weighed(),)
            case s.CarryOut() | s.CarryNothing() | s.WipeUnit() | s.KeepUnit():
                self._wipe(request)
            case _:
                self._change(request)
        return ()

    def tick(self) -> Answers:
        """Return what came of a USB drive that was waited for; several times a second."""
        return self._wiping.tick()

    def _wipe(self, request: s.AnyStaffRequest) -> None:
        """Wipe step by step; each is written down before it is done, so that USB drive and office know of it."""
        match request:
            case s.CarryOut():
                self._note_act("carry", "")
                self._wiping.want_drive()
            case s.WipeUnit():
                self._note_act("wipe", "")
                self._wiping.begin()
            case s.KeepUnit():
                self._wiping.stop()
                self._note_act("keep", "")
            case _:
                self._wiping.stop()

    def _change(self, request: s.AnyStaffRequest) -> None:
        match request:
            case s.ArmFault(fault=fault):
                self.armed = next((one for one in FAULTS if one == fault), None)
                self._note_act("arm", fault)
            case s.Refill(device=device):
                self._cabinet.refill(device)
                moves = slot_totals.settlement_moves(journal_reader.custody(self._journal.path), device)
                self._journal.submit(Batch(SystemClock().utc_ms(), moves=moves))
                self._note_act("refill", device)
            case s.ShutUnit(reason=reason):
                self._note_act("shut" if reason else "open", reason)
                self.put_out(reason)
            case s.Restart(blank=blank):
                self._note_act("commission" if blank else "restart", "")
                if blank:
                    write_whole(shared_folder(self._folder) / BLANK, b"", READABLE)
            case s.TakeCard(technician=technician):
                self._wait_for_cards("technician" if technician else "card")
            case s.IssueCards():
                self._wait_for_cards(None)
            case s.DropCard():
                self._wait_for_none()
            case _:
                pass

    def _wait_for_cards(self, taken_for: By | None) -> None:
        """Wait for a card to be taken at the door from now on; None: for cards that get their secret, one after the
        other.
        """
        self._taking, self._issuing = taken_for, taken_for is None
        self._cabinet.issue_secrets(self._needs_secret)
        self._cabinet.expect(("card_reader",))

    def _wait_for_none(self) -> None:
        self._taking, self._issuing = None, False
        self._cabinet.issue_secrets(False)
        self._cabinet.expect(())

    def put_out(self, reason: str) -> None:
        """Put the unit out of service for this reason, or ("") in service again."""
        self._memory.keep(shut=reason)

    def _note_act(self, act: str, detail: str) -> None:
        self._tell("supervisor.acted", who=self._supervisor, act=act, detail=detail)

    def _tell(self, kind: str, **data: object) -> None:
        self._engine.tell(RunFact(kind, data, 2))

    # -- the door -----------------------------------------------------------------------------------------------------

    def _open(self) -> Answers:
        self.lock.clear()
        if left_ms := self.lock.barred_ms():
            return (s.DoorBarred(-(-left_ms // 60_000)),)
        card = self._knows_cards and "card_reader" not in self._cabinet.found().lost
        self._at_door = True
        self._cabinet.expect(("card_reader",) if card else ())
        return (s.DoorOpened(_shuffle_digits() if self.lock.knows("code") else (), card),)

    @property
    def _knows_cards(self) -> bool:
        return any(self.lock.knows(by) for by in CARDS)

    def pressed(self, value: str) -> Answers:
        """Take a key straight from the glass: of the shuffled pad to the lock and nowhere else; in a run, where a
        telephone stands on the glass, to the pad's driver and nowhere else.
        """
        if self._engine.run is not None:
            self._cabinet.digit(value)
            return ()
        return (s.CodeTyped(self.lock.press(value)),) if self._at_door else ()

    def _judge(self, by: By, secret: bytearray) -> None:
        """Judge a secret in a thread of its own: hashing is slow on purpose, and not for the glass's thread."""
        threading.Thread(
            target=lambda: self._post(self.lock.judge(by, secret)), name="supervisor's lock", daemon=True
        ).start()

    def judged(self, verdict: LockVerdict) -> Answers:
        """Return what the lock found."""
        if not self._at_door:
            return ()
        if verdict.by == "technician":
            self._at_door = False
            self._cabinet.expect(())
            self._tell("technician.entered", who=verdict.who)
            return (t.TechnicianAdmitted(verdict.who, self.parts),)
        if verdict.who:
            self._at_door, self._supervisor = False, verdict.who
            self._cabinet.expect(())
            self._tell("supervisor.entered", who=verdict.who, by=verdict.by)
            return (s.Admitted(verdict.who),)
        self._tell("supervisor.refused", by=verdict.by, left=verdict.left)
        if not verdict.barred_ms:
            return (s.TurnedAway(verdict.left),)
        minutes = -(-verdict.barred_ms // 60_000)
        self._at_door = False
        self._cabinet.expect(())
        self._tell("supervisor.barred", minutes=minutes)
        return (s.DoorBarred(minutes),)

    def _leave(self, request: s.LeaveDesk) -> None:
        self._at_door, self._supervisor = False, 0
        self._wiping.stop()
        self.lock.clear()
        self._end_test()
        self._wait_for_none()
        if request.who:
            self._tell("supervisor.left", who=request.who, reason=request.reason)

    # -- devices ------------------------------------------------------------------------------------------------------

    def heard(self, event: object) -> Answers:
        """Take a device's event between runs: a card at the door, or what is seen in a test."""
        if isinstance(event, MediaInserted) and (self._at_door or self._taking or self._issuing):
            return self._card(event.media)
        row = device_rows.event_row(event, self._trial) if self._trial else None
        return (s.Noticed(row),) if row is not None else ()

    def _card(self, media: Media) -> Answers:
        """Take a card at the door, or one that is waited for at the desk."""
        plain = self._needs_secret and not media.proved
        if self._issuing:
            if media.proved:
                self._note_act("issue", "card_reader")
            return (s.CardIssued(media.number[-4:], media.proved),)
        if self._taking:
            return (s.CardTaken("plain") if plain else self._take_card(self._taking, media.number),)
        if not self._knows_cards:
            return ()
        if plain:
            self._tell("card.refused", at="card_reader")
            return (s.CardUnknown(),)
        self._judge("card", bytearray(media.number.encode()))
        return ()

    def _take_card(self, by: By, number: str) -> s.CardTaken:
        """Take a card for the supervisor who is here, or for one more technician; it takes a moment, as every look at
        the lock does. A learner's opens nothing.
        """
        self._wait_for_none()
        who = self._supervisor if by == "card" else self.lock.next_technician()
        if learner_of(number):
            return s.CardTaken("learner")
        try:
            self.lock.set(by, who, bytearray(number.encode()))
        except ValueError:
            return s.CardTaken("taken")
        self._note_act("access", "card_reader" if by == "card" else "technician")
        return s.CardTaken()

    def rows(self) -> tuple[s.Row, ...]:
        """Return a row for every device of this unit as it is now, and what its contacts feel."""
        trouble = str(self._journal.status()["trouble"])
        found = device_rows.looked_over(self._cabinet.self_test(), self._who.devices, self._cabinet.found(), trouble)
        return (
            *found,
            *(device_rows.row("contacts", "warn", f"{name}_on") for name, on in self.contacts.items() if on),
        )

    def _look_over(self) -> s.LookedOver:
        self._note_act("look", "")
        return s.LookedOver(self.rows())

    def _begin_test(self, device: str) -> Answers:
        self._trial = device
        self._note_act("test", device)
        match device:
            case _ if device in BY_HAND:
                self._cabinet.expect((device,))
            case "pin_pad":
                self._cabinet.expect((device,))
                self._cabinet.perform(ReadPin("pin_pad", REF, ""))
            case "receipt_printer" | "ticket_printer":
                self._cabinet.begin(self._render, None, False)
                self._cabinet.perform(PrintDocument(device, REF, Document("test", Text("staff.slip.title"))))
            case "lights":
                self._cabinet.call_teacher(True)
                return (s.Noticed(device_rows.row("lights", "ok", "lamp")),)
            case _:
                rows = device_rows.looked_over(self._cabinet.self_test(), (device,), self._cabinet.found(), "")
                return tuple(s.Noticed(row) for row in rows if row.device == device)
        return ()

    def _end_test(self) -> None:
        device, self._trial = self._trial, ""
        if device == "pin_pad":
            self._cabinet.perform(Cancel("pin_pad", REF))
        if device == "lights":
            self._cabinet.call_teacher(False)
        if device:
            self._cabinet.expect(())

    def _render(self, document: Document) -> list[str]:
        return receipt_lines.lines(document, self._words, self._who.language)

    # -- the count ----------------------------------------------------------------------------------------------------

    def _kinds(self) -> tuple[tuple[str, bool], ...]:
        """Return what a class has, (what, is a token): cards first, then money from the largest down, then slips."""
        has = set(self._who.devices)
        found = [(what, False) for what, at in KINDS if at in has]
        if has & {"note_acceptor", "cash_dispenser"}:
            found += [(f"fen.{fen}", False) for fen in sorted(self._who.notes_fen, reverse=True)]
        if has & {"coin_acceptor", "coin_dispenser"}:
            found += [(f"fen.{fen}", True) for fen in sorted(self._who.tokens_fen, reverse=True)]
        return (*found, *((("slip", False),) if has & set(device_rows.PRINTERS) else ()))

    def _items(self) -> tuple[s.Item, ...]:
        held = journal_reader.custody(self._journal.path)
        last: dict[str, Any] = self._memory.get("count", {})
        now = {what: row.n for what, row in held.items()}
        items = []
        for what, token in self._kinds():
            should = cash_count.expected_count(last.get("counted", {}), last.get("moved", {}), now, what)
            row = held.get(what)
            fresh = row is not None and row.at_ms >= last.get("at_ms", 0)
            place, at = (row.place, _clock(row.at_ms)) if row is not None and fresh else ("", "")
            items.append(s.Item(what, should, token, place, at))
        return tuple(items)

    def _count(self, done: s.CloseCount) -> None:
        counted = {item.what: n for item, n in zip(done.items, done.counted, strict=True)}
        moved = {what: row.n for what, row in journal_reader.custody(self._journal.path).items()}
        self._memory.keep(count={"at_ms": SystemClock().utc_ms(), "counted": counted, "moved": moved})
        self._tell(
            "custody.counted",
            who=self._supervisor,
            when=done.when,
            counted=counted,
            complete=cash_count.complete(done.items, done.counted),
            expected={item.what: item.expected for item in done.items if item.expected is not None},
        )
        self._note_act("count", done.when)


def _shuffle_digits() -> tuple[int, ...]:
    order = list(range(10))
    secrets.SystemRandom().shuffle(order)
    return tuple(order)


def _clock(at_ms: int) -> str:
    """Return the time of day in UTC+8, HH:MM."""
    minutes = (at_ms + UTC8_MS) // 60_000
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
