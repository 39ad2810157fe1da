"""An office's day as one process, for `trace`: `python -m tests.storage.office_day FOLDER GIVEN`. See `unit_day`.

What it promises is what units let go of their only copy for (facts, recordings), and what people were told is done.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.database.connection import connect
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.office.rollouts.bundle_store import BundleStore
from kiosk_firmware.office.visit_calls.invitations import Invitations
from kiosk_firmware.visit.office.service import VisitService
from kiosk_firmware.visit.wire.messages import Kept, Piece
from kiosk_firmware.visit.wire.recording_encryption import Sealer
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.envelope import Fact, encode
from tests.storage.trace import ACKS
from tests.storage.unit_day import LESSON
from tests.visit.office import conftest as visits

EPOCH, UNIT, SITE = "0123456789abcdef", "jia-atm-01", "jia"
PIECE = 3000


class Visits(visits.Office):
    """A room of visits that syncs as in life."""

    def start(self) -> None:
        self.room = VisitService(self.folder, self.policy, lambda: self.now_ms)
        self.store, self.calls, self.recordings = self.room.store, self.room.calls, self.room.recordings


class Day:
    """`root`: `office` is the state folder of an office with an authority."""

    def __init__(self, root: Path, given: Path) -> None:
        self.given, self.state = given, root / "office"
        self._acks = os.open(root / ACKS, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def promise(self, what: str, **data: object) -> None:
        os.write(self._acks, json.dumps({"what": what, **data}).encode() + b"\n")

    def run(self) -> None:
        connect(self.state / "office.db").close()
        store, people = FactStore(self.state / "office.db"), AccountService(self.state)
        room = Visits(self.state)
        self._token(room)
        for n in (1, 2, 3):
            self._facts(store, n)
            people.note("somebody", "looked", str(n))
            self.promise("noted", about=str(n))
            self._recording(room, n)
            self._shelf(n)
            machine_loader.keep("atm", LESSON.format(n=n), self.state / "lessons.d")
            self.promise("lesson", id=f"take-{n}", file=LESSON.format(n=n))
        room.room.close()
        people.close()
        store.close()

    def _token(self, room: Visits) -> None:
        Invitations(room.room, self.state)
        key = (self.state / "visits.key").read_bytes()
        self.promise("visits key", sha256=hashlib.sha256(key).hexdigest())

    def _facts(self, store: FactStore, n: int) -> None:
        facts = [
            Fact(EPOCH, seq, now_ms(), "noise.counted", b'{"at":"coin_acceptor","kind":"lone","count":1}')
            for seq in range(n * 5 - 4, n * 5 + 1)
        ]
        topic = topics.topic(SITE, UNIT, "evt", topics.fact_leaf("noise.counted"))
        outcome = store.apply([IncomingMessage(topic, encode(SITE, UNIT, one, "synced"), now_ms()) for one in facts])
        for answer in outcome.answers:
            self.promise("acked", upto=json.loads(answer.payload)["upto"])

    def _recording(self, room: Visits, n: int) -> None:
        kept = room.approved(person=f"{n:016x}", unit=f"u-{n}23", station=f"s-{n}23")
        number, path = kept.case.number, self.given / f"{n}.kvs"
        with Sealer(path, number, room.recordings.seal(kept.id)) as sealer:
            for _ in range(3):
                sealer.write(os.urandom(4000))
                sealer.flush()
        sealed = path.read_bytes()
        digest = hashlib.sha256(sealed).hexdigest()
        room.recordings.kept(kept.id, Kept(visit=number, bytes=len(sealed), sha256=digest, seconds=9))
        while (fetch := room.recordings.wanted(kept.id, number)) and not fetch.last:
            data = sealed[fetch.offset : fetch.offset + PIECE]
            room.recordings.took(kept.id, Piece(visit=number, offset=fetch.offset, data=data))
        self.promise("recording", number=number, sha256=digest)

    def _shelf(self, n: int) -> None:
        made = BundleStore(self.state).add(self.given / f"content-{n}", now_ms())
        self.promise("shelf", version=str(n), sha256=made.sha256)


if __name__ == "__main__":
    Day(Path(sys.argv[1]), Path(sys.argv[2])).run()
