"""The pages that the catalogue's machines really show, in every skin and language, measured like the samples.

A machine that is added to the catalogue is measured without a line here.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Fault
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.play import Play
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger
from kiosk_firmware.kits.common_pages import leaving_page
from kiosk_firmware.kits.return_items import KeptNotice, Leave
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from screens.stage.painter import Rect
from tests.screens.inspecting import faults
from tests.screens.test_pages import as_text
from tests.screens.walking import Found, look_for_pages, named

pytestmark = pytest.mark.glass
CASES = [(entry.id, skin) for entry in machine_loader.describe() for skin in machine_loader.skins(entry.id)]
ARMED: tuple[Fault | None, ...] = (
    None,
    "note_rejected",
    "card_unreadable",
    "paper_out",
    "host_offline",
    "write_torn",
    "tickets_out",
    "gate_changed",
)
LOOKED_AT = 1500
"""Situations for each armed fault and each person of a lesson: enough to meet nearly all pages in a second."""


@cache
def loaded(machine: str, skin: str) -> machine_loader.LoadedMachine:
    return machine_loader.load(machine, skin)


@cache
def pages(machine: str, skin: str) -> dict[str, Page]:
    """The machine's pages in a skin, by name."""
    found: Found = {}
    it = loaded(machine, skin)
    play = Play(it.machine, it.world)
    typed: dict[str, tuple[str, ...]] = {}
    for lesson in it.lessons:
        for field, values in lesson.values.items():
            typed[field] = tuple(dict.fromkeys((*typed.get(field, ()), *values, "150")))
    first, *others = dict.fromkeys((next(iter(it.personas)), *(lesson.setting.persona for lesson in it.lessons)))
    for person, armed in (*((first, armed) for armed in ARMED), *((name, None) for name in others)):
        opening = machine_loader.start_event(it.personas[person], "2026-11-24T14:05:00+08:00", armed)
        look_for_pages(found, play, opening, typed, LOOKED_AT)
    for lesson in it.lessons:  # what is met beside the errand, and on another day
        setting = lesson.setting
        again = any(row.fact == "fetched" for row in lesson.goal)
        if setting.scene or setting.armed == "card_left" or again:
            opening = machine_loader.start_event(
                it.personas[setting.persona], setting.now, setting.armed, scene=setting.scene
            )
            look_for_pages(found, play, opening, {**typed, **lesson.values}, LOOKED_AT)
    return named(found)


def asked(page: Page) -> set[str]:
    """The pictures that a page names."""
    body = page.body
    place = (body.place.who, body.place.thing) if body.place else ()
    live = page.kind in ("Face", "Video") or body.icon.startswith("live")  # what is seen through a camera
    names = {key.icon for key in page.keys} | {body.face, *place, *body.carried, "" if live else body.icon}
    return names - {""}


def is_act(page: Page) -> bool:
    """Return whether a page is for something that a hand does at a slot, or that a machine does meanwhile."""
    return page.kind in ("Insert", "Take") or (page.kind == "Message" and page.body.icon.startswith("wait"))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("machine", "skin"), CASES)
def test_pages_of_machines_are_well_laid_out(glass: Any, machine: str, skin: str, language: str, long: bool) -> None:
    """Each page is measured and has all its keys on the glass; a picture costs ten times as much and shows the same
    colours, so that without `--long` there is one for each kind of page (and drawing, in the first language), and each
    skin is measured in one of the languages by turns.
    """
    from screens.parts import action_pictures, icons

    turn = list(machine_loader.skins(machine)).index(skin) + CASES.index(
        (machine, next(iter(machine_loader.skins(machine))))
    )
    if not long and language == ("zh", "en")[turn % 2]:
        pytest.skip("in its other language; in both with --long")
    it = loaded(machine, skin)
    words = lobby_words().joined(it.words)
    found: list[str] = []
    drawn: set[tuple[str, str]] = set()
    for name, page in pages(machine, skin).items():
        glass.lay(msgspec.structs.replace(page, private=False), words, language, it.look)
        glass.stage.clock("14:05")
        glass.stage.ring(46_000 if page.timer else None, 60_000)
        kind = (page.kind, page.body.icon if language == "zh" else "")
        picture = glass.picture(f"{machine}-{skin}-{name}-{language}") if long or kind not in drawn else None
        drawn.add(kind)
        found += [f"{name}: {fault}" for fault in faults([*glass.stage.notes, *glass.stage.ring_notes], picture)]
        lost = {key.name for key in page.keys} - {hot.key.name for hot in glass.stage.hots}
        found += [f"{name}: {key} is not on the glass" for key in lost]
        drawn_here = action_pictures.DRAWINGS
        found += [
            f"{name}: no picture {one}" for one in asked(page) if not icons.icon_exists(one) and one not in drawn_here
        ]
        if page.kind == "Message" and page.body.icon and action_pictures.chosen_picture(page) != page.body.icon:
            found.append(f"{name}: nobody draws {page.body.icon}")
        if is_act(page) and not it.look.get("layout", "").startswith("phone") and glass.stage.motion.shown is None:
            found.append(f"{name}: nothing shows the hand or the machine at work")
    assert found == []
    assert len(pages(machine, skin)) > 10


SLIPS = [
    (machine, skin, key.split(".")[1])
    for machine, skin in CASES
    for key in sorted(machine_loader.machine_texts(machine).keys("zh"))
    if key.startswith("slip.") and key.endswith(".how") and key.count(".") == 2 and key != "slip.let_out.how"
]
"""What a slip says that the machine prints by itself; a walk meets few of them."""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_a_slip_says_stands_on_the_glass_in_every_skin(glass: Any, language: str, long: bool) -> None:
    found: list[str] = []
    for machine, skin, kind in SLIPS if long else SLIPS[::6]:
        it = loaded(machine, skin)
        for printed in (True, False):
            page = leaving_page(CabinetLedger(), KeptNotice(Leave("owed"), kind, printed), 30_000, 30_000)
            glass.lay(page, lobby_words().joined(it.words), language, it.look)
            found += [f"{machine} {skin} {kind}: {fault}" for fault in faults(glass.stage.notes, None)]
    assert len({kind for _, _, kind in SLIPS}) > 12
    assert not found, "\n".join(found)


def test_the_steps_of_an_errand_are_done_present_and_to_come() -> None:
    """On every page that says where one is: ticks, then one present step, then none."""
    seen = 0
    for machine, skin in CASES:
        for name, page in pages(machine, skin).items():
            marks = "".join({"ok": "v", "next": ">", "": "."}[row.mark] for row in page.body.trail)
            seen += bool(marks)
            assert not marks or re.fullmatch(r"v*>\.*", marks), f"{skin} {name}: {marks}"
    assert seen > 40


READ = ("home", "places-target", "days", "trains", "no-seats", "people-2", "confirm", "pay", "phone", "slip-asked")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_ticket_machine_as_text(language: str) -> None:
    """What the pages of a purchase say, beside the text that was read by people."""
    it, found = loaded("rail", "chengdudong"), pages("rail", "chengdudong")
    golden = Path(__file__).with_name(f"rail_{language}.txt")
    written = "\n\n".join(as_text(found[name], language, it.words) for name in READ)
    assert written + "\n" == golden.read_text(encoding="utf-8")


def test_skins_of_a_machine_are_strangers_to_the_eye() -> None:
    """Who knows one skin must look anew: another layout, other colours, other words on the first page."""
    for machine in {machine for machine, _ in CASES}:
        skins = [loaded(machine, skin) for of, skin in CASES if of == machine]
        assert len({it.look["layout"] for it in skins}) == len(skins)
        assert len({tuple(it.look["ground"]) for it in skins}) == len(skins)
    first, second = (pages("rail", skin)["home"] for skin in ("chengdudong", "tianfu"))
    one, other = loaded("rail", "chengdudong").words, loaded("rail", "tianfu").words
    assert [key.name for key in first.keys] == [key.name for key in second.keys]
    for key in first.keys[:-1]:  # the last one leads to the other language
        assert one.write(key.text, "zh") != other.write(key.text, "zh")


def places(glass: Any, machine: str, skin: str, name: str) -> dict[str, Rect]:
    """Where each key of a page lies on the glass."""
    it = loaded(machine, skin)
    glass.lay(pages(machine, skin)[name], lobby_words().joined(it.words), "zh", it.look)
    return {hot.key.name: hot.rect for hot in glass.stage.hots}


@pytest.mark.parametrize("machine", dict(CASES))
def test_two_skins_of_a_machine_lay_their_keys_elsewhere(glass: Any, machine: str, long: bool) -> None:
    """By rectangles, not by colours, on most pages that both have with the same keys; a fourth of them is laid out."""
    first, second, *_ = machine_loader.skins(machine)
    both = [
        name for name in pages(machine, first) if name in pages(machine, second) and pages(machine, first)[name].keys
    ]
    pairs = [
        (places(glass, machine, first, name), places(glass, machine, second, name))
        for name in both[:: 1 if long else 4]
    ]
    alike = [one == other for one, other in pairs if one.keys() == other.keys()]
    assert len(alike) > 3
    assert sum(alike) * 4 < len(alike), f"{sum(alike)} of {len(alike)} pages have their keys at the same places"
