"""The supervisor's side: no key leads in, from every page one gets out, a count adds up, nothing late is taken up."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.core import pages
from kiosk_firmware.core.events import Idled, Tapped
from kiosk_firmware.core.faults import FAULTS
from kiosk_firmware.core.pages import Text
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.lobby.phases import supervisor as s
from kiosk_firmware.unit.lobby.supervisor import cash_count
from kiosk_firmware.unit.lobby.texts import lobby_texts
from kiosk_firmware.unit.lobby.transitions import update
from kiosk_firmware.unit.lobby.view import view
from tests.unit.lobby.test_lobby import OFFERS, TOLD, presses, texts_of

DEVICES = tuple(f"{at}" for at in ("card_reader", "pin_pad", "receipt_printer", "note_acceptor", "coin_acceptor"))
SUPPORTS = (("card_left", ("atm", "rail")), ("notes_gone", ("atm",)), *((f, ()) for f in FAULTS[8:]))
STAFFING = s.Staffing((*DEVICES, "cash_dispenser", "lights"), ("receipt_printer", "note_acceptor"), SUPPORTS)
ITEMS = (s.Item("card", 3, place="retained", at="14:05"), s.Item("fen.100", 2, True), s.Item("fen.10000"))
ROW = s.Row("card_reader", "bad", Text("staff.seen.lost"))
START = lb.Lobby(offers=OFFERS, staffing=STAFFING)
INSIDE = [
    s.DoorOpened((3, 1, 4, 0, 5, 9, 2, 6, 8, 7), True),
    s.DoorOpened(),
    s.DoorBarred(7),
    s.CodeTyped(2),
    s.CodeTyped(6),
    s.TurnedAway(3),
    s.LookedOver((ROW,)),
    s.Noticed(ROW),
    s.CountOpened(ITEMS),
    STAFFING,
    s.Weighed(12, True),
    s.Carried(12),
    s.Staffing(shut="repair", armed="card_left", supports=SUPPORTS),
    lb.Holding((), ("card_reader",)),
    lb.Holding(),
]


ENDLESS = ("staff.less-ten", "staff.more-one", "staff.more-ten")
"""Keys that only make a figure larger or smaller, as others do."""


def walked(start, told, within=lambda lobby: True):
    """Every state that keys and what is told lead to, and how."""
    seen, queue = {start: ()}, deque([start])
    while queue:
        now = queue.popleft()
        pressed = [event for event in presses(now) if event.key not in ENDLESS]
        for event in [*pressed, *told]:
            after, requests = update(now, event)
            if after not in seen and within(after):
                seen[after] = (now, event, requests)
                queue.append(after)
    return seen


@pytest.fixture(scope="module")
def at_desk():
    """All that a supervisor can get to, without a run or a sign-in."""
    now, _ = update(START, s.Knocked())
    now, _ = update(now, INSIDE[0])
    inside, _ = update(now, s.Admitted(4))
    assert isinstance(inside.phase, s.Desk)
    return [now, *walked(inside, INSIDE, staffed)]


def staffed(lobby):
    return isinstance(lobby.phase, s.Door | s.Desk)


def test_no_learner_gets_in(long):
    """Whatever is pressed and told: the desk is reached from the door alone, by the lock's word alone. Without `--long`
    nothing is left in the cabinet, which multiplies the states by six.
    """
    told = [event for event in (*TOLD, s.Knocked(), *INSIDE) if long or not isinstance(event, lb.Holding | lb.Blocked)]
    for state, way in walked(START, told).items():
        assert not isinstance(state.phase, s.Desk), way
        after, _ = update(state, s.Admitted(4))
        assert isinstance(after.phase, s.Desk) == isinstance(state.phase, s.Door)


def test_a_run_and_a_sitting_are_not_disturbed_by_a_knock():
    running = lb.Lobby(phase=lb.Running("atm", "one", ""), learner="l-000123", offers=OFFERS)
    assert update(running, s.Knocked()) == (running, ())
    home = lb.Lobby(phase=lb.Home(), learner="l-000123", offers=OFFERS)
    after, requests = update(home, s.Knocked())
    assert (after.learner, requests) == ("", (lb.SignedOut("l-000123", "key"), s.OpenDoor()))


def test_from_every_page_one_gets_out(at_desk):
    out = set()
    for start in at_desk:
        found, queue = {start}, deque([start])
        while queue:
            here = queue.popleft()
            if here in out or isinstance(here.phase, lb.Attract):
                out.add(start)
                break
            for event in presses(here):
                after = update(here, event)[0]
                if after not in found:
                    found.add(after)
                    queue.append(after)
        else:
            pytest.fail(f"no way out of {start.phase}")


def test_idling_leaves_and_says_so(at_desk):
    for lobby in at_desk:
        after, requests = update(lobby, Idled())
        who = lobby.phase.who if isinstance(lobby.phase, s.Desk) else 0
        assert isinstance(after.phase, lb.Attract)
        assert requests == (s.LeaveDesk(who, "idle"),)


def test_leaving_by_key_says_so_and_ends_a_test(at_desk):
    for lobby in at_desk:
        for event in presses(lobby):
            after, requests = update(lobby, event)
            if not staffed(after):
                assert [type(request) for request in requests] == [s.LeaveDesk]
            elif isinstance(lobby.phase, s.Desk) and isinstance(lobby.phase.sheet, s.Trial):
                stays = after.phase == lobby.phase and not requests
                assert stays or requests[0] == s.EndTest()


def test_every_page_has_its_words_in_both_languages(at_desk):
    own = lobby_texts({m: ({"zh": "机器", "en": "machine"}, {"zh": "练", "en": "x"}) for m in ("atm", "rail")})
    shut = lb.Lobby(staffing=s.Staffing(shut="cleaning"))
    for lobby in [*at_desk, shut]:
        page = view(lobby)
        names = [key.name for key in page.keys]
        assert len(names) == len(set(names))
        assert page.kind != "Menu" or len(names) <= 9
        assert sum(key.role == "primary" for key in page.keys) <= 1
        for text in texts_of(page):
            for language in lb.LANGUAGES:
                if not text.key.isdecimal():
                    assert text.key in own.keys(language), text.key
                    assert "{" not in own.write(text, language), text


def test_every_device_fault_reason_and_place_has_a_word():
    from typing import get_args

    from kiosk_firmware.unit.runtime.slot_totals import Place
    from kiosk_firmware.unit.shell.supervisor_desk import REFILLED, TESTED

    wanted = [f"staff.trial.{at}" for at in TESTED] + [f"device.{at}" for at in (*TESTED, "storage")]
    wanted += [f"fault.{fault}.{part}" for fault in FAULTS for part in ("name", "how")]
    wanted += [f"staff.{part}.{reason}" for reason in s.REASONS for part in ("reason", "shut")]
    wanted += [f"staff.place.{place}" for place in get_args(Place)]
    wanted += [f"staff.{part}.{at}" for at in REFILLED for part in ("refill", "refilled")]
    for language in lb.LANGUAGES:
        assert not set(wanted) - lobby_texts().keys(language)


def test_a_code_is_looked_at_once_and_the_pages_never_know_it():
    door = update(update(START, s.Knocked())[0], INSIDE[0])[0]
    assert [key.value for key in view(door).keys if key.role == "digit"][:10] == list("3140592687")
    five, asked = update(door, s.CodeTyped(5))
    assert not asked
    six, asked = update(five, s.CodeTyped(6))
    assert asked == (s.CheckCode(),)
    assert update(six, s.CodeTyped(6))[1] == ()
    away, _ = update(six, s.TurnedAway(2))
    assert (away.phase.typed, away.phase.left) == (0, 2)
    assert view(update(away, s.DoorBarred(10))[0]).keys[0].role == "back"


def test_what_is_told_late_is_dropped():
    hub = lb.Lobby(phase=s.Desk(1), staffing=STAFFING)
    for event in (s.LookedOver((ROW,)), s.Noticed(ROW), s.CountOpened(ITEMS), s.CodeTyped(3), s.TurnedAway(1)):
        assert update(hub, event) == (hub, ())
        assert update(START, event) == (START, ())


def go(lobby, *names):
    requests = ()
    for name in names:
        page = view(lobby)
        assert page.key(name), (page.step, [key.name for key in page.keys], name)
        lobby, requests = update(lobby, Tapped(name, page.step + "#4", page.key(name).value))
    return lobby, requests


def test_the_desks_errands_ask_for_what_they_say():
    hub = lb.Lobby(phase=s.Desk(1), staffing=STAFFING)
    assert go(hub, "staff.faults", "fault.card-left", "staff.arm")[1] == (s.ArmFault("card_left"),)
    assert view(go(hub, "staff.faults", "fault.paper-out")[0]).key("staff.arm") is None  # no machine here knows it
    assert go(hub, "staff.health")[1] == (s.LookOver(),)
    assert go(hub, "staff.health", "staff.tests", "test.pin-pad")[1] == (s.BeginTest("pin_pad"),)
    assert go(hub, "staff.health", "staff.tests", "staff.more", "test.lights")[1] == (s.BeginTest("lights"),)
    assert go(hub, "staff.refill", "refill.note-acceptor", "staff.refilled")[1] == (s.Refill("note_acceptor"),)
    assert go(hub, "staff.service", "shut.repair")[1] == (s.ShutUnit("repair"),)
    assert go(hub, "staff.restart", "staff.restart-now")[1] == (s.Restart(),)
    assert go(hub, "staff.language")[0].language == "en"


def test_a_wipe_asks_twice_and_can_be_stopped_until_the_system_begins():
    """What is lost stands on both pages; the USB drive comes first; no single key and nothing that is told wipes."""
    hub = lb.Lobby(phase=s.Desk(1), staffing=STAFFING)
    asked, requests = go(hub, "staff.setup", "staff.wipe")
    assert requests == (s.Weigh(),)
    assert [key.name for key in view(asked).keys] == ["staff.back"], "not before it is known what would go"
    weighed, _ = update(asked, s.Weighed(12, True))
    for lobby in (weighed, go(weighed, "staff.wipe-on")[0]):
        assert pages.text("staff.wipe.unsent", n=12) in view(lobby).body.lines
    assert go(weighed, "staff.to-stick")[1] == (s.CarryOut(),)
    carried, _ = update(go(weighed, "staff.to-stick")[0], s.Carried(12))
    assert pages.text("staff.wipe.kept", n=12) in view(go(carried, "staff.back", "staff.wipe-on")[0]).body.lines
    going, requests = go(carried, "staff.back", "staff.wipe-on", "staff.wipe-now")
    assert requests == (s.WipeUnit(),)
    assert go(going, "staff.wipe-stop")[1] == (s.KeepUnit(),)
    assert view(update(asked, s.Weighed(12))[0]).key("staff.to-stick") is None, "nobody could know who wrote it"


def test_a_count_goes_from_item_to_item_and_says_what_is_missing():
    lobby, requests = go(lb.Lobby(phase=s.Desk(1), staffing=STAFFING), "staff.count", "staff.after")
    assert requests == (s.OpenCount(),)
    lobby, _ = update(lobby, s.CountOpened(ITEMS))
    assert lobby.phase.sheet.counted == (3, 2, 0)
    lobby, _ = go(lobby, "staff.less", "staff.count-next", "staff.count-next", "staff.more-ten", "staff.count-next")
    page = view(lobby)
    assert page.title.args == (("n", 1),)
    assert [(row.label.key, row.mark) for row in page.body.rows] == [
        ("staff.item.card", "bad"),
        ("staff.counted.last", ""),
        ("staff.item.token", "ok"),
        ("staff.item.note", ""),
    ]
    hub, requests = go(lobby, "staff.count-keep")
    assert requests == (s.CloseCount("after", ITEMS, (2, 2, 10)),)
    assert isinstance(hub.phase.sheet, s.Hub)


@given(
    st.lists(st.tuples(st.none() | st.integers(-5, 50), st.integers(0, 50)), min_size=1, max_size=8),
    st.dictionaries(st.sampled_from(["card", "fen.100"]), st.integers(-20, 20)),
    st.dictionaries(st.sampled_from(["card", "fen.100"]), st.integers(-20, 20)),
)
def test_a_count_adds_up(pairs, then, now):
    items = tuple(s.Item(f"fen.{n}", expected) for n, (expected, _) in enumerate(pairs))
    counted = tuple(count for _, count in pairs)
    gone = cash_count.count_missing(items, counted)
    assert gone == sum(max(0, expected - count) for expected, count in pairs if expected is not None)
    assert cash_count.complete(items, counted) <= (gone == 0)
    assert cash_count.expected_count({}, then, now, "card") is None
    found = cash_count.expected_count({"card": 30}, then, now, "card")
    assert found - 30 == now.get("card", 0) - then.get("card", 0)
