"""The collector: the broker's messages into the store, and an answer only after the commit.

One thread, one connection with a kept session, acknowledged by hand: a batch is committed first, then settled with
the broker, then answered to the units. Killed anywhere between, it meets the same messages again, and the store knows
them. A batch that fails, by whatever error, is tried message by message, so that one poisoned message is set aside and
not met forever; while the database cannot be written at all, nothing is settled and the units are asked to wait
(`_central/state`).
"""

from __future__ import annotations

import contextlib
import logging
import queue
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from kiosk_firmware.office.database.connection import Where, wait_for_writer
from kiosk_firmware.office.fleet.commands import OutgoingMessage, command_message
from kiosk_firmware.office.ingest.fact_store import BatchOutcome, FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.office.pki.trust_folder import collector_name
from kiosk_firmware.office.shared_state import GlassSnapshot, OfficeRequest, SharedState
from kiosk_firmware.storage.damaged_file import is_damage
from kiosk_firmware.system.utc_clock import utc_ms as now_ms
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.messages import ENCODE, Central, Command, LogLines, Now, decode_unit_message
from kiosk_firmware.wire.mqtt import BrokerLink, MqttMessage, Will

log = logging.getLogger(__name__)
BATCH = 500
GROUP_S, QUIET_S = 0.01, 0.002
"""A batch is committed as soon as nothing more comes for so long; whatever comes, after the first one's wait."""
WINDOW = 1000
"""Messages the broker may send unacknowledged: more than a batch, and no more than its own limit."""
STATE_S = 20.0
RETRY_S = 1.0
PATIENCE = 5
"""So often a batch is tried whole while the database refuses it."""
LATE_S = 10.0
"""A batch that is older has met a database that refuses it."""
RETIRE_S = 24 * 3600.0
IDLE_S = 0.1
GLASS_LIMIT = 48 * 1024


class Collector:
    """One collector. `at` hears the name of each point where a crash would be interesting."""

    def __init__(
        self,
        broker: BrokerSettings,
        store: FactStore,
        desk: SharedState,
        *,
        site: str = "+",
        client_id: str = "",
        listening: bool = False,
        at: Callable[[str], None] = lambda point: None,
        renew: Callable[[str, bytes], bytes] | None = None,
        raw_days: int = 0,
        moved: Callable[[], None] = lambda: None,
        damage: Callable[[], str] = lambda: "",
    ) -> None:
        """Take `site`: ids (a comma between) where several collectors share the sites; the broker knows each by them.
        `listening`: it stands beside the office that collects (a class board), so it acknowledges no fact and answers
        no unit. `renew`: answers a unit's word about its certificate; None where another part of the office does.
        `raw_days`: after so many, single facts of learners go; 0: never. `moved` hears of each turn that left nothing
        behind. `damage`: what is wrong with the database; while anything is, nothing is stored or acknowledged.
        """
        self._listening, self._moved, self._damage = listening, moved, damage
        self._store, self._desk, self._at, self._renew = store, desk, at, renew
        self._batch: list[MqttMessage] = []
        self._heard: list[int] = []
        self._since = 0.0
        self._blocked_until = 0.0
        self._refusals = 0
        self._online = True
        self._next_state = 0.0
        self._raw_days, self._next_retiring = raw_days, time.monotonic() + RETIRE_S / 24
        self.stored = 0
        self.link = BrokerLink(
            broker,
            client_id or collector_name(site),
            topics.sites_filters(site),
            self._hear,
            will=None if listening else lambda: self._state(False),
            on_up=lambda _: self._tell_state(),
            manual_ack=True,
            receive_maximum=WINDOW,
            yields=listening,
        )

    def run(self, stop: threading.Event) -> None:
        """Work until `stop`, then leave in order."""
        while not stop.is_set():
            try:
                self.turn()
            except Exception:  # the only reader of the units' facts: it goes on, nothing was settled, the log says why
                log.exception("a turn of the collector failed")
                self._set_online(False)
                time.sleep(RETRY_S)
        self.close()

    def turn(self) -> None:
        """Move bytes for a moment, then do what is due."""
        had = len(self._batch)
        self.link.turn(QUIET_S if had and time.monotonic() >= self._blocked_until else IDLE_S)
        now = time.monotonic()
        ripe = had == len(self._batch) or len(self._batch) >= BATCH or now - self._since >= GROUP_S
        if self._batch and ripe and now >= self._blocked_until:
            self._flush()
        self._carry_out_requests()
        if self._listening and self.link.ousted != self._desk.ousted:
            self._desk.ousted = self.link.ousted
            self._desk.news(set())
        if self._raw_days and now >= self._next_retiring and not self._batch:
            self._next_retiring = now + RETIRE_S
            self.retire(now_ms())
        if self.link.up and now >= self._next_state:
            self._tell_state()
        if now - self._since < LATE_S or not self._batch:
            self._moved()

    def close(self) -> None:
        """Say that the office is away, and disconnect; the broker keeps what comes."""
        self.link.close(None if self._listening else self._state(False))
        self._store.close()

    # -- what is heard

    def _hear(self, message: MqttMessage) -> None:
        """Take a message in; one that is more than its handler can bear is settled, for whoever comes after it."""
        try:
            self._take(message)
        except Exception:  # of any kind: the next message is another unit's
            log.exception("%s: what it says is let go", message.topic)
            self.link.settle(message)

    def _take(self, message: MqttMessage) -> None:
        address = topics.parse(message.topic)
        if address is not None and address.channel == "glass":
            if message.payload.startswith(b"\xff\xd8") and len(message.payload) <= GLASS_LIMIT:
                self._desk.show(address.unit, GlassSnapshot(message.payload, now_ms()))
            self.link.settle(message)
            return
        if address is not None and address.channel in ("now", "log"):
            self._hear_now(address, message)
            return
        if address is not None and address.channel == "trust":
            self._hear_trust(address, message)
            return
        if not self._batch:
            self._since = time.monotonic()
        self._batch.append(message)
        self._heard.append(now_ms())

    def _hear_now(self, address: topics.Address, message: MqttMessage) -> None:
        """Take a message of the moment, believed only under the unit's own site; what cannot be read is worth nothing a
        second later.
        """
        with contextlib.suppress(msgspec.DecodeError, LookupError):
            if self._store.site(address.unit) != address.site:
                pass
            elif address.channel == "now":
                self._desk.place(address.unit, decode_unit_message(message.payload, Now))
            else:
                self._desk.read_out(address.unit, decode_unit_message(message.payload, LogLines))
        self.link.settle(message)

    def _hear_trust(self, address: topics.Address, message: MqttMessage) -> None:
        """Answer a message of trust at once; a unit that hears no answer asks again, so nothing is written
        down here.
        """
        with contextlib.suppress(LookupError):
            if self._renew is not None and self._store.site(address.unit) == address.site:
                words = self._renew(address.unit, message.payload)
                self.link.publish(topics.topic(address.site, address.unit, "trust", topics.ANSWER), words)
        self.link.settle(message)

    def _flush(self) -> None:
        batch = [
            IncomingMessage(message.topic, message.payload, heard, message.retained)
            for message, heard in zip(self._batch, self._heard, strict=True)
        ]
        self._at("received")
        try:
            outcome = self._stored(batch)
        except sqlite3.OperationalError as error:  # full, locked or gone: keep the batch, settle nothing, try again
            log.error("the office's database refuses: %s", error)
            self._refusals += 1
            self._blocked_until = time.monotonic() + RETRY_S
            self._set_online(False)
            return
        self._refusals = 0
        self._at("committed")
        self.link.settle(*self._batch)
        self._at("settled")
        self._batch, self._heard = [], []
        if not self._listening:
            self._answer(outcome.answers)
        self._at("answered")
        self.stored += outcome.stored
        self._desk.news(outcome.touched)
        self._set_online(True)

    def _stored(self, batch: list[IncomingMessage]) -> BatchOutcome:
        """Store a batch, or where one message of it cannot be borne, each by itself.

        Raises:
            sqlite3.OperationalError: the database cannot be written now, or not at all, or is damaged.
        """
        if damage := self._damage():
            raise sqlite3.OperationalError(damage)
        try:
            return self._store.apply(batch)
        except sqlite3.OperationalError:
            if self._refusals < PATIENCE:  # beyond, perhaps a message is what it cannot write
                raise
        except Exception as error:  # one message's, whatever it is
            if is_damage(error):
                raise sqlite3.OperationalError(str(error)) from error
            log.error("a batch of %d messages failed: %r; trying one by one", len(batch), error)
        whole = BatchOutcome([], set())
        for message in batch:
            outcome = self._one(message)
            whole.answers += outcome.answers
            whole.touched |= outcome.touched
            whole.stored += outcome.stored
        return whole

    def _one(self, message: IncomingMessage) -> BatchOutcome:
        """Store a message: read, or kept aside under its number, or kept aside as bytes; the worst is let go.

        Raises:
            sqlite3.OperationalError: not even bytes can be kept, so it is the database.
        """
        try:
            return self._store.apply([message])
        except Exception as error:  # whatever it is
            if is_damage(error):
                raise sqlite3.OperationalError(str(error)) from error
            log.error("%s is set aside: %r", message.topic, error)
            why = f"error: {error!r}"[:200]
        try:
            return self._store.apply([message], unread=True)
        except Exception:  # not even under its number: as bytes, then
            log.debug("%s has no number", message.topic)
        try:
            self._store.set_aside(message, "", why)
        except sqlite3.OperationalError:
            raise
        except Exception as error:  # its bytes are none that a database takes
            log.error("%s cannot even be set aside: %r", message.topic, error)
        return BatchOutcome([], set())

    # -- what is said

    def _answer(self, answers: list[OutgoingMessage]) -> None:
        for answer in answers:
            self.link.publish(answer.topic, answer.payload)

    def _state(self, online: bool) -> Will:
        return Will(topics.CENTRAL, ENCODE(Central(online, now_ms())))

    def _tell_state(self) -> None:
        if self._listening:
            return
        word = self._state(self._online)
        self.link.publish(word.topic, word.payload, retain=True)
        self._next_state = time.monotonic() + STATE_S

    def _set_online(self, online: bool) -> None:
        if online != self._online:
            self._online = online
            self._tell_state()

    # -- what people want

    def _carry_out_requests(self) -> None:
        while True:
            try:
                request = self._desk.requests.get_nowait()
            except queue.Empty:
                return
            try:
                self._carry_out(request)
            except (sqlite3.Error, LookupError) as error:
                log.error("%s for %s: %s", request.kind, request.unit, error)

    def retire(self, at_ms: int) -> None:
        """Delete what is too old."""
        try:
            gone = self._store.erasing.retire(at_ms - self._raw_days * 86_400_000)
        except sqlite3.Error as error:  # tomorrow, then
            log.error("old facts stay: %s", error)
        else:
            log.info("%d facts were old and say nothing any more", gone)

    def _carry_out(self, request: OfficeRequest) -> None:
        now = now_ms()
        if request.kind == "dismiss":
            self._store.dismiss(request.unit, request.name, str(request.args["about"]), now)
            self._desk.news({request.unit})
            return
        if request.kind == "retake":
            self.link.retake()
            return
        if request.kind == "erase":
            self._answer(self._store.erasing.erase(str(request.args["site"]), str(request.args["learner"]), now))
            return
        if request.kind == "config":
            self._answer([self._store.want(request.unit, **request.args, now_ms=now)])
            return
        command = Command(f"c-{secrets.token_hex(8)}", request.name, request.args, now + request.ttl_ms)
        if request.kind == "watch":  # it stands for seconds: not worth a row, and never sent again
            until = Command(command.id, "watch", {"until": command.expires_at}, command.expires_at)
            site = self._store.site(request.unit)
            self._answer([command_message(site, request.unit, until)])
        else:
            self._answer([self._store.command(request.unit, command, now)])


def collect(
    broker: BrokerSettings,
    where: Where,
    desk: SharedState,
    stop: threading.Event,
    at: Callable[[str], None] = lambda point: None,
    registered: Callable[[str], str] = lambda unit: "",
    **how: Any,
) -> None:
    """Open the store at `where` in this thread, as soon as its database answers, and collect until `stop`; `registered`
    is the store's, `how` the collector's.
    """
    books = wait_for_writer(where, stop)
    if books is not None:
        Collector(broker, FactStore(books, registered), desk, at=at, **how).run(stop)
