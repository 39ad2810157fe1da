"""Commissioning: forward only with what a page needs, back from each, every word there, no digit anywhere."""

from __future__ import annotations

from collections import deque
from typing import get_args

from kiosk_firmware.core.events import Tapped, Typed
from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.lobby.commissioning import state as c
from kiosk_firmware.lobby.commissioning.update import update
from kiosk_firmware.lobby.commissioning.view import view
from kiosk_firmware.lobby.texts import words
from kiosk_firmware.settings import Kind
from tests.lobby.test_lobby import texts_of

PART = c.Part("card_reader", "works", text("unit.part.works", port="usb:serial=A50285BI"))
PARTS = (
    PART, c.Part("note_acceptor", "waiting", Text("unit.part.waiting")),
    c.Part("side_keys", "pins", text("unit.part.on_pins", pins="2 3")),
)
TOLD = [
    c.Offered(("atm", "rail"), "atm", True), c.Looked((PART,), True), c.Looked((PART,)), c.CodeTyped(3), c.CodeTyped(6),
    c.Looked(PARTS, False, ("usb:path=1-1: ssp",), (("pin_pad", 14, "/dev/ttyAMA0"),)), c.CodeTaken(True),
    c.CodeTaken(False), c.CodeRefused("weak"), c.CodeRefused("differs"), c.Written(), c.Written("disk full"),
    Typed("unit.number", "007", "unit-number"), Typed("unit.number", "7", "unit-number"),
]
START, _ = update(c.Commissioning(), c.Offered(("atm", "rail")))


def presses(now):
    page = view(now)
    return [Tapped(key.name, page.step, key.value) for key in page.keys if key.role != "digit"]


def walked():
    seen, queue = {START: ((), ())}, deque([START])
    while queue:
        now = queue.popleft()
        for event in [*presses(now), *TOLD]:
            after, requests = update(now, event)
            if after not in seen:
                seen[after] = (event, requests)
                queue.append(after)
    return seen


def test_from_every_page_one_gets_back_or_begins():
    for start in walked():
        now, queue, found = start, deque([start]), {start}
        while queue and not isinstance(now.phase, c.Kinds):
            now = queue.popleft()
            if isinstance(now.phase, c.Done) and not any(key.role != "digit" for key in view(now).keys):
                break  # being written: the answer comes
            if any(update(now, press)[1] == (c.Begin(),) for press in presses(now)):
                break
            for press in presses(now):
                after = update(now, press)[0]
                if after not in found:
                    found.add(after)
                    queue.append(after)
        else:
            assert isinstance(now.phase, c.Kinds), start


def test_nothing_is_written_before_a_code_is_set_and_a_number_chosen():
    for now in walked():
        for event in [*presses(now), *TOLD]:
            after, requests = update(now, event)
            if any(isinstance(request, c.Write) for request in requests):
                assert after.code_set
                assert len(after.number) == c.NUMBER
                assert after.kind


def test_parts_that_are_missing_are_asked_about():
    now, requests = update(START, Tapped("kind.atm", "unit-kinds"))
    assert requests == (c.Choose("atm"),)
    now, _ = update(now, c.Looked(PARTS))
    sure, _ = update(now, Tapped("unit.next", "unit-parts"))
    assert view(sure).step == "unit-sure"
    assert [row.label.key for row in view(sure).body.rows] == ["device.note_acceptor"]
    on, _ = update(sure, Tapped("unit.next", "unit-sure"))
    assert view(on).step == "unit-number"
    short, _ = update(on, Tapped("unit.next", "unit-number"))
    assert view(short).body.lines[0].key == "unit.number.wrong"


def test_every_page_has_its_words_in_both_languages():
    own = words()
    for now in walked():
        page = view(now)
        assert page.kind != "Menu" or len(page.keys) <= 9
        for said in texts_of(page):
            for language in ("zh", "en"):
                if not said.key.isdecimal():
                    assert said.key in own.keys(language), said.key
                    assert "{" not in own.write(said, language), said
    for language in ("zh", "en"):
        assert {f"unit.kind.{kind}" for kind in get_args(Kind)} <= own.keys(language)
