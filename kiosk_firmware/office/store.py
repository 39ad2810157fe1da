"""The office's writer: what arrived becomes rows, a batch at a time, all or nothing; then it says what to answer.

A fact is named by (unit, epoch, seq). New ones are stored and folded once; one that is here already is answered and
not counted; the same name with other content is set aside, its epoch frozen from there, and the unit told to begin a
new epoch and send again. What this code cannot read is set aside too, but counts as heard: a poisoned message must
not block the rest. A unit belongs to the site under which it was first seen; what it claims under another site is set
aside, unanswered.
"""

from __future__ import annotations

import hashlib
import sqlite3
from importlib import resources
from pathlib import Path

import msgspec

from kiosk_firmware.office.books import Books, Epoch
from kiosk_firmware.office.commands import Answer, Commands
from kiosk_firmware.office.learners import Learners
from kiosk_firmware.office.rollup import Rollup
from kiosk_firmware.telemetry import facts as f
from kiosk_firmware.telemetry import topics
from kiosk_firmware.telemetry.envelope import EnvelopeError, Heard, decode
from kiosk_firmware.telemetry.messages import ENCODE, Command, Health, Reply, Status

RENEW_MS = 3600 * 1000
"""How long a unit has to begin a new epoch before it is told again."""
_FACT = (
    "INSERT INTO facts(unit, epoch, seq, digest, type, at_ms, timeq, heard_ms, data) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Arrived(msgspec.Struct, frozen=True):
    """A message from the broker; `heard_ms` is the office's clock."""

    topic: str
    payload: bytes
    heard_ms: int
    retained: bool = False


class Outcome(msgspec.Struct):
    """What a batch led to: answers to publish, units whose picture changed, and how many facts were new."""

    answers: list[Answer] = []
    touched: set[str] = set()
    stored: int = 0


def connect(path: Path) -> sqlite3.Connection:
    """The writer's connection: WAL and FULL, since an ack promises that the row survives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=10, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.executescript(resources.files("kiosk_firmware.office").joinpath("schema.sql").read_text("utf-8"))
    return db


class Store:
    """The one writer of the office's database."""

    def __init__(self, path: Path) -> None:
        """Open or create the database."""
        self._db = connect(path)
        self._rollup = Rollup(self._db)
        self._books = Books(self._db)
        self._commands = Commands(self._db)
        self._learners = Learners(self._db, self._commands)
        self._asked: dict[tuple[str, str], int] = {}
        self._sites: dict[str, str] = {}
        self._out = Outcome()
        self._due: dict[tuple[str, str], str] = {}
        self._fresh: dict[tuple[str, str, int], str] = {}
        self._rows: list[tuple[str | int, ...]] = []
        self._heard: dict[str, int] = {}

    def close(self) -> None:
        """Close the database; twice is fine."""
        self._db.close()

    def apply(self, batch: list[Arrived]) -> Outcome:
        """Store a batch in one transaction.

        Raises:
            sqlite3.Error: nothing of the batch was stored.
        """
        self._asked = {}
        self._out, self._due, self._fresh, self._rows, self._heard = Outcome([], set()), {}, {}, [], {}
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for message in batch:
                self._take(message)
            self._db.executemany(_FACT, self._rows)
            seen = ((heard_ms, unit) for unit, heard_ms in self._heard.items())
            self._db.executemany("UPDATE units SET seen_ms = ? WHERE unit = ?", seen)
            for (unit, learner), heard_ms in self._asked.items():
                self._out.answers += self._learners.answers(self._sites[unit], unit, learner, heard_ms)
            self._books.write(batch[-1].heard_ms if batch else 0)
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            self._books.forget_all()
            self._sites = {}
            raise
        acks = [self._ack(unit, epoch, site) for (unit, epoch), site in self._due.items()]
        self._out.answers[:0] = acks  # first: what is committed must be let go of before an epoch is renewed
        return self._out

    def _ack(self, unit: str, epoch: str, site: str) -> Answer:
        return Answer(topics.topic(site, unit, "ack"), ENCODE(self._books.look(unit, epoch).ack(epoch)))

    # -- by channel

    def _take(self, message: Arrived) -> None:
        address = topics.parse(message.topic)
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
            self._read(address, message)
        except msgspec.DecodeError:
            self.set_aside(message, address.unit, "shape")

    def _read(self, address: topics.Address, message: Arrived) -> None:
        match address.channel:
            case "evt":
                self._event(address, message)
            case "status":
                self._status(address, msgspec.json.decode(message.payload, type=Status), message)
            case "health":
                msgspec.json.decode(message.payload, type=Health)
                self._db.execute("UPDATE units SET health = ? WHERE unit = ?", (message.payload.decode(), address.unit))
            case "res":
                self._commands.replied(address.unit, msgspec.json.decode(message.payload, type=Reply))
            case _:
                self.set_aside(message, address.unit, "topic")

    def _site(self, address: topics.Address, message: Arrived) -> str:
        """The site that the unit belongs to; seen for the first time, it is the one it says."""
        if address.unit not in self._sites:
            now = message.heard_ms
            self._db.execute(
                "INSERT INTO units(unit, site, first_ms, seen_ms, since_ms) VALUES(?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (address.unit, address.site, now, now, now),
            )
            (site,) = self._db.execute("SELECT site FROM units WHERE unit = ?", (address.unit,)).fetchone()
            self._sites[address.unit] = str(site)
        return self._sites[address.unit]

    def _status(self, address: topics.Address, status: Status, message: Arrived) -> None:
        """A late will of an earlier life of the agent, or an older word of this one, changes nothing.

        A will was written when its connection began, so its number says nothing.
        """
        row = self._db.execute("SELECT sid, status_seq, online FROM units WHERE unit = ?", (address.unit,)).fetchone()
        sid, seq, online = row
        if sid not in ("", status.sid) and not status.online:
            return
        if sid == status.sid and status.online and status.seq < seq:
            return
        since = "" if bool(online) == status.online else ", since_ms = :now"
        self._db.execute(
            "UPDATE units SET online = :online, sid = :sid, status_seq = :seq, fw = :fw, kind = :kind,"
            f" machine = :machine, run = :run{since} WHERE unit = :unit",
            {**msgspec.structs.asdict(status), "unit": address.unit, "now": message.heard_ms},
        )
        if status.online:
            self._out.answers += self._commands.pending(address.unit, message.heard_ms)

    # -- facts

    def _event(self, address: topics.Address, message: Arrived) -> None:
        try:
            heard = decode(message.payload)
        except EnvelopeError:
            self.set_aside(message, address.unit, "envelope")
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
            self._clash(heard, message, books)
        elif books.seqs.seen(heard.fact.seq):
            self._again(heard, message)
        else:
            self._books.change(heard.unit, heard.fact.epoch).seqs.hear(heard.fact.seq)
            self._store(heard, message)

    def _again(self, heard: Heard, message: Arrived) -> None:
        """A number that was heard before: the same words, other words, or one that was given up."""
        name = (heard.unit, heard.fact.epoch, heard.fact.seq)
        said = self._fresh.get(name) or self._said(name)
        if said is None:
            self._books.change(heard.unit, heard.fact.epoch).seqs.found()
            self._store(heard, message)
        elif said != heard.digest:
            books = self._books.change(heard.unit, heard.fact.epoch)
            books.frozen_from = heard.fact.seq
            self._clash(heard, message, books)

    def _said(self, name: tuple[str, str, int]) -> str | None:
        """The digest under which a number was kept, or None where it was given up."""
        row = self._db.execute("SELECT digest FROM facts WHERE unit = ? AND epoch = ? AND seq = ?", name).fetchone()
        if row is None:
            named = "unit = ? AND epoch = ? AND seq = ?"
            aside = f"SELECT substr(reason, 6) FROM quarantine WHERE {named} AND reason LIKE 'fact:%'"
            row = self._db.execute(aside, name).fetchone()
        return None if row is None else str(row[0])

    def _store(self, heard: Heard, message: Arrived) -> None:
        """Keep a new fact; one of unknown type or shape is kept aside under its number, with its digest."""
        fact = heard.fact
        self._fresh[heard.unit, fact.epoch, fact.seq] = heard.digest
        try:
            if heard.version != 1:
                raise KeyError(fact.type)
            data = f.decode_data(fact.type, fact.data)
        except (KeyError, msgspec.DecodeError):
            self.set_aside(message, heard.unit, f"fact:{heard.digest}", fact.epoch, fact.seq)
            self._rollup.open(heard.unit, "unknown", fact.type[:80], message.heard_ms)
            return
        self._out.stored += 1
        self._rows.append(
            (
                heard.unit,
                fact.epoch,
                fact.seq,
                heard.digest,
                fact.type,
                fact.at_ms,
                heard.timeq,
                message.heard_ms,
                fact.data.decode(),
            )
        )
        if isinstance(data, f.StorageSummarised):
            self._forget(heard, data, message.heard_ms)
        if isinstance(data, f.LearnerKept):
            self._learners.keep(heard.site, data)
        if isinstance(data, f.LearnerAsked):  # answered when the whole batch is written
            self._asked[heard.unit, data.learner] = message.heard_ms
        self._rollup.take(heard.unit, fact, data, message.heard_ms)

    def _forget(self, heard: Heard, data: f.StorageSummarised, now_ms: int) -> None:
        """The unit says that a range will never come; its own number is no loss unless it stands for a fact too
        large.
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

    def _clash(self, heard: Heard, message: Arrived, books: Epoch) -> None:
        """A number used twice: nothing from there on is believed until the unit begins a new epoch."""
        now, epoch = message.heard_ms, heard.fact.epoch
        self.set_aside(message, heard.unit, "clash", epoch, heard.fact.seq)
        self._rollup.open(heard.unit, "clash", epoch, now)
        args: dict[str, object] = {"epoch": epoch, "start": books.frozen_from}
        if not self._commands.stands(heard.unit, "epoch.renew", args, now):
            command = Command(f"renew-{epoch}-{now}", "epoch.renew", args, now + RENEW_MS)
            self._out.answers.append(self._commands.send(heard.site, heard.unit, command, now))

    def set_aside(self, message: Arrived, unit: str, reason: str, epoch: str = "", seq: int = 0) -> None:
        """Keep what cannot be counted, once."""
        digest = hashlib.blake2b(message.topic.encode() + b"\n" + message.payload, digest_size=16).hexdigest()
        row = (digest, message.topic, unit, epoch, seq, reason, message.heard_ms, message.payload)
        self._db.execute(
            "INSERT INTO quarantine(digest, topic, unit, epoch, seq, reason, heard_ms, payload)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", row
        )  # fmt: skip

    def dismiss(self, unit: str, kind: str, about: str, now_ms: int) -> None:
        """A person has seen to an alert."""
        self._rollup.close(unit, kind, about, now_ms)

    def command(self, unit: str, command: Command, now_ms: int) -> Answer:
        """Write a command down before it is sent.

        Raises:
            LookupError: the office has never heard of this unit.
        """
        return self._commands.send(self.site(unit), unit, command, now_ms)

    def site(self, unit: str) -> str:
        """The site that a unit belongs to.

        Raises:
            LookupError: the office has never heard of this unit.
        """
        row = self._db.execute("SELECT site FROM units WHERE unit = ?", (unit,)).fetchone()
        if row is None:
            raise LookupError(unit)
        return str(row[0])
