"""The agent's part in a visit: whoever dies, nothing is lost that matters and nothing old is said as news."""

from __future__ import annotations

import hashlib
import socket
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.visit.wire import paths, talk_time_log
from kiosk_firmware.visit.wire.agent_bridge import KEPT_MS, AgentBridge
from kiosk_firmware.visit.wire.json_lines_socket import LINE, JsonLinesConnection, connect
from kiosk_firmware.visit.wire.local_auth import CALLERS

NOW = 1_800_000_000_000


def invitation(visit: str = "HJ000007", **more: object) -> m.Invited:
    made = m.Invited(
        visit=visit,
        begins_ms=NOW,
        learner="0" * 16,
        language="zh",
        people=2,
        rules=m.CallRules(),
        ice=(),
        seal="PEM",
        token="t-1",
    )
    return msgspec.structs.replace(made, **more)


class Office:
    """What an agent published; it may be out of reach."""

    def __init__(self) -> None:
        self.up, self.heard = True, list[m.Up]()

    def say(self, words: bytes) -> bool:
        if self.up:
            self.heard.append(m.decode_up(words))
        return self.up


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def agent(tmp_path, office):
    made = begun(tmp_path, office)
    yield made
    made.close()


def begun(folder: Path, office: Office, now: int = NOW) -> AgentBridge:
    return AgentBridge(folder / "calls", office.say, write_whole, lambda: now)


def told(agent: AgentBridge, *words: m.Down) -> None:
    for word in words:
        agent.heard(m.ENCODE(word))


def caller_at(folder: Path, agent: AgentBridge, *says: m.Up) -> JsonLinesConnection:
    """Somebody at the agent's socket, who says that."""
    agent.turn()
    line = connect(folder / "calls" / paths.AGENT)
    assert line is not None
    for word in says:
        line.say(m.ENCODE(word))
    agent.turn()
    return line


def visit_process_at(folder: Path, agent: AgentBridge, visit: str = "HJ000007") -> JsonLinesConnection:
    """A visit process, which signs in as soon as it is there."""
    return caller_at(folder, agent, signed_in(visit))


def signed_in(visit: str = "HJ000007", **more: object) -> m.SignedIn:
    return msgspec.structs.replace(m.SignedIn(visit=visit, token="t-1", learner="0" * 16), **more)


def hears(visit_process: JsonLinesConnection) -> list[m.Down]:
    return [m.decode_down(line) for line in visit_process.turn()]


PEER = m.Peer(visit="HJ000007", end="station", here=True)
OFFER = m.Offered(visit="HJ000007", end="station", session=1, sdp="v=0")
OVER = m.StatusReport(visit="HJ000007", phase="over", left_ms=0, running=False, end="time")


def test_an_invitation_stands_in_a_file_and_is_accepted_each_time(tmp_path, agent, office):
    told(agent, invitation(), invitation())
    assert paths.list_invitations(tmp_path / "calls") == (invitation(),)
    assert office.heard == [m.Accepted(visit="HJ000007", token="t-1")] * 2
    assert (tmp_path / "calls" / "HJ000007.json").stat().st_mode & 0o077 == 0
    told(agent, m.Withdrawn(visit="HJ000007"), m.Withdrawn(visit="HJ000007"))
    assert paths.list_invitations(tmp_path / "calls") == ()


@pytest.mark.parametrize("visit", ["../unit", "a/b", "", "x" * 33, "HJ.json"])
def test_a_number_names_no_other_file(agent, visit, tmp_path):
    with pytest.raises(msgspec.ValidationError, match="allowed are"):
        told(agent, invitation(visit))
    assert not (tmp_path / "calls").exists()


def test_what_cannot_be_read_is_left_out(tmp_path, agent):
    told(agent, invitation(), invitation("HJ000008", begins_ms=NOW - 1))
    (tmp_path / "calls" / "HJ000009.json").write_text("{")
    assert [one.visit for one in paths.list_invitations(tmp_path / "calls")] == ["HJ000008", "HJ000007"]


def test_a_unit_that_was_never_invited_has_no_socket(tmp_path, agent):
    agent.turn()
    assert not (tmp_path / "calls").exists()


def test_a_roof_that_comes_later_is_told_what_stands(tmp_path, agent):
    end = m.OfficerCommand(visit="HJ000007", act="mute")
    told(agent, invitation(), PEER, OFFER, end, msgspec.structs.replace(OFFER, session=2, sdp="v=1"))
    visit_process = visit_process_at(tmp_path, agent)
    assert hears(visit_process) == [PEER, msgspec.structs.replace(OFFER, session=2, sdp="v=1"), end]
    again = visit_process_at(tmp_path, agent)
    assert hears(again) == [PEER, msgspec.structs.replace(OFFER, session=2, sdp="v=1")]  # an order is given once
    visit_process.turn()
    assert visit_process.gone


@pytest.mark.parametrize(
    "gone",
    [
        m.Left(visit="HJ000007", end="station"),
        m.Withdrawn(visit="HJ000007"),
        m.Answered(visit="HJ000007", end="station", session=1, sdp="v=0"),
    ],
)
def test_an_offer_that_is_settled_is_not_told_again(tmp_path, agent, gone):
    told(agent, invitation(), PEER, OFFER)
    if isinstance(gone, m.Answered):
        visit_process_at(tmp_path, agent).say(m.ENCODE(gone))
        agent.turn()
    else:
        told(agent, gone)
    assert OFFER not in hears(visit_process_at(tmp_path, agent))


def test_what_must_reach_the_office_is_said_again_by_the_next_agent(tmp_path, agent, office):
    told(agent, invitation())
    office.up = False
    signed = signed_in(signed=True)
    visit_process = visit_process_at(tmp_path, agent)
    for word in (signed, OVER, m.StatusReport(visit="HJ000007", phase="talking", left_ms=5, running=True)):
        visit_process.say(m.ENCODE(word))
    agent.turn()
    agent.close()
    office.up, office.heard = True, []
    after = begun(tmp_path, office)
    after.up()
    assert office.heard == [m.Accepted(visit="HJ000007", token="t-1"), signed, OVER]
    office.heard = []
    told(after, invitation())  # the office was away, and asks
    assert office.heard == [m.Accepted(visit="HJ000007", token="t-1"), signed, OVER]
    told(after, invitation(begins_ms=NOW + 1))  # another time: what was said of the old one is void
    office.heard = []
    after.up()
    assert office.heard == [m.Accepted(visit="HJ000007", token="t-1")]
    after.close()


@pytest.mark.parametrize(
    ("begins_ms", "end", "said"), [(NOW, "unit", True), (NOW, "", False), (NOW - 1, "unit", False)]
)
def test_an_end_that_no_agent_was_there_to_hear_is_told_by_the_next(tmp_path, agent, office, begins_ms, end, said):
    told(agent, invitation())
    visit_process_at(tmp_path, agent)
    agent.close()
    talk_time_log.keep(tmp_path / "calls", "HJ000007", talk_time_log.TalkTime(begins_ms, 500, 0, end=end))
    office.heard.clear()
    after = begun(tmp_path, office)
    after.up()
    after.close()
    over = m.StatusReport(visit="HJ000007", phase="over", left_ms=500, running=False, end="unit")
    assert office.heard == [m.Accepted(visit="HJ000007", token="t-1"), signed_in(), *([over] if said else [])]


def test_an_end_that_was_told_of_the_time_before_a_visit_was_moved_ends_no_later_one(tmp_path, agent, office):
    told(agent, invitation())
    visit_process = visit_process_at(tmp_path, agent)
    told(agent, m.Withdrawn(visit="HJ000007", reason="moved"), invitation(begins_ms=NOW + 1, token="t-2"))
    visit_process.say(m.ENCODE(OVER))  # the visit process of the earlier time has heard that it is withdrawn
    agent.turn()
    signed = m.SignedIn(visit="HJ000007", token="t-2", learner="0" * 16, signed=True)
    visit_process.say(m.ENCODE(signed))
    agent.turn()
    office.heard = []
    agent.up()
    assert office.heard == [m.Accepted(visit="HJ000007", token="t-2"), signed]
    for word in (OVER, signed):  # its own end, and the sign-in that a visit process says again to each agent
        visit_process.say(m.ENCODE(word))
    agent.turn()
    agent.up()
    assert office.heard[-2:] in ([signed, OVER], [OVER, signed])


def test_a_disk_that_takes_nothing_keeps_no_word_from_the_office(tmp_path, office, caplog):
    full = False

    def write(path: Path, data: bytes) -> None:
        if full:
            raise OSError(28, "No space left on device")
        write_whole(path, data)

    agent = AgentBridge(tmp_path / "calls", office.say, write, lambda: NOW)
    told(agent, invitation())
    full = True
    caller_at(tmp_path, agent, signed_in(), OVER)
    assert office.heard[1:] == [signed_in(), OVER]
    assert "No space left" in caplog.text
    agent.close()


def test_what_is_long_past_goes(tmp_path, agent, office):
    told(agent, invitation())
    late = begun(tmp_path, office, NOW + KEPT_MS + 1)
    late.up()
    assert paths.list_invitations(tmp_path / "calls") == ()


def test_a_recording_is_fetched_without_a_roof(tmp_path, agent, office):
    from kiosk_firmware.visit.wire import recording_upload

    told(agent, invitation())
    data = bytes(range(256)) * 300
    sealed = recording_upload.recording_path(tmp_path / "calls", "HJ000007")
    sealed.write_bytes(data)
    kept = recording_upload.mark_finished(tmp_path / "calls", "HJ000007", 12)
    agent.up()
    assert kept in office.heard
    assert kept.sha256 == hashlib.sha256(data).hexdigest()
    got = b""
    while len(got) < kept.bytes:
        told(agent, m.Fetch(visit="HJ000007", offset=len(got)))
        got += office.heard[-1].data
    assert got == data
    told(agent, m.Fetch(visit="HJ000007", offset=0, last=True))
    assert not sealed.exists()


def test_a_roof_that_talks_nonsense_or_never_reads_is_let_go_of(tmp_path, agent, office):
    told(agent, invitation())
    visit_process = visit_process_at(tmp_path, agent)
    visit_process.say(b"nonsense")
    visit_process.say(m.ENCODE(OVER))
    agent.turn()
    assert office.heard[-1] == OVER
    for n in range(60):
        told(agent, msgspec.structs.replace(OFFER, session=n, sdp="x" * 40_000))
    agent.turn()
    assert not agent.busy


FOREIGN = [
    signed_in("HJ000008"),
    signed_in(token="t-2"),
    signed_in(learner="1" * 16),
    signed_in("../unit"),
    msgspec.structs.replace(OVER, visit="HJ000008"),
    m.Left(visit="HJ000008", end="unit"),
    m.Answered(visit="HJ000009", end="station", session=1, sdp="v=0"),
    m.Accepted(visit="HJ000007", token="t-1"),
    m.Piece(visit="HJ000007", offset=0, data=b"x"),
    m.Kept(visit="HJ000007", bytes=1, sha256="0" * 64, seconds=1),
]


@pytest.mark.parametrize("word", FOREIGN, ids=lambda word: f"{type(word).__name__} {word.visit}")
def test_what_belongs_to_no_visit_here_is_turned_away_and_the_roof_stays(tmp_path, agent, office, caplog, word):
    """Whoever comes with it takes nobody's place; the visit process itself is not heard with it, and is told nothing
    of it.
    """
    told(agent, invitation(), PEER)
    visit_process = visit_process_at(tmp_path, agent)
    stranger = caller_at(tmp_path, agent, word)
    assert hears(stranger) == []
    assert stranger.gone
    visit_process.say(m.ENCODE(word))
    visit_process.say(m.ENCODE(OVER))
    agent.turn()
    assert office.heard == [m.Accepted(visit="HJ000007", token="t-1"), signed_in(), OVER]
    assert hears(visit_process) == [PEER]
    assert agent.busy
    assert sum(f"{type(word).__name__} of visit {word.visit!r}" in line for line in caplog.messages) == 2
    assert {path.name for path in (tmp_path / "calls").iterdir()} == {"HJ000007.json", "HJ000007.told", "agent.sock"}


def test_a_roof_hears_of_its_own_visit_alone(tmp_path, agent):
    other, end = msgspec.structs.replace(PEER, visit="HJ000008"), m.OfficerCommand(visit="HJ000008", act="warn")
    told(agent, invitation(), invitation("HJ000008"), PEER, other)
    visit_process = visit_process_at(tmp_path, agent)
    told(agent, end)
    assert hears(visit_process) == [PEER]
    assert hears(visit_process_at(tmp_path, agent, "HJ000008")) == [other, end]
    assert hears(visit_process) == []
    assert visit_process.gone, "one at a time"


def test_the_roof_of_a_visit_that_was_taken_back_says_how_it_ended_and_nothing_is_kept(tmp_path, agent, office):
    told(agent, invitation())
    visit_process = visit_process_at(tmp_path, agent)
    told(agent, m.Withdrawn(visit="HJ000007"))
    assert hears(visit_process) == [m.Withdrawn(visit="HJ000007")]
    visit_process.say(m.ENCODE(OVER))
    agent.turn()
    assert office.heard[-1] == OVER
    assert [path.name for path in (tmp_path / "calls").iterdir()] == ["agent.sock"]
    late = caller_at(tmp_path, agent, signed_in())
    assert hears(late) == []
    assert late.gone


def test_those_who_say_nothing_keep_nobody_out(tmp_path, agent):
    told(agent, invitation(), PEER)
    silent = [caller_at(tmp_path, agent) for _ in range(CALLERS + 2)]
    assert hears(visit_process_at(tmp_path, agent)) == [PEER]
    assert [hears(line) for line in silent] == [[]] * len(silent)
    assert [line.gone for line in silent[:2]] == [True, True]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=3000).filter(lambda line: b"\n" not in line), max_size=20), st.data())
def test_lines_arrive_whole_and_in_order_however_they_are_cut(lines, data):
    near, far = socket.socketpair()
    line, stream = JsonLinesConnection(near), b"".join(one + b"\n" for one in lines)
    found = []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        far.sendall(stream[:cut])
        stream = stream[cut:]
        found += line.turn()
    assert found == lines
    far.sendall(b"x" * (LINE + 1))
    deadline = time.monotonic() + 5
    while not line.gone and time.monotonic() < deadline:
        line.turn()
    assert line.gone
    far.close()
