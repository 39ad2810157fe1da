"""Two brokers and a relay between: each fact arrives once, whoever of the three dies; below, the units know."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kiosk_firmware.office.ingest.collector import Collector
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.shared_state import OfficeRequest, SharedState
from kiosk_firmware.site.relay import SiteRelay, main
from kiosk_firmware.unit.agent import main as agent
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.visit.wire import paths
from kiosk_firmware.visit.wire.json_lines_socket import connect
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.messages import ENCODE, Now
from kiosk_firmware.wire.mqtt import MqttMessage
from tests.visit.wire.office import Office
from tests.visit.wire.test_visit_messages import OFFER, OVER, hears, invitation, signed_in
from tests.wire.rig import Processes, Screen, query, settings, wait

pytestmark = pytest.mark.broker


class Chain:
    """Unit, site's broker, relay, central broker, office; all but the brokers turned by hand."""

    def __init__(self, folder: Path) -> None:
        self.below, self.above = Processes(folder / "below"), Processes(folder / "above")
        self.below.broker()
        self.above.broker()
        self.state, self.path = folder / "state", folder / "office.db"
        self.screen = Screen(self.state)
        self.agent = Agent(settings(self.below.port), self.state)
        self.desk = SharedState()
        self.collector = Collector(BrokerSettings(port=self.above.port, retry_s=0.3), FactStore(self.path), self.desk)
        self.relay: SiteRelay | None = self.related()

    def related(self) -> SiteRelay:
        at = [BrokerSettings(port=side.port, retry_s=0.3, keepalive_s=10) for side in (self.below, self.above)]
        return SiteRelay("jia", *at)

    def cut_uplink(self) -> None:
        """Above all go on; the relay reaches them no more, and does not until `mend_uplink`."""
        self.relay.central.close()
        self.relay.central.turn = lambda timeout: None

    def mend_uplink(self) -> None:
        del self.relay.central.turn

    def until(self, condition, what: str) -> None:
        def turned() -> object:
            self.agent.turn(0.01)
            if self.relay is not None:
                self.relay.turn()
            self.collector.turn()
            return condition()

        wait(turned, what)

    def tell(self, count: int) -> None:
        for n in range(count):
            self.screen.tell("step.ended", run="r-1", step="pin", prompt=0, slips=0, ms=n)

    def stored(self) -> list[int]:
        rows = query(self.path, "SELECT seq FROM facts WHERE epoch = ? ORDER BY seq", self.screen.epoch)
        return [seq for (seq,) in rows]

    def close(self) -> None:
        self.agent.close()
        if self.relay is not None:
            self.relay.close()
        self.collector.close()
        self.screen.db.close()
        self.below.close()
        self.above.close()


@pytest.fixture
def chain(tmp_path: Path):
    made = Chain(tmp_path)
    yield made
    made.close()


def test_facts_up_acks_and_commands_down_through_deaths(chain: Chain) -> None:
    chain.tell(40)
    chain.until(lambda: chain.agent.db.upto(chain.screen.epoch) == 40, "the acks to come down")
    chain.desk.requests.put(OfficeRequest("command", "jia-atm-01", "run.end", {}, 60_000))
    commands = "SELECT state FROM commands"
    chain.until(lambda: query(chain.path, commands) == [("received",)], "the command down, its reply up")
    chain.above.kill("broker")
    chain.until(lambda: chain.agent._central is False, "the unit to know that nobody stores")
    chain.tell(30)
    chain.above.broker()
    chain.until(lambda: chain.stored() == list(range(1, 71)), "all that was told meanwhile")
    chain.relay = None  # killed: no goodbye, what it had under way is gone
    chain.tell(30)
    chain.until(lambda: chain.screen.left() == 100, "time to pass")
    chain.relay = chain.related()
    chain.until(lambda: chain.agent.db.upto(chain.screen.epoch) == 100, "all, through another relay")
    assert chain.stored() == list(range(1, 101))
    assert query(chain.path, "SELECT site, online FROM units") == [("jia", 1)]


def test_a_class_board_on_the_relays_machine_works_while_the_uplink_is_down(
    chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands at the site's own broker, sees and commands the room, and takes no fact from the office."""
    monkeypatch.setattr(agent, "KNOCK_S", 0.5)
    desk, path = SharedState(), tmp_path / "board.db"
    board = Collector(
        BrokerSettings(port=chain.below.port, retry_s=0.3),
        FactStore(path),
        desk,
        listening=True,
        client_id="board-1",
        site="jia",
    )
    try:
        chain.above.kill("broker")
        chain.tell(20)
        (chain.state / "now.json").write_bytes(ENCODE(Now(1, machine="atm", step="pin", calling=True)))
        chain.until(lambda: board.turn() or desk.present("jia-atm-01"), "what stands on the glass")
        assert desk.present("jia-atm-01").calling
        desk.requests.put(OfficeRequest("command", "jia-atm-01", "class.stop", {}, 60_000))
        stops = "SELECT name FROM inbox WHERE name = 'class.stop'"
        chain.until(lambda: board.turn() or query(chain.state / "agent.db", stops), "the stop at the unit")
        chain.until(lambda: board.turn() or board.stored, "a fact at the board")
        assert chain.agent.db.upto(chain.screen.epoch) == 0, "the board stores for itself alone"
        chain.above.broker()
        chain.until(lambda: board.turn() or chain.agent.db.upto(chain.screen.epoch) == 20, "all of them, at the office")
        assert chain.stored() == list(range(1, 21))
    finally:
        board.close()


@pytest.fixture
def calls(chain: Chain):
    made = Office(chain.above.port)
    yield made
    made.close()


def test_the_words_of_a_visit_go_both_ways_and_what_must_be_heard_is_said_again(chain: Chain, calls: Office) -> None:
    """What is said of a talk while the uplink is down is gone; that it was signed and is over is not."""
    answer, signed = m.Answered(visit="HJ000007", end="station", session=1, sdp="v=0"), signed_in(signed=True)
    late = (
        m.StatusReport(visit="HJ000007", phase="cut", left_ms=9, running=False),
        msgspec.structs.replace(answer, session=2),
    )
    chain.until(lambda: chain.agent._central, "the office's word to come down")
    calls.say(invitation())
    chain.until(lambda: calls.newest(m.Accepted), "the invitation below, and its answer above")
    visit_process = connect(chain.state / paths.FOLDER / paths.AGENT)
    assert visit_process is not None
    visit_process.say(m.ENCODE(signed))
    calls.say(OFFER)
    chain.until(lambda: OFFER in hears(visit_process), "the offer at the roof")
    visit_process.say(m.ENCODE(answer))
    chain.until(lambda: calls.newest(m.Answered) == answer, "the answer above")
    chain.cut_uplink()
    chain.until(lambda: chain.agent._central is False, "the unit to know that nobody hears")
    told, passing = len(calls.heard), overheard(chain)
    for word in (*late, OVER):
        visit_process.say(m.ENCODE(word))
    chain.until(lambda: passing[-3:] == [*late, OVER], "the relay to have met them")
    chain.mend_uplink()
    chain.until(lambda: calls.newest(m.StatusReport) == OVER, "that it is over")
    again = calls.heard[told:]
    assert signed in again
    assert not [one for one in again if one in late], "worth nothing any more"


def overheard(chain: Chain) -> list[m.Up]:
    """What the relay meets below of calls from here on."""
    assert chain.relay is not None
    link, found = chain.relay.local, list[m.Up]()
    hear = link._hear

    def listening(message: MqttMessage) -> None:
        if message.topic.endswith(f"/call/{topics.UP}"):
            found.append(m.decode_up(message.payload))
        hear(message)

    link._hear = listening
    return found


def test_wrong_words_are_told() -> None:
    with pytest.raises(ValueError, match="--site"):
        main("relay", ["--site", "X", "--central", "127.0.0.1:1"])
