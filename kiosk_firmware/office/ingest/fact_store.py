"""The office's writer: what arrived becomes rows, a batch at a time, all or nothing; then it says what to answer.

A fact is named by (unit, epoch, seq). New ones are stored and folded once; one that is here already is answered and
not counted; the same name with other content is set aside, its epoch frozen from there, and the unit told to begin a
new epoch and send again. A fact that comes again under a new epoch tells its earlier name (`was`) and is known by it:
one fact, two names, counted once. What this code cannot read is set aside too, but counts as heard: a poisoned message
must not block the rest. A unit belongs to the site under which it was first seen; what it claims under another site is
set aside, unanswered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk_firmware.office.database.connection import Database, Where, connect
from kiosk_firmware.office.fleet.commands import Commands, OutgoingMessage
from kiosk_firmware.office.fleet.config_rollout import ConfigRollouts
from kiosk_firmware.office.ingest.clock_repair import ClockRepair
from kiosk_firmware.office.ingest.deduplication import Deduplication
from kiosk_firmware.office.ingest.epoch_completeness import EpochCompleteness
from kiosk_firmware.office.ingest.incoming_message import DecodedMessage, IncomingMessage, decode_message
from kiosk_firmware.office.ingest.rollup import Rollup
from kiosk_firmware.office.learning.erasure import GUEST, Erasure
from kiosk_firmware.office.learning.learner_records import LearnerRecords
from kiosk_firmware.office.learning.learning_sums import LearningSums
from kiosk_firmware.wire import facts as f
from kiosk_firmware.wire import message_bounds, topics
from kiosk_firmware.wire.envelope import Fact, ReceivedFact
from kiosk_firmware.wire.messages import ENCODE, Command, Health, Reply, Reported, Status, decode_unit_message

RENEW_MS = 3600 * 1000
"""How long a unit has to begin a new epoch before it is told again."""
_FACT = ("unit", "epoch", "seq", "digest", "type", "at_ms", "timeq", "heard_ms", "data", "boot", "up_ms")
_SEEN = (
    "WITH told(unit, seen_ms) AS ({rows}) UPDATE units SET seen_ms = told.seen_ms FROM told"
    " WHERE units.unit = told.unit"
)
_HEALTH = (
    "WITH told(unit, health) AS ({rows}) UPDATE units SET health = told.health FROM told WHERE units.unit = told.unit"
)


class BatchOutcome(msgspec.Struct):
    """The result of a batch: answers to publish, units whose picture changed, and how many facts were new."""

    answers: list[OutgoingMessage] = []
    touched: set[str] = set()
    stored: int = 0


class FactStore:
    """The one writer of the office's database."""

    def __init__(self, where: Where | Database, registered: Callable[[str], str] = lambda unit: "") -> None:
        """Open or create the database: a file's path, or PostgreSQL's address; or write to one that is open.
        `registered`: the site of a unit by the enrolment register, "" where it knows none.
        """
        self._registered = registered
        self._db = connect(where) if isinstance(where, Path | str) else where
        self._sums = LearningSums(self._db)
        self.rebuild(only_needed=True)
        self._rollup = Rollup(self._db)
        self._books = EpochCompleteness(self._db)
        self._known = Deduplication(self._db, self._books)
        self._commands = Commands(self._db)
        self._configs = ConfigRollouts(self._db)
        self.erasing = Erasure(self._db, self._commands)
        self._learners = LearnerRecords(self._db, self._commands)
        self._instants = ClockRepair(self._db)
        self._sites: dict[str, str] = {}
        self._unread = False
        self._begin()

    def _begin(self) -> None:
        self._out = BatchOutcome([], set())
        self._due: dict[tuple[str, str], str] = {}
        self._rows: list[tuple[str | int, ...]] = []
        self._heard: dict[str, int] = {}
        self._healths: dict[str, str] = {}
        self._asked: dict[tuple[str, str], int] = {}

    def rebuild(self, only_needed: bool = False) -> None:
        """Make the sums of what people learn anew, in one transaction. `only_needed`: where none were kept yet."""
        self._db.begin()
        try:
            if not only_needed or self._sums.need_rebuild():
                self._sums.rebuild()
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise

    def mark_sample(self, until_ms: int) -> None:
        """Mark this database as a sample for good: nothing in it is real, but a past that ends at an instant is written
        into it.

        Raises:
            ValueError: there is something in it already.
        """
        if self._db.execute("SELECT 1 FROM units LIMIT 1").fetchone() is not None:
            raise ValueError("this office's database has units already: a sample is written into an empty one only")
        self._db.begin()
        mark = "INSERT INTO properties(name, value) VALUES('sample', ?)"
        self._db.execute(mark, (str(until_ms),))
        self._db.commit()

    def close(self) -> None:
        """Close the database; twice is fine."""
        self._db.close()

    def apply(self, batch: list[IncomingMessage], unread: bool = False) -> BatchOutcome:
        """Store a batch in one transaction. `unread`: nothing in a fact is looked at; each is kept aside under its
        number, so that one which cannot be folded is met once.

        Raises:
            Exception: of any kind, for a message that nobody foresaw; nothing of the batch was stored.
        """
        self._begin()
        self._unread = unread
        self._db.begin()
        try:
            self.erasing.refresh()
            read = [decode_message(message) for message in batch]
            self._known.begin([one.heard for one in read if one.heard])
            for one in read:
                self._take(one)
            self._write(batch[-1].heard_ms if batch else 0)
            acks = [self._ack(unit, epoch, site) for (unit, epoch), site in self._due.items()]
            self._db.commit()
        except BaseException:
            self._books.forget_all()
            self._rollup.forget()
            self._instants.forget_all()
            self._sites = {}
            self._db.rollback()
            raise
        self._books.settle()
        self._out.answers[:0] = acks  # first: what is committed must be let go of before an epoch is renewed
        return self._out

    def _write(self, now_ms: int) -> None:
        """Write what was gathered while the batch was read, each table at once."""
        self._db.copy("facts", _FACT, self._rows)
        self._rollup.write()
        self._instants.mend()
        self._db.merge(_SEEN, sorted(self._heard.items()))
        self._db.merge(_HEALTH, sorted(self._healths.items()))
        for (unit, learner), heard_ms in self._asked.items():
            self._out.answers += self._learners.answers(self._sites[unit], unit, learner, heard_ms)
        self._books.write(now_ms)

    def _ack(self, unit: str, epoch: str, site: str) -> OutgoingMessage:
        ack = self._books.look(unit, epoch).ack(epoch)
        name = (unit, epoch, ack.upto)
        said = self._known.said(name) if ack.upto else None
        return OutgoingMessage(topics.topic(site, unit, "ack"), ENCODE(msgspec.structs.replace(ack, digest=said or "")))

    # -- by channel

    def _take(self, one: DecodedMessage) -> None:
        message, address = one.message, one.address
        if address is None:
            self.set_aside(message, "", "topic")
            return
        if self._site(address, message) != address.site:
            self.set_aside(message, address.unit, "site")
            self._rollup.open(address.unit, "site", address.site, message.heard_ms)
            return
        self._out.touched.add(address.unit)
        if not message.retained:
            self._heard[address.unit] = message.heard_ms
        try:
            self._read(address, message, one.heard)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._unreadable(address, message, "shape")

    def _unreadable(self, address: topics.Address, message: IncomingMessage, reason: str) -> None:
        self.set_aside(message, address.unit, reason)
        self._rollup.open(address.unit, "malformed", address.channel, message.heard_ms)

    def _read(self, address: topics.Address, message: IncomingMessage, heard: ReceivedFact | None) -> None:
        match address.channel:
            case "evt":
                self._event(address, message, heard)
            case "status":
                self._status(address, decode_unit_message(message.payload, Status), message)
            case "health":
                self._healths[address.unit] = ENCODE(decode_unit_message(message.payload, Health)).decode()
            case "res":
                self._commands.replied(address.unit, decode_unit_message(message.payload, Reply))
            case "cfg" if address.leaf:
                self._configs.reported(address.unit, decode_unit_message(message.payload, Reported), message.heard_ms)
            case _:
                self.set_aside(message, address.unit, "topic")

    def _site(self, address: topics.Address, message: IncomingMessage) -> str:
        """Return the site that the unit belongs to: the register's; where it knows none, what the unit said first."""
        if address.unit not in self._sites:
            now, known = message.heard_ms, self._registered(address.unit)
            self._db.execute(
                "INSERT INTO units(unit, site, first_ms, seen_ms, since_ms) VALUES(?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (address.unit, known or address.site, now, now, now),
            )
            if known:  # also where an earlier release believed the first message
                self._moved(address.unit, known)
            (site,) = self._db.execute("SELECT site FROM units WHERE unit = ?", (address.unit,)).fetchone()
            self._sites[address.unit] = str(site)
        return self._sites[address.unit]

    def _moved(self, unit: str, site: str) -> None:
        """Move a unit to this site, with its runs and what they come to."""
        if self._db.execute("SELECT 1 FROM units WHERE unit = ? AND site <> ?", (unit, site)).fetchone() is None:
            return
        runs = self._db.execute("SELECT unit, run FROM runs WHERE unit = ?", (unit,)).fetchall()
        with self._sums.changed((str(of), str(run)) for of, run in runs):
            self._db.execute("UPDATE units SET site = ? WHERE unit = ?", (site, unit))

    def _status(self, address: topics.Address, status: Status, message: IncomingMessage) -> None:
        """Take a status; a late will of an earlier life of the agent, or an older report of this one, changes nothing.

        A will was written when its connection began, so its number says nothing.
        """
        row = self._db.execute("SELECT sid, status_seq, online FROM units WHERE unit = ?", (address.unit,)).fetchone()
        sid, seq, online = row
        if sid not in ("", status.sid) and not status.online:
            return
        if sid == status.sid and status.online and status.seq < seq:
            return
        said = msgspec.structs.asdict(status)
        since = "" if bool(online) == status.online else ", since_ms = :now"
        self._db.execute(
            "UPDATE units SET online = :online, sid = :sid, status_seq = :seq, fw = :fw, kind = :kind,"
            f" machine = :machine, run = :run{since} WHERE unit = :unit",
            {**said, "online": int(status.online), "unit": address.unit, "now": message.heard_ms},
        )
        if status.online:
            self._out.answers += self._commands.pending(address.unit, message.heard_ms)
            self._out.answers += self._configs.pending(address.unit)

    # -- facts

    def _event(self, address: topics.Address, message: IncomingMessage, heard: ReceivedFact | None) -> None:
        if heard is None:
            self._unreadable(address, message, "envelope")
            return
        if (heard.site, heard.unit) != (address.site, address.unit) or address.leaf != topics.fact_leaf(
            heard.fact.type
        ):
            self.set_aside(message, address.unit, "source")
            self._rollup.open(address.unit, "source", f"{heard.site}/{heard.unit}"[:80], message.heard_ms)
            return
        self._due[address.unit, heard.fact.epoch] = address.site
        books = self._books.look(address.unit, heard.fact.epoch)
        if books.frozen(heard.fact.seq):
            self._clash(heard, message)
        elif books.seqs.seen(heard.fact.seq):
            self._again(heard, message)
        else:
            self._books.change(heard.unit, heard.fact.epoch).seqs.hear(heard.fact.seq)
            self._store(heard, message)

    def _again(self, heard: ReceivedFact, message: IncomingMessage) -> None:
        """Take a number that was heard before: the same words, other words, or one that was given up."""
        said = self._known.said((heard.unit, heard.fact.epoch, heard.fact.seq))
        if said is None:
            self._books.change(heard.unit, heard.fact.epoch).seqs.found()
            self._store(heard, message)
        elif said != heard.digest:
            self._books.change(heard.unit, heard.fact.epoch).frozen_from = heard.fact.seq
            self._clash(heard, message)

    def _store(self, heard: ReceivedFact, message: IncomingMessage) -> None:
        """Keep a new fact; one of unknown type or shape is kept aside under its number, with its digest."""
        if heard.fact.was and self._known.told_before(heard):
            return
        fact, timeq = self._instants.right(heard, message.heard_ms)
        said = heard.digest
        self._known.keep((heard.unit, fact.epoch, fact.seq), said)
        try:
            if heard.version != 1 or self._unread:
                raise KeyError(fact.type)
            data = f.decode_data(fact.type, fact.data)
        except (KeyError, msgspec.DecodeError):
            self.set_aside(message, heard.unit, f"fact:{said}", fact.epoch, fact.seq)
            self._rollup.open(heard.unit, "unknown", fact.type[:80], message.heard_ms)
            return
        fact, data = self.erasing.hidden(heard.site, fact, data)
        self.erasing.heard(heard.unit, fact.at_ms, message.heard_ms)
        self._out.stored += 1
        self._rows.append(_row(heard, said, fact, timeq, message.heard_ms))
        self._fold(heard, fact, data, message.heard_ms)

    def _fold(self, heard: ReceivedFact, fact: Fact, data: msgspec.Struct, now_ms: int) -> None:
        """Apply what a new fact changes beside itself."""
        if isinstance(data, f.StorageSummarised):
            self._forget(heard, data, now_ms)
        if isinstance(data, f.StorageSalvaged):
            self._mark_salvaged(heard, data)
        if isinstance(data, f.LearnerKept) and data.learner != GUEST:
            told_ms = data.at_ms if message_bounds.instant(data.at_ms, now_ms) is not None else now_ms
            self._learners.keep(heard.site, msgspec.structs.replace(data, at_ms=told_ms))
        if isinstance(data, f.LearnerAsked) and data.learner != GUEST:  # answered when the whole batch is written
            self._asked[heard.unit, data.learner] = now_ms
        self._rollup.take(heard.unit, fact, data, now_ms)

    def _mark_salvaged(self, heard: ReceivedFact, data: f.StorageSalvaged) -> None:
        """Want all that the unit once numbered of a broken file's epoch, here or under another name."""
        if data.epoch and data.last > 0 and data.epoch != heard.fact.epoch:
            self._books.change(heard.unit, data.epoch).seqs.reach(data.last)

    def _forget(self, heard: ReceivedFact, data: f.StorageSummarised, now_ms: int) -> None:
        """Give up a range that will never come; the fact's own number is no loss unless it stands for a
        fact too large.
        """
        if not 0 < data.count == data.last - data.first + 1:
            # Eviction by priority leaves survivors between: the range stays missing, and the unit, asked for it, sends
            # them and declares exactly what is gone.
            return
        epoch = data.epoch or heard.fact.epoch
        seqs = self._books.change(heard.unit, epoch).seqs
        itself = epoch == heard.fact.epoch and data.first <= heard.fact.seq <= data.last
        lost = seqs.forget(data.first, data.last) + itself
        seqs.lost += itself
        if lost:
            row = (heard.unit, epoch, data.first, data.last, now_ms)
            self._db.execute(
                "INSERT INTO gone(unit, epoch, first, last, told_ms) VALUES(?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", row
            )
            self._rollup.open(heard.unit, "lost", epoch, now_ms)
        self._due[heard.unit, epoch] = self._sites[heard.unit]

    def _clash(self, heard: ReceivedFact, message: IncomingMessage) -> None:
        """Believe nothing from a number that was used twice until the unit begins a new epoch."""
        now, epoch = message.heard_ms, heard.fact.epoch
        self.set_aside(message, heard.unit, "clash", epoch, heard.fact.seq)
        self._rollup.open(heard.unit, "clash", epoch, now)
        # From the first number: what is here already is known by its earlier name, and which of the unit's facts are
        # not, nobody can tell from the number that clashed first.
        args: dict[str, object] = {"epoch": epoch, "start": 1}
        if not self._commands.stands(heard.unit, "epoch.renew", args, now):
            command = Command(f"renew-{epoch}-{now}", "epoch.renew", args, now + RENEW_MS)
            self._out.answers.append(self._commands.send(heard.site, heard.unit, command, now))

    def set_aside(self, message: IncomingMessage, unit: str, reason: str, epoch: str = "", seq: int = 0) -> None:
        """Keep what cannot be counted, once."""
        digest = hashlib.blake2b(message.topic.encode() + b"\n" + message.payload, digest_size=16).hexdigest()
        row = (digest, message.topic, unit, epoch, seq, reason, message.heard_ms, message.payload)
        self._db.execute(
            "INSERT INTO quarantine(digest, topic, unit, epoch, seq, reason, heard_ms, payload)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            row,
        )

    def dismiss(self, unit: str, kind: str, about: str, now_ms: int) -> None:
        """Close an alert that a person has seen to."""
        self._rollup.close(unit, kind, about, now_ms)

    def command(self, unit: str, command: Command, now_ms: int) -> OutgoingMessage:
        """Write a command down before it is sent.

        Raises:
            LookupError: the office has never heard of this unit.
        """
        return self._commands.send(self.site(unit), unit, command, now_ms)

    def want(self, unit: str, version: int, toml: str, document: str, now_ms: int) -> OutgoingMessage:
        """Write a signed configuration down before it is sent. Raises as `command`, and where its number is taken."""
        return self._configs.want(self.site(unit), unit, version, toml, document, now_ms)

    def site(self, unit: str) -> str:
        """Return the site that a unit belongs to.

        Raises:
            LookupError: the office has never heard of this unit.
        """
        row = self._db.execute("SELECT site FROM units WHERE unit = ?", (unit,)).fetchone()
        if row is None:
            raise LookupError(unit)
        return str(row[0])


def _row(heard: ReceivedFact, said: str, fact: Fact, timeq: str, heard_ms: int) -> tuple[str | int, ...]:
    boot, up_ms = (fact.stamp.boot, fact.stamp.up_ms) if fact.stamp else ("", 0)
    name = (heard.unit, fact.epoch, fact.seq, said)
    return (*name, fact.type, fact.at_ms, timeq, heard_ms, fact.data.decode(), boot, up_ms)
