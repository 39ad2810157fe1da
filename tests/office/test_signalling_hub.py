"""The hub between the ends of a visit: who is believed, who hears what, and what a crash, a second tab, a used token or
another unit changes. Browsers are what the hub says to them; units are topics and payloads.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.office.visit_calls.broker_connection import Calls
from kiosk_firmware.office.visit_calls.browser_sessions import (
    ALIVE_S,
    CLOSE_ELSEWHERE,
    CLOSE_FLOOD,
    CLOSE_OVER,
    MANY,
    BrowserSession,
)
from kiosk_firmware.office.visit_calls.invitations import Invitations
from kiosk_firmware.office.visit_calls.signalling_hub import LIMIT, CallHub
from kiosk_firmware.visit.office.policy import VisitPolicy
from kiosk_firmware.visit.office.visits_db import VisitRefusedError
from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from tests.visit.office.conftest import BEGINS_MS, Office

UNIT = ("jia", "jia-visit-01")


class Browser:
    """One tab: what it was told, and with which code it was shut."""

    def __init__(self, desk: Desk, whose="station", who="sifa-01", page="tab-1") -> None:
        self.desk, self.whose, self.who, self.page = desk, whose, who, page
        self.words: list = []
        self.shut = 0

    def come(self, over=False) -> Browser:
        token, _ = self.desk.calls.mint(self.desk.kept.id, self.whose)
        self.seat = self.desk.hub.come(token, over, self.made)
        return self

    def made(self, kept, whose) -> BrowserSession:
        def say(word: bytes) -> None:
            self.words.append(msgspec.json.decode(word, type=m.ToStation))

        def close(code: int) -> None:
            self.shut = code

        return BrowserSession(kept.id, kept.case.number, whose, self.who, self.page, say, close)

    def says(self, word) -> None:
        self.desk.hub.hear(self.seat, m.ENCODE(word))

    def offers(self, session=1, end=None) -> m.Offered:
        word = m.Offered(visit=self.desk.number, end=end or self.whose, session=session, sdp="v=0")
        self.says(word)
        return word


class Desk(Office):
    """An office with its hub, and one visit that both ends have signed."""

    def __init__(self, folder, **policy) -> None:
        super().__init__(folder, **policy)
        self.clock_s, self.audit = 1000.0, []
        self.kept = self.signed()
        self.number = self.kept.case.number
        self.begin()

    def begin(self) -> None:
        """Also after a crash."""
        self.hub = CallHub(self.room, Invitations(self.room, self.folder), self.note, lambda: self.clock_s)

    def note(self, *act: str) -> None:
        self.audit.append(act)

    def down(self) -> list:
        """What was said to the unit since the last look."""
        found = []
        while not self.hub.words.empty():
            topic, payload = self.hub.words.get()
            assert topic == topics.topic(*UNIT, "call", topics.DOWN)
            found.append(m.decode_down(payload))
        return found

    def up(self, word, site="jia", unit="jia-visit-01") -> None:
        self.hub.heard(topics.topic(site, unit, "call", topics.UP), m.ENCODE(word))

    @property
    def token(self) -> str:
        return self.hub.inviting.token(self.kept, self.store.appointment(self.kept.id))

    def told(self, phase: m.Phase, **more) -> m.StatusReport:
        return m.StatusReport(visit=self.number, phase=phase, left_ms=900_000, running=phase == "talking", **more)


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.room.close()


def test_offers_go_to_the_unit_and_answers_to_whoever_offered(desk: Desk) -> None:
    family, first = Browser(desk).come(), Browser(desk, "officer", "li-visits").come()
    second = Browser(desk, "officer", "wang-visits").come()
    desk.down()
    offers = [family.offers(1), first.offers(1001), second.offers(2001)]
    assert desk.down() == offers
    for browser in (family, first, second):
        browser.words.clear()
    desk.up(m.Answered(visit=desk.number, end="officer", session=1001, sdp="x"))
    desk.up(m.Answered(visit=desk.number, end="station", session=1, sdp="y"))
    assert [one.sdp for one in first.words] == ["x"]
    assert [one.sdp for one in family.words] == ["y"]
    assert second.words == []


def test_each_end_hears_who_is_there_and_the_family_of_an_officer_by_policy_only(desk: Desk, tmp_path) -> None:
    family = Browser(desk).come()
    officer = Browser(desk, "officer", "li-visits").come()
    peers = [(one.end, one.here) for one in family.words]
    assert peers == [("unit", True)]
    assert [(one.end, one.here) for one in officer.words] == [("unit", True), ("station", True)]
    desk.hub.gone(family.seat)
    assert (officer.words[-1].end, officer.words[-1].here) == ("station", False)
    assert [(one.end, one.here) for one in desk.down()] == [("station", True), ("officer", True), ("station", False)]
    open_ = Desk(tmp_path / "open", watched=False)
    family = Browser(open_).come()
    Browser(open_, "officer", "li-visits").come()
    assert [(one.end, one.here) for one in family.words] == [("unit", True), ("officer", True)]
    open_.room.close()


def test_who_comes_later_sees_what_is_left_by_now(desk: Desk) -> None:
    desk.up(desk.told("talking"))
    desk.clock_s += 100
    assert Browser(desk, "officer", "li-visits").come().words[-1].left_ms == 800_000
    desk.up(desk.told("cut"))
    desk.clock_s += 100
    assert Browser(desk).come().words[-1].left_ms == 900_000, "a clock that rests is not run on"


def test_two_tabs_one_seat_and_the_same_tab_comes_again(desk: Desk) -> None:
    first = Browser(desk, page="a").come()
    with pytest.raises(VisitRefusedError, match="another window"):
        Browser(desk, page="b").come()
    again = Browser(desk, page="a").come()
    assert first.shut == CLOSE_ELSEWHERE
    desk.hub.gone(first.seat)  # its line ends after it was taken over: nobody has left
    assert [one.here for one in desk.down() if isinstance(one, m.Peer)] == [True, True]
    taken = Browser(desk, page="b").come(over=True)
    assert (again.shut, taken.shut) == (CLOSE_ELSEWHERE, 0)
    desk.clock_s += ALIVE_S
    assert Browser(desk, page="c").come().shut == 0, "a tab that nothing is heard of locks nobody out"


def test_a_token_used_twice_is_refused_and_so_is_a_visit_that_is_over(desk: Desk) -> None:
    family = Browser(desk)
    token, _ = desk.calls.mint(desk.kept.id, "station")
    desk.hub.come(token, False, family.made)
    with pytest.raises(VisitRefusedError, match="used already"):
        desk.hub.come(token, True, family.made)
    family = Browser(desk, page="x").come(over=True)
    desk.up(desk.told("talking"))
    desk.up(desk.told("over", end="unit"))
    assert (family.words[-1].end, family.shut) == ("unit", CLOSE_OVER)
    with pytest.raises(VisitRefusedError, match="over"):
        Browser(desk).come()


@pytest.mark.parametrize(
    "word",
    [
        m.Offered(visit="HJ000001", end="officer", session=1, sdp=""),
        m.Offered(visit="HJ999999", end="station", session=1, sdp=""),
        m.OfficerCommand(visit="HJ000001", act="end"),
        m.Left(visit="HJ000001", end="unit"),
        m.Withdrawn(visit="HJ000001"),
    ],
)
def test_a_browser_speaks_for_its_own_end_only(desk: Desk, word) -> None:
    family = Browser(desk).come()
    desk.down()
    family.says(word)
    assert desk.down() == []
    assert desk.audit == []


def test_what_is_no_word_is_dropped_and_a_flood_is_shut(desk: Desk) -> None:
    family = Browser(desk).come()
    desk.down()
    for junk in (b"", b"{", b"\xff", b'{"type":"Offered"}', b" " * (LIMIT + 1)):
        desk.hub.hear(family.seat, junk)
    assert (desk.down(), family.shut) == ([], 0)
    for _ in range(int(MANY)):
        desk.hub.hear(family.seat, b'{"type":"Here"}')
    assert family.shut == CLOSE_FLOOD


def test_an_officers_act_is_in_the_audit_before_the_unit_hears_of_it(desk: Desk) -> None:
    officer = Browser(desk, "officer", "li-visits").come()
    desk.down()
    orders = [
        m.OfficerCommand(visit=desk.number, act="warn", reason="phone"),
        m.OfficerCommand(visit=desk.number, act="mute", end="unit"),
        m.OfficerCommand(visit=desk.number, act="end", reason="phone"),
    ]
    for order in orders:
        officer.says(order)
    assert desk.down() == orders
    acts = [("visit.warn", "phone"), ("visit.mute", "unit"), ("visit.end", "phone")]
    assert desk.audit == [("li-visits", act, desk.number, about) for act, about in acts]
    assert [move for _, move in desk.store.acts(desk.kept.id)][-3:] == ["call.warn", "call.mute", "call.end"]


@pytest.mark.parametrize("address", [("yi", "jia-visit-01"), ("jia", "jia-visit-02")])
def test_a_unit_is_believed_on_its_own_topic_and_about_its_own_visit_only(desk: Desk, address) -> None:
    desk.up(desk.told("over", end="time"), *address)
    desk.up(m.Kept(visit=desk.number, bytes=5, sha256="0" * 64, seconds=1), *address)
    assert desk.store.one(desk.kept.id).case.state == "signing"
    assert desk.recordings.one(desk.kept.id) is None


def test_who_signs_in_needs_the_token_and_to_be_the_one(tmp_path) -> None:
    desk = Desk(tmp_path)
    other = desk.approved("b" * 16, station="sifa-02", minute=600)
    desk.now_ms = BEGINS_MS + 30 * 60_000
    family = Browser(desk, who="sifa-02")
    desk.kept, right = other, {"visit": other.case.number, "signed": True}
    token = desk.token
    desk.calls.signed(other, "station", "sifa-02")
    family.come()
    for said in (
        {"token": token, "learner": "c" * 16},
        {"token": "wrong", "learner": other.person},
        {"token": token, "learner": other.person, "signed": False},
    ):
        desk.up(m.SignedIn(**{**right, **said}))
        assert not desk.calls.call(other.id).unit_signed_ms
    assert [one.here for one in family.words] == [False]
    desk.up(m.SignedIn(**right, token=token, learner=other.person))
    assert desk.calls.call(other.id).both_signed
    assert family.words[-1] == m.Peer(visit=other.case.number, end="unit", here=True)
    desk.room.close()


def test_an_invitation_is_the_same_each_time_also_after_a_crash_and_stops_when_it_was_accepted(desk: Desk) -> None:
    desk.hub.tick()
    first = desk.down()
    desk.room.close()
    desk.start()
    desk.begin()
    desk.hub.tick()
    assert desk.down() == first
    (invited,) = first
    assert (invited.learner, invited.begins_ms, invited.people) == (desk.kept.person, BEGINS_MS, 2)
    desk.up(m.Accepted(visit=desk.number, token="wrong"))
    assert not desk.calls.call(desk.kept.id).accepted_ms
    family = Browser(desk).come()
    desk.down()
    desk.up(m.Accepted(visit=desk.number, token=invited.token))
    assert desk.down() == [m.Peer(visit=desk.number, end="station", here=True)], "a unit that comes anew hears of it"
    counts = []
    for _ in range(60):
        desk.clock_s += 5
        desk.hub.hear(family.seat, b'{"type":"Here"}')
        desk.hub.tick()
        counts.append(len(desk.down()))
    assert sum(counts) == 1, "it had been due before it was accepted; then it rests"


def test_a_recording_is_fetched_piece_by_piece_and_asked_for_again(desk: Desk) -> None:
    sealed = bytes(range(256)) * 300
    desk.up(desk.told("talking"))
    desk.up(desk.told("over", end="time"))
    desk.down()
    kept = m.Kept(visit=desk.number, bytes=len(sealed), sha256=hashlib.sha256(sealed).hexdigest(), seconds=1)
    desk.up(kept)
    asked = desk.down()
    for n in range(20):
        fetch = asked[-1]
        if fetch.last:
            break
        if n == 1:  # the piece was lost on the way: it is asked for again
            desk.clock_s += 30
            desk.hub.tick()
            assert desk.down()[-1] == fetch
        data = sealed[fetch.offset : fetch.offset + fetch.length]
        desk.up(m.Piece(visit=desk.number, offset=fetch.offset, data=data))
        asked = desk.down()
    assert asked[-1].last
    assert (desk.folder / "recordings" / f"{desk.number}.sealed").read_bytes() == sealed
    desk.up(kept)
    assert desk.down() == [m.Fetch(visit=desk.number, offset=len(sealed), last=True)], "the unit had not heard it"


def test_a_visit_that_is_cancelled_is_told_to_the_unit_and_to_whoever_sits_there(tmp_path) -> None:
    desk = Desk(tmp_path)
    kept = desk.approved("b" * 16, minute=600)
    desk.kept, one = kept, desk.store.appointment(kept.id)
    officer = Browser(desk, "officer", "li-visits").come()
    desk.down()
    desk.store.move("li-visits", kept.id, "approved", "take_back", "repair")
    desk.hub.withdraw(kept, one, "taken_back")
    assert desk.down() == [m.Withdrawn(visit=kept.case.number, reason="taken_back")]
    assert (officer.words[-1].reason, officer.shut) == ("taken_back", CLOSE_OVER)
    desk.room.close()


def test_a_visit_that_is_moved_is_withdrawn_where_it_was_and_invited_where_it_is(tmp_path) -> None:
    desk = Desk(tmp_path)
    desk.kept = kept = desk.approved("b" * 16, minute=600)
    desk.number = kept.case.number
    desk.hub.tick()
    before = next(one for one in desk.down() if isinstance(one, m.Invited) and one.visit == desk.number)
    desk.up(m.Accepted(visit=desk.number, token=before.token))
    officer = Browser(desk, "officer", "li-visits").come()
    desk.down()
    desk.hub.rebook("li-visits", kept, "approved", "jia-visit-01", "sifa-01", (kept.case.request.day, 660), "repair")
    assert desk.down() == [m.Withdrawn(visit=desk.number, reason="moved")]
    assert (officer.words[-1].reason, officer.shut) == ("moved", CLOSE_OVER)
    desk.clock_s += 1
    desk.hub.tick()
    after = next(one for one in desk.down() if isinstance(one, m.Invited) and one.visit == desk.number)
    assert after.begins_ms - before.begins_ms == 60 * 60_000
    assert after.token != before.token
    signed = m.SignedIn(visit=desk.number, token=before.token, learner=kept.person, signed=True)
    desk.up(signed)
    desk.up(desk.told("over", end="officer"))
    assert desk.store.one(kept.id).case.state == "approved", "of the time before"
    desk.now_ms += 60 * 60_000
    desk.up(msgspec.structs.replace(signed, token=after.token))
    assert desk.store.one(kept.id).case.state == "signing"
    desk.room.close()


def test_a_learner_who_is_forgotten_has_no_visit_any_more(desk: Desk) -> None:
    family = Browser(desk).come()
    desk.down()
    assert desk.hub.forget("jia", desk.kept.person) == 1
    assert desk.down() == [m.Withdrawn(visit=desk.number, reason="taken_back")]
    assert family.shut == CLOSE_OVER
    desk.up(desk.told("talking"))
    desk.hub.gone(family.seat)
    desk.hub.tick()
    assert desk.store.of_person(desk.kept.person) == ()


def test_where_the_broker_knows_everybody_by_a_certificate_calls_have_their_own_or_are_not(tmp_path) -> None:
    broker = BrokerSettings(cert=str(tmp_path / "office-collector.pem"), key=str(tmp_path / "office-collector.key"))
    assert Calls.of(broker, tmp_path, VisitPolicy(), lambda *_: None, "+") is None
    (tmp_path / "office-calls.pem").touch()
    made = Calls.of(broker, tmp_path, VisitPolicy(), lambda *_: None, "+")
    assert made is not None
    made.close()


def test_the_relays_words_are_coturns_and_without_a_relay_there_is_no_address(desk: Desk, tmp_path) -> None:
    one = desk.store.appointment(desk.kept.id)
    assert desk.hub.inviting.ice(desk.kept, one, "station") == ()
    secret = tmp_path / "secret"
    secret.write_text("words of the relay\n")
    desk.room.policy = VisitPolicy(turn=("turn:10.1.0.5:3478?transport=udp",), turn_secret_file=str(secret))
    (ice,) = Invitations(desk.room, tmp_path).ice(desk.kept, one, "station")
    assert re.fullmatch(rf"\d{{10}}:{desk.number}-station", ice.username)
    mac = hmac.new(b"words of the relay", ice.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(ice.credential) == mac
    for bad in ("", str(tmp_path / "none")):
        desk.room.policy = VisitPolicy(turn=("turn:10.1.0.5",), turn_secret_file=bad)
        with pytest.raises(ValueError, match="turn_secret_file"):
            Invitations(desk.room, tmp_path)


DOES = st.sampled_from(["come", "over", "gone", "wait", "say"])
ACTS = st.lists(st.tuples(DOES, st.sampled_from("abc")), max_size=12)


@settings(max_examples=15, deadline=None)
@given(acts=ACTS)
def test_whatever_tabs_do_one_at_most_speaks_for_the_family(tmp_path_factory, acts) -> None:
    desk = Desk(tmp_path_factory.mktemp("tabs"))
    tabs: dict[str, Browser] = {}
    for act, page in acts:
        tab = tabs.get(page)
        if act in ("come", "over"):
            fresh = Browser(desk, page=page)
            try:
                tabs[page] = fresh.come(act == "over")
            except VisitRefusedError:
                assert any(not one.shut for name, one in tabs.items() if name != page), "refused for nobody's sake"
        elif act == "wait":
            desk.clock_s += ALIVE_S
            desk.hub.tick()
            assert all(one.shut for one in tabs.values()), "nobody was heard of"
        elif tab is not None and act == "gone":
            desk.hub.gone(tab.seat)
            del tabs[page]
        elif tab is not None and not tab.shut:
            desk.down()
            tab.offers()
            assert len(desk.down()) == 1
        assert sum(not one.shut for one in tabs.values()) <= 1
    desk.room.close()
