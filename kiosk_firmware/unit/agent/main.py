"""The agent process: the unit's only network, and no device.

It reads the facts that the screen process committed, sends them until the office acknowledges them, writes commands
down for the screen, and says how the unit is. It can be killed at any instant: what it knows is in `agent.db`, what
it had under way is sent again, and the office tells a fact it has from a new one. While the office says that it is
away, the agent waits and knocks now and then; the screen never notices.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import random
import secrets
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import (
    READABLE,
    agent_folder,
    calls_folder,
    facts_file,
    screen_folder,
    shared_folder,
)
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.unit.agent import command_inbox, health, log_lines
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.unit.agent.certificate_renewal import CertificateRenewal
from kiosk_firmware.unit.agent.class_board_feed import ClassBoardFeed
from kiosk_firmware.unit.agent.config_report import ConfigReport
from kiosk_firmware.unit.agent.diagnostic_upload import DiagnosticUpload
from kiosk_firmware.unit.agent.fault_log import FaultLog
from kiosk_firmware.unit.agent.glass_feed import GlassFeed, GlassWatch
from kiosk_firmware.unit.agent.screen_db_reader import current_run
from kiosk_firmware.unit.agent.spool import Bucket, FactsFile, Lane
from kiosk_firmware.unit.agent.updates import UpdateService
from kiosk_firmware.unit.identity.status_file import HEARD
from kiosk_firmware.unit.identity.unit_identity import board_serial
from kiosk_firmware.unit.runtime.retention import LIMIT_BYTES
from kiosk_firmware.visit.wire.agent_bridge import AgentBridge
from kiosk_firmware.wire import event_clock, topics
from kiosk_firmware.wire.broker_settings import UnitSettings
from kiosk_firmware.wire.envelope import wire_form
from kiosk_firmware.wire.messages import ENCODE, Ack, Central, Health, Reported, Status
from kiosk_firmware.wire.mqtt import BrokerLink, MqttMessage, Will
from kiosk_firmware.wire.systemd_watchdog import Watchdog

log = logging.getLogger(__name__)
TURN_S = 0.1
BUSY_S = 0.02
"""A turn's length while a visit's words go back and forth."""
ALIVE = "alive"
KNOCK_S = 30.0
"""While the office is away: one try this often, in case its word is stale."""
PRUNE_S = 3600.0
LOOK_S = 0.5
"""How often the open run is looked up for the status."""


def version() -> str:
    """Return the installed version of this software."""
    try:
        return metadata.version("training-kiosk")
    except metadata.PackageNotFoundError:
        return "0.1.0"


class Agent:
    """One life of the agent process. `at` hears the name of each point where a crash would be interesting."""

    def __init__(
        self,
        settings: UnitSettings,
        state: Path,
        at: Callable[[str], None] = lambda point: None,
        unit: Path | None = None,
    ) -> None:
        """Open `agent.db` in the run-time folder `state`; the network comes with the first `turn`. `unit`: unit.toml,
        which the office may want otherwise; it stands in `state` where
        nothing is said.
        """
        self._unit, self._site, self._kind = settings.unit.id, settings.unit.site, settings.unit.kind
        self._pace, self._state, self._at = settings.telemetry, state, at
        self._rng, self._faults = random.Random(), FaultLog(log)
        self.db = AgentDb(facts_file(state, "agent.db"), self._unit, machine=board_serial())
        self._screen = FactsFile(facts_file(state, "screen.db"))
        self.lanes = [self._lane(self._screen), self._lane(FactsFile(facts_file(state, "agent.db")))]
        self._bucket = Bucket(self._pace.rate, max(self._pace.rate, self._pace.window), time.monotonic())
        self.updating = UpdateService(self._unit, state, self.db, now_ms, version(), self._rng)
        own = {"update.start": self.updating.start_update, "update.stop": self.updating.stop_update}
        self._diagnosis = DiagnosticUpload(unit or shared_folder(state) / "unit.toml", state)
        later = {"diagnose": self._diagnosis.start}
        self._inbox = command_inbox.CommandInbox(self.db, now_ms, {"log.lines": self._tell_lines, **own}, own, later)
        self._inbox.take_up()
        self._glass = GlassFeed(screen_folder(state) / "glass.jpg", self._pace.glass_always)
        self._present = ClassBoardFeed(screen_folder(state) / "now.json")
        self._files = unit or shared_folder(state) / "unit.toml", agent_folder(state) / "trust" / "unit.pem"
        self._marks = self._looked()
        self.configured = ConfigReport(self._files[0], state, self.db, self._tell_reported, now_ms)
        self._renewing = CertificateRenewal(self._unit, state, self._tell_trust, now_ms, self._rng)
        self._post = AgentBridge(calls_folder(state), self._tell_call, partial(write_whole, mode=READABLE), now_ms)
        self._sid, self._status_seq = secrets.token_hex(8), 0
        self._current = ("", "")
        self._clock = event_clock.WallClockWatch(now_ms, lambda: event_clock.stamp_now().up_ms)
        self._central: bool | None = None
        self._reported = False
        self._quiet_until = 0.0
        self._next: dict[str, float] = {}
        self._samples: list[Health] = []
        self.link = BrokerLink(
            settings.broker,
            self._unit,
            topics.unit_filters(self._site, self._unit),
            self._hear,
            will=lambda: self._will(),
            on_up=self._up,
            manual_ack=True,
            rng=self._rng,
        )

    def _lane(self, file: FactsFile) -> Lane:
        return Lane(file, self.db.upto, self._pace.window, self._pace.resend_s, self._rng)

    def _topic(self, channel: topics.Channel, leaf: str = "") -> str:
        return topics.topic(self._site, self._unit, channel, leaf)

    # -- one turn

    def turn(self, timeout: float = TURN_S) -> None:
        """Move bytes, then do what is due; a fault of one part is logged and does not stop the others."""
        self.link.turn(BUSY_S if self._post.busy else timeout)
        now = time.monotonic()
        told = self._tell_now, self._tell_health, self._tell_clock
        more = self._renew, self._update, self._prune, self._call
        for part in (self._send, self._look, self._show, *told, *more):
            name = part.__name__.lstrip("_")
            try:
                part(now)
            except (sqlite3.Error, OSError) as error:  # a full or read-only disk: facts wait, nothing is lost
                self._faults.failed(name, error, now)
            else:
                self._faults.went_well(name)

    def _every(self, name: str, now: float, period: float) -> bool:
        if now < self._next.get(name, 0.0):
            return False
        self._next[name] = now + period
        return True

    def _send(self, now: float) -> None:
        if not self.link.up or now < self._quiet_until:
            return
        room = self._bucket.room(now)
        if self._central is False:
            room = min(room, 1)
            if not self._every("knock", now, KNOCK_S):
                return
        for lane in self.lanes:
            for fact in lane.due(now, room):
                room -= 1
                self._bucket.take(1)
                self._at("read")
                kind, wire = wire_form(self._site, self._unit, fact, event_clock.quality())
                self.link.publish(self._topic("evt", topics.fact_leaf(kind)), wire)
                self._at("published")

    def _look(self, now: float) -> None:
        if not self._every("look", now, LOOK_S):
            return
        current = current_run(facts_file(self._state, "screen.db"))
        if current != self._current:
            self._current = current
            self._tell_status()
        if self.link.up:
            self.configured.tell()

    def _update(self, now: float) -> None:
        self.updating.turn(now, self.link.up)
        self._diagnosis.turn()

    def _renew(self, now: float) -> None:
        if self.link.up:
            self._renewing.turn(now)

    def _looked(self) -> tuple[tuple[int, int], ...]:
        return tuple((s.st_mtime_ns, s.st_ino) for s in (path.stat() for path in self._files if path.exists()))

    @property
    def is_outdated(self) -> bool:
        """Return whether unit.toml or the certificate is another than at the beginning: it takes a new life to use
        it.
        """
        return self._looked() != self._marks

    def _call(self, now: float) -> None:
        self._post.turn()

    def _tell_call(self, words: bytes) -> bool:
        return self.link.publish(self._topic("call", topics.UP), words)

    def _tell_reported(self, news: Reported) -> None:
        self.link.publish(self._topic("cfg", topics.REPORTED), ENCODE(news))

    def _tell_lines(self, args: dict[str, Any]) -> str:
        words = log_lines.message(self._state, now_ms(), command_inbox.LIMIT)
        return "" if self.link.publish(self._topic("log"), words, qos=0) else "the broker is away"

    def _tell_trust(self, words: bytes) -> None:
        self.link.publish(self._topic("trust", topics.ASK), words)

    def _show(self, now: float) -> None:
        if not self.link.up:
            return
        watch = self.db.watch(now_ms())
        picture = self._glass.due(GlassWatch(*watch) if watch else None, now)
        if picture is not None:
            self.link.publish(self._topic("glass"), picture, qos=0)

    def _tell_now(self, now: float) -> None:
        present = self._present.due(now) if self.link.up else None
        if present is not None:
            self.link.publish(self._topic("now"), present, qos=0)

    def _tell_health(self, now: float) -> None:
        if not self.link.up or not self._every("health", now, self._pace.health_s):
            return
        backlogs = [lane.backlog() for lane in self.lanes]
        backlog = sum(depth for depth, _ in backlogs), min((oldest for _, oldest in backlogs if oldest), default=0)
        full = self.lanes[0].file.full(LIMIT_BYTES)
        sample = health.read_health(self._state, now_ms(), backlog, full, self.link.denied, self.link.reconnects)
        self.link.publish(self._topic("health"), ENCODE(sample), qos=0)
        self._samples.append(sample)
        if sample.ts - self._samples[0].ts >= self._pace.summary_s * 1000:
            self.db.add("health.summarised", health.sum_samples(self._samples), sample.ts)
            self._samples = []

    def _tell_clock(self, now: float) -> None:
        by_ms = self._clock.jumped()
        if by_ms:
            self.db.add("clock.jumped", {"by_ms": by_ms, "quality": event_clock.quality()}, now_ms())

    def _prune(self, now: float) -> None:
        if self._every("prune", now, PRUNE_S):
            self.db.prune(now_ms())
            self.db.trim(now_ms())

    # -- presence

    def _status(self, online: bool) -> bytes:
        machine, run = self._current if online else ("", "")
        return ENCODE(Status(online, self._sid, self._status_seq, version(), now_ms(), self._kind, machine, run))

    def _will(self) -> Will:
        return Will(self._topic("status"), self._status(False))

    def _tell_status(self) -> None:
        self._status_seq += 1
        self.link.publish(self._topic("status"), self._status(True), retain=True)

    def _up(self, session_present: bool) -> None:
        self._tell_status()
        self._reported = False
        now = time.monotonic()
        self._quiet_until = now + self._rng.uniform(0, self._pace.spread_s)
        self._next["health"] = 0.0
        if not session_present:
            for lane in self.lanes:
                lane.doubt(now, self._pace.spread_s)
        self._post.up()

    # -- what is heard

    def _hear(self, message: MqttMessage) -> None:
        """Take a message, settled only once it is written down: what meets a full disk comes again after a
        reconnect.
        """
        try:
            self._handle_message(message)
        except msgspec.DecodeError as error:
            log.warning("%s: %s", message.topic, error)
        self.link.settle(message)

    def _handle_message(self, message: MqttMessage) -> None:
        if message.topic == topics.CENTRAL:
            self._hear_central(msgspec.json.decode(message.payload, type=Central))
            return
        address = topics.parse(message.topic)
        if address is None or (address.site, address.unit) != (self._site, self._unit):
            return
        if address.channel == "ack":
            self._hear_ack(msgspec.json.decode(message.payload, type=Ack))
        elif address.channel == "cmd":
            reply = self._inbox.take(address.leaf, message.payload)
            self.link.publish(self._topic("res", address.leaf), ENCODE(reply))
        elif address.channel == "cfg" and not address.leaf:
            self.configured.heard(message.payload)
        elif (address.channel, address.leaf) == ("call", topics.DOWN):
            self._post.heard(message.payload)
        elif (address.channel, address.leaf) == ("trust", topics.ANSWER):
            self._renewing.heard(message.payload)

    def _hear_central(self, central: Central) -> None:
        if central.online and not self._central:
            self._tell_status()  # a RabbitMQ gives nobody what it retains unless they ask for this one topic
        if central.online and self._central is False:
            self._post.up()  # what was said while a relay's uplink was down reached nobody
            self._quiet_until = time.monotonic() + self._rng.uniform(0, self._pace.spread_s)
        if central.online and not (self._central and self._reported):
            self._reported = True
            with contextlib.suppress(OSError):  # a full disk: only the glass of a blank unit asks for it
                write_whole(shared_folder(self._state) / HEARD, self._unit.encode(), READABLE)
            self.configured.tell(again=True)  # now, since what is said while nobody listens is lost
        self._central = central.online

    def _hear_ack(self, ack: Ack) -> None:
        self._at("ack-heard")
        for lane in self.lanes:
            if lane.epoch and lane.epoch == ack.epoch:
                if (older := lane.file.is_older(ack, self._site, self._unit)) is None:
                    return  # nobody can tell now whose numbers these are; what is not let go of is answered again
                if older:
                    self.db.put_back(ack.epoch, now_ms())
                    return
                self.db.ack(ack.epoch, ack.upto)
                self._at("ack-stored")
                gone = lane.heard(ack, time.monotonic())
                if gone:
                    self.db.declare_gone(ack.epoch, gone, now_ms())

    def is_alive(self) -> bool:
        """Return whether `agent.db` answers, and the broker was heard or is known to be out of reach."""
        return bool(self.db.epoch()) and (self.link.up or self.link.tries > 0)

    def close(self) -> None:
        """Say goodbye in order and close everything; twice is fine."""
        self._status_seq += 1
        self._post.close()
        self.link.close(self._will())
        self._screen.close()
        self.updating.close()
        for lane in self.lanes:
            lane.file.close()
        self.db.close()


def main(name: str, arguments: Sequence[str]) -> int:
    """Run `kiosk agent --unit UNIT.toml --state DIR`.

    Returns:
        The exit code: 0 after an orderly end.

    Raises:
        ValueError: unit.toml is wrong; says file, key, value, what is allowed.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="The network process of this unit.")
    parser.add_argument("--unit", type=Path, required=True, metavar="UNIT.toml")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="the screen process's folder")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    chosen.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    log_lines.keep(agent_folder(chosen.state), "agent")
    return run(chosen.unit, chosen.state)


def run(unit: Path, state: Path) -> int:
    """Run until SIGTERM or SIGINT; a new unit.toml or certificate is taken up in a new life, without a new process.

    Returns:
        The exit code: 0 after an orderly end.
    """
    stop: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda signum, _frame: stop.append(signum))
    watchdog = Watchdog((ALIVE,))
    while not stop:
        _live(Agent(unit_settings.read_settings(unit), state, unit=unit), watchdog, stop)
    return 0


def _live(agent: Agent, watchdog: Watchdog, stop: list[int]) -> None:
    """Live one life: until a signal, or until what it was made of has changed."""
    try:
        watchdog.ready()
        while not (stop or agent.is_outdated):
            _safely(lambda: _turn(agent, watchdog))
    finally:
        agent.close()


def _turn(agent: Agent, watchdog: Watchdog) -> None:
    """Take one turn, and where a round of the watchdog is due, the agent's proof; a round without one is
    asked again.
    """
    agent.turn()
    watchdog.due(time.monotonic())
    if watchdog.waiting and agent.is_alive():
        watchdog.proved(ALIVE)


def _safely(turn: Callable[[], Any]) -> None:
    try:
        turn()
    except Exception:  # the unit's only voice: whatever fails, it goes on, and its log says what failed
        log.exception("a turn of the agent failed")
        time.sleep(1)
