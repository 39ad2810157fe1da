"""Commissioning: forward only with what a page needs, back from each, every word there, no digit anywhere."""

from __future__ import annotations

from collections import deque
from typing import get_args

import msgspec

from kiosk_firmware.core.events import Tapped, Typed
from kiosk_firmware.core.pages import Row, Text, text
from kiosk_firmware.settings.unit_toml import Kind
from kiosk_firmware.unit.identity.status_file import EnrolmentStatus, LastAcceptance
from kiosk_firmware.unit.lobby.commissioning.transitions import update
from kiosk_firmware.unit.lobby.commissioning.view import view
from kiosk_firmware.unit.lobby.phases import commissioning as c
from kiosk_firmware.unit.lobby.texts import lobby_texts
from kiosk_firmware.wire import one_time_codes
from kiosk_firmware.wire.enrolment_messages import WHY
from tests.unit.lobby.test_lobby import texts_of

PART = c.Part("card_reader", "works", text("unit.part.works", port="usb:serial=A50285BI"))
PARTS = (
    PART,
    c.Part("note_acceptor", "waiting", Text("unit.part.waiting")),
    c.Part("side_keys", "pins", text("unit.part.on_pins", pins="2 3")),
)
TOLD = [
    c.Offered(("atm", "rail"), "atm", True),
    c.Looked((PART,), True),
    c.Looked((PART,)),
    c.CodeTyped(3),
    c.CodeTyped(6),
    c.Looked(PARTS, False, ("usb:path=1-1: ssp",), (("pin_pad", 14, "/dev/ttyAMA0"),)),
    c.CodeTaken(True),
    c.CodeTaken(False),
    c.CodeRefused("weak"),
    c.CodeRefused("differs"),
    c.Written(),
    c.Written("disk full"),
    Typed("unit.number", "007", "unit-number"),
    Typed("unit.number", "7", "unit-number"),
]
BLANK = EnrolmentStatus("waiting", "10000000c0ffee01", "0123-4567-89ab-cdef-0123", "10.0.0.2:8443", practise=False)
TRUSTED = msgspec.structs.replace(BLANK, phase="trusted", unit="jia-atm-07", site="jia", until="2027-01-15")
CODE = one_time_codes.make_code()
TRUSTING = [
    c.Trusting(BLANK),
    c.Trusting(msgspec.structs.replace(BLANK, phase="refused", word="used")),
    c.Trusting(TRUSTED),
    c.Trusting(TRUSTED, True),
    c.Trusting(
        msgspec.structs.replace(TRUSTED, sheet=LastAcceptance(1, 3, (("card_reader", "nothing was seen"),))), True
    ),
    c.Checked((Row(Text("unit.board.touch"), Text("unit.board.touched"), "ok"),)),
    Typed("unit.ticket", CODE.replace("-", ""), "unit-ticket"),
    Typed("unit.ticket", "K7QM2", "unit-ticket"),
]
START, _ = update(c.Commissioning(), c.Offered(("atm", "rail")))


def presses(now):
    page = view(now)
    return [Tapped(key.name, page.step, key.value) for key in page.keys if key.role != "digit"]


def walked():
    seen, queue = {START: ((), ())}, deque([START])
    while queue:
        now = queue.popleft()
        for event in [*presses(now), *TOLD, *TRUSTING]:
            after, requests = update(now, event)
            if after not in seen:
                seen[after] = (event, requests)
                queue.append(after)
    return seen


def test_first_word_of_the_service_opens_its_page_and_nothing_else_does():
    now, _ = update(START, c.Trusting(BLANK))
    assert view(now).step == "unit-trust"
    assert view(now).body.code == BLANK.code
    parts, _ = update(START, Tapped("kind.atm", "unit-kinds", "atm"))
    after, _ = update(parts, c.Trusting(BLANK))
    assert view(after).step == "unit-parts", "whoever is at work is not disturbed"


def test_code_is_asked_for_once_it_can_be_one():
    now, _ = update(update(START, c.Trusting(BLANK))[0], Tapped("unit.ticket", "unit-trust"))
    short, requests = update(update(now, TRUSTING[-1])[0], Tapped("unit.use", "unit-ticket"))
    assert (view(short).body.lines[0].key, requests) == ("unit.ticket.wrong", ())
    _, requests = update(update(now, TRUSTING[-2])[0], Tapped("unit.use", "unit-ticket"))
    assert requests == (c.UseTicket(one_time_codes.read_code(CODE)),)
    signs = {key.value for key in view(now).keys if key.role == "digit"} - {"<"}
    assert signs == set(one_time_codes.SIGNS), "every code can be typed, and nothing that is none"


def test_policy_decides_whether_one_practises_before():
    """Set up, not trusted: begins where the office allows it. Trusted: always."""
    for practise in (True, False):
        told = msgspec.structs.replace(BLANK, practise=practise)
        now, _ = update(msgspec.structs.replace(START, set_up=True), c.Trusting(told))
        assert any(key.name == "unit.begin" for key in view(now).keys) is practise
        green, _ = update(now, c.Trusting(msgspec.structs.replace(told, phase="trusted", unit="jia-atm-07"), True))
        assert any(key.name == "unit.begin" for key in view(green).keys)
        assert view(green).body.icon == "ok"
        assert not view(green).body.code


def test_from_every_page_one_gets_back_or_begins():
    for start in walked():
        now, queue, found = start, deque([start]), {start}
        while queue and not isinstance(now.phase, c.Kinds | c.Trust):
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
            assert isinstance(now.phase, c.Kinds | c.Trust), start


def test_nothing_is_written_before_a_code_is_set_and_a_number_chosen():
    for now in walked():
        for event in [*presses(now), *TOLD, *TRUSTING]:
            after, requests = update(now, event)
            if any(isinstance(request, c.Write) for request in requests):
                assert after.code_set
                assert len(after.number) == c.NUMBER or after.trusted, "or the office has named it"
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
    own = lobby_texts()
    for now in walked():
        page = view(now)
        assert page.kind != "Menu" or len(page.keys) <= 9
        for said in texts_of(page):
            for language in ("zh", "en"):
                if len(said.key) > 1:  # a key of the board says itself
                    assert said.key in own.keys(language), said.key
                    assert "{" not in own.write(said, language), said
    for language in ("zh", "en"):
        assert {f"unit.why.{word}" for word in WHY} <= own.keys(language)
    for language in ("zh", "en"):
        assert {f"unit.kind.{kind}" for kind in get_args(Kind)} <= own.keys(language)
