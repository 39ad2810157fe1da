"""The supervisor's pages as a unit shows them, in their own look: measured, and nothing of them like a learner's."""

from __future__ import annotations

from collections import deque
from functools import cache
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import zxingcpp
from PIL import Image

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Tapped
from kiosk_firmware.core.faults import FAULTS
from kiosk_firmware.core.pages import Page, Row, Text, text
from kiosk_firmware.settings.unit_toml import Kind
from kiosk_firmware.unit.identity.status_file import EnrolmentStatus, LastAcceptance
from kiosk_firmware.unit.lobby.commissioning.view import view as conf
from kiosk_firmware.unit.lobby.phases import commissioning as c
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.lobby.phases import supervisor as s
from kiosk_firmware.unit.lobby.phases import technician as t
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from kiosk_firmware.unit.lobby.transitions import update
from kiosk_firmware.unit.lobby.view import view
from kiosk_firmware.unit.shell import blank_unit_self_test
from kiosk_firmware.unit.shell.lesson_offers import offers_of
from kiosk_firmware.unit.shell.supervisor_desk import REFILLED, TESTED
from kiosk_firmware.wire import error_texts
from kiosk_firmware.wire.enrolment_messages import WHY, scanned_fingerprint
from screens.stage import kivy_boot
from screens.stage.skin import lobby as lobby_look
from screens.stage.skin import staff as staff_look
from tests.screens.inspecting import contrast, faults, pixel
from tests.screens.test_pages import as_text

pytestmark = pytest.mark.glass
MACHINES = ("atm", "rail")
KEYS = sorted(lobby_words().keys("zh"))
STAFFING = s.Staffing(TESTED, REFILLED, tuple((fault, MACHINES) for fault in FAULTS), "answer_lost", "supplies", True)
SEEN = tuple(key.removeprefix("staff.seen.") for key in KEYS if key.startswith("staff.seen."))
PARTS = tuple(key.removeprefix("unit.part.") for key in KEYS if key.startswith("unit.part."))
ROLES = ("card_reader", "note_acceptor", "side_keys", "contacts", "buzzer", "door_lock", "receipt_printer")
ARGS = (("n", 12), ("tail", "5528"), ("fen_fen", 10_000))
WIPING = ("ask", "stick", "sure", "going")
ITEMS = (
    s.Item("card", 12, False, "retained", "14:05"),
    s.Item("ident", 3),
    s.Item("ticket", 20),
    s.Item("fen.10000", 60, False, "taken", "14:07"),
    s.Item("fen.100", 40, True),
    s.Item("slip", 7, False, "printed", "14:09"),
    s.Item("fen.500"),
)


def _rows(names: tuple[str, ...]) -> tuple[s.Row, ...]:
    marks = ("ok", "warn", "bad")
    return tuple(
        s.Row(TESTED[n % len(TESTED)], marks[n % 3], Text(f"staff.seen.{name}", ARGS)) for n, name in enumerate(names)
    )


def _desks() -> list[lb.Lobby]:
    fresh, _ = update(lb.Lobby(), lb.OffersListed(offers_of((), (), ())))
    fresh, _ = update(fresh, STAFFING)
    door, _ = update(fresh, s.Knocked())
    starts = [fresh, *(update(fresh, s.Staffing(shut=reason))[0] for reason in s.REASONS)]
    starts += [update(door, event)[0] for event in (s.DoorOpened(tuple(range(10)), True), s.DoorOpened((), True))]
    starts += [update(door, event)[0] for event in (s.DoorOpened(), s.DoorBarred(10))]
    starts += [update(update(starts[5], s.CodeTyped(4))[0], s.TurnedAway(3))[0]]
    lobby = update(door, s.Admitted(1))[0]

    def on(sheet: Any) -> lb.Lobby:
        return update(lb.Lobby(phase=s.Desk(1, sheet), offers=lobby.offers), STAFFING)[0]

    rows = _rows(SEEN)
    starts += [on(s.Health(rows[at : at + 14])) for at in range(0, len(rows), 14)]
    starts += [on(s.NewCard(said)) for said in ("", "done", "taken", "plain")]
    starts += [on(s.Issuing(last, 12)) for last in (None, s.CardIssued("0932", True), s.CardIssued("0932", False))]
    starts += [update(door, s.CardUnknown())[0], update(starts[5], s.CardUnknown())[0]]
    lost = [s.Weighed(facts, True) for facts in (-1, 0, 12_345)]
    starts += [on(s.Wiping(one, carried, at)) for one in lost for carried in (None, 12_345) for at in WIPING]
    starts += [on(s.Wiping()), on(s.Wiping(s.Weighed(7))), on(s.Wiping(s.Weighed(7, True), 0, "stick"))]
    starts += [on(s.Trial(device, 0, rows[at % 20 : at % 20 + 4])) for at, device in enumerate(TESTED)]
    starts += [on(s.Count("after", ITEMS, _counts()[0], at)) for at in range(len(ITEMS))]
    starts += [on(s.Count("after", ITEMS, counted, len(ITEMS))) for counted in _counts()]
    starts += [on(s.NewCard(said, True)) for said in ("", "done", "learner")]
    return [lobby, *starts, *_technicians()]


WORKS: tuple[t.Work, ...] = ("test", "teach", "watch", "record", "probe")
LONG = "WARNING hardware 2026: the coin acceptor refuses, W"[:50]
QUESTION = "Does it say 练习 TEST 0123456789, sharp and cut off?"


def _technicians() -> list[lb.Lobby]:
    """The technician's pages, with as much on them as there can be."""
    parts = tuple(t.PartOffer(device, frozenset(WORKS[:4]), True) for device in TESTED)
    keys = [key for key in KEYS if key.startswith(("tech.part.", "tech.network.", "tech.clock.", "tech.config."))]
    args = (*ARGS, ("line", LONG[:40]), ("name", "eth0"), ("of", 3), ("device_key", "device.card_reader"))
    rows = tuple(Row(Text(key, args), None, "warn") for key in keys)
    rows += tuple(Row(Text(f"device.{TESTED[0]}"), Text(f"tech.compare.{word}", PERCENT), "bad") for word in WORSE)
    lines = tuple(Row(text("tech.line.plain", line=LONG), None, "ok") for _ in range(t.SHOWN))
    found = [t.Found("part", "coin_acceptor", rows[at : at + 8]) for at in range(0, len(rows), 8)]
    unit: tuple[t.Subject, ...] = ("compare", "failures", "config", "network", "clock")
    found += [t.Found(subject, "", some) for subject in unit for some in (None, (), lines)]
    found += [t.Found(subject, "lights", lines[:1]) for subject in ("history", "locate")]
    works = [
        t.Working(1, work, "coin_acceptor" if work != "probe" else "", lines, asks, ok)
        for work in WORKS
        for asks, ok in ((None, None), (text("tech.line.plain", line=QUESTION), None), (None, True), (None, False))
    ]
    sheets = [
        t.TechnicianHub(),
        t.PartList(),
        t.PartList(6),
        *found,
        t.Release("probe"),
        *(t.Release(work, "coin_acceptor") for work in ("test", "teach")),
        *works,
    ]
    return [lb.Lobby(phase=t.Technician(1, parts, sheet, 1)) for sheet in sheets]


WORSE = ("refuses", "fails", "line", "lost", "pulses")
PERCENT = (("now", "12.5 %"), ("before", "0.4 %"))


def _counts() -> tuple[tuple[int, ...], ...]:
    right = tuple(item.expected or 0 for item in ITEMS)
    return right, (11, 3, 19, 58, 40, 5, 2), (13, 3, 20, 60, 40, 7, 2), (0,) * len(ITEMS)


@cache
def pages() -> tuple[Page, ...]:
    """Every page of the supervisor's side, with as much on it as there can be."""
    waiting = deque(_desks())
    seen: dict[Any, Page] = {}
    while waiting and len(seen) < 420:
        now = waiting.popleft()
        page = view(now)
        if page.step == "attract" or (what := (page.step, page.title, page.body, page.keys)) in seen:
            continue
        seen[what] = page
        unending = ("staff.less", "staff.less-ten", "staff.more-one", "staff.more-ten")
        taps = [Tapped(key.name, page.step, key.value) for key in page.keys if key.name not in unending]
        waiting += [update(now, tap)[0] for tap in taps if page.step.startswith("staff-")]
    return tuple(seen.values())


def setting_up() -> list[Page]:
    """Commissioning's pages, as full as they get."""
    kinds = c.Offered(get_args(Kind), "atm", True)
    port = "usb:serial=A50285BI"
    told = [text(f"unit.part.{word}", port=port, pins="2 3 4 5 6 7 8 9", why="GPIO 4") for word in PARTS]
    marks = get_args(c.PartState)
    parts = tuple(
        c.Part(ROLES[n % len(ROLES)], marks[n % len(marks)], words, (port,) * (n == 3)) for n, words in enumerate(told)
    )
    clash = (("pin_pad", 14, "/dev/ttyAMA0"),)
    phases: list[c.AnyPhase] = [c.Kinds(), c.Number("00"), c.Number("0", True), c.Code(), c.Code(True, 3)]
    phases += [c.Code(why="weak"), c.Code(why="differs"), c.Done(), c.Done("…"), c.Done("unit.toml: No space left")]
    phases += [c.Parts(parts[at : at + 6], at == 0, (), clash) for at in range(0, len(parts), 6)]
    phases += [c.Parts(parts, False, asked=True), c.Parts((), False, (f"{port}: coin_dispenser ssp",), clash)]
    now = c.Commissioning(offered=kinds, kind="all-in-one", number="007", code_set=True)
    return [conf(msgspec.structs.replace(now, phase=phase)) for phase in phases] + _trusting(now)


def _trusting(now: c.Commissioning) -> list[Page]:
    """The pages about enrolment, in each state and with the longest that can stand there."""
    blank = EnrolmentStatus("alone", "10000000c0ffee01", "0123-4567-89ab-cdef-0123")
    known = msgspec.structs.replace(blank, desk="192.168.100.200:8443")
    reason = "kiosk-office.json: another office's root; this unit must be wiped first: kiosk enrol wipe"
    going = ("away", "early", "stranger", "asking", "challenge")
    tolds = [blank, *(msgspec.structs.replace(known, phase=phase) for phase in going)]
    tolds += [msgspec.structs.replace(known, phase="away", word=kind) for kind in get_args(error_texts.Kind)]
    tolds += [msgspec.structs.replace(known, phase="waiting", word=word) for word in ("", *WHY)]
    tolds += [msgspec.structs.replace(known, phase="refused", word=word, reason=reason) for word in ("", "taken")]
    who = {"unit": "jia-all-in-one-01", "site": "chengdu-first", "until": "2027-06-07"}
    trusted = msgspec.structs.replace(known, phase="trusted", **who)
    sheets = [
        LastAcceptance(1, 0),
        LastAcceptance(1, 9, (("card_reader", "Insert the card. → nothing was seen"),)),
        LastAcceptance(1, 9),
    ]
    told = [c.Trusting(one) for one in tolds]
    told += [c.Trusting(trusted), c.Trusting(trusted, True)]
    board = tuple(
        blank_unit_self_test.rows(
            Path("/tmp"), msgspec.structs.replace(known, links=("eth0",)), False, Path("/nowhere")
        )
    )
    board = tuple(msgspec.structs.replace(row, value=SEEN_BOARD.get(row.label.key, row.value)) for row in board)
    now = msgspec.structs.replace(now, checked=board)
    ready = msgspec.structs.replace(now, set_up=True)
    pages = [conf(msgspec.structs.replace(now, phase=c.Trust(), trusting=one)) for one in told]
    pages += [conf(msgspec.structs.replace(ready, phase=c.Trust(), trusting=one)) for one in (told[6], told[-1])]
    pages += [
        conf(msgspec.structs.replace(now, phase=phase, trusting=told[6]))
        for phase in (
            c.Trust(board=True),
            c.Ticket("K7QM29XDT"),
            c.Ticket("K7QM29XDT4", True),
            c.Kinds(),
            c.Done(),
            c.Accepted(1),
        )
    ]
    for sheet in sheets:
        radios = ("wlan phy0",) * bool(sheet.wrong)
        made = c.Trusting(msgspec.structs.replace(trusted, sheet=sheet, radios=radios), True)
        pages.append(conf(msgspec.structs.replace(ready, phase=c.Accepted(), trusting=made)))
    return pages


SEEN_BOARD = {
    "unit.board.serial": text("unit.board.ports", n=6),
    "unit.board.clock": Text("unit.board.synced"),
    "unit.board.disk": text("unit.board.free", n=24_512),
    "unit.board.crypt": Text("unit.board.crypted"),
}
"""What differs from machine to machine."""


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
def test_commissioning_pages_are_well_laid_out(glass: Any, language: str, long: bool) -> None:
    found: list[str] = []
    drawn: set[tuple[str, str]] = set()
    for at, page in enumerate(setting_up()):
        glass.lay(msgspec.structs.replace(page, private=False), lobby_words(), language, staff_look())
        wanted = long or (page.step, page.body.icon) not in drawn
        drawn.add((page.step, page.body.icon))
        picture = glass.picture(f"{page.step}-{at}-{language}") if wanted else None
        found += [f"{page.step} {at}: {fault}" for fault in faults(glass.stage.notes, picture)]
    assert not found, "\n".join(found)


def test_a_laptops_scanner_reads_who_a_blank_unit_is(glass: Any) -> None:
    """The code on the glass, from its pixels: board, digits and the desk that it speaks to."""
    page = next(page for page in setting_up() if page.body.code and "desk=192" in page.body.code)
    glass.show(page, lobby_words(), "zh", staff_look())
    picture = Image.frombytes("RGB", (kivy_boot.WIDE, kivy_boot.HIGH), bytes(glass.picture()))
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == page.body.code
    assert scanned_fingerprint(code.text) == "0123-4567-89ab-cdef-0123"


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
def test_staff_pages_are_well_laid_out(glass: Any, language: str, long: bool) -> None:
    own = lobby_words({line.id: (line.name, line.sub) for line in machine_loader.describe()})
    found: list[str] = []
    drawn: set[tuple[str, str]] = set()
    assert len(pages()) > 60
    for at, page in enumerate(pages()):
        look = staff_look() if page.step.startswith("staff-") else lobby_look()
        glass.lay(msgspec.structs.replace(page, private=False), own, language, look)
        wanted = long or (page.kind, page.step) not in drawn
        drawn.add((page.kind, page.step))
        picture = glass.picture(f"{page.step}-{at}-{language}") if wanted else None
        found += [f"{page.step} {at}: {fault}" for fault in faults(glass.stage.notes, picture)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
def test_staff_pages_as_text(language: str) -> None:
    """The words of every page, as a supervisor and a technician read them."""
    own = lobby_words(
        {line.id: (line.name, line.sub) for line in machine_loader.describe() if line.id in ("atm", "rail")}
    )
    written = "\n\n".join(as_text(page, language, own) for page in (*pages(), *setting_up()))
    golden = Path(__file__).with_name(f"staff_{language}.txt")
    assert written + "\n" == golden.read_text(encoding="utf-8")


def test_nobody_takes_the_desk_for_a_learners_page(glass: Any) -> None:
    own = lobby_words({})
    grounds = []
    for page, look in ((view(lb.Lobby()), lobby_look()), (view(lb.Lobby(phase=s.Desk(1))), staff_look())):
        glass.show(page, own, "zh", look)
        grounds.append(pixel(glass.picture(), 20, 20))
    assert contrast(*grounds) > 7


def test_the_offices_picture_does_not_show_where_the_digits_lie(glass: Any) -> None:
    """On the door's page every digit is covered, and every order of them gives the same picture."""
    pictures = set()
    for order in ((3, 1, 4, 0, 5, 9, 2, 6, 8, 7), tuple(range(10))):
        door = lb.Lobby(phase=s.Door(order, True, 3))
        glass.show(view(door), lobby_words(), "zh", staff_look())
        pictures.add(glass.stage.pixels(640, 400))
    assert len(pictures) == 1
