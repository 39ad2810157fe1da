"""Recordings at the office: they come whole through lost, doubled and torn pieces and crashes, and then they go."""

from __future__ import annotations

import hashlib
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk_firmware.visit.office.recordings import DAY_MS
from kiosk_firmware.visit.office.visits_db import VisitRefusedError
from kiosk_firmware.visit.wire.messages import Kept, Piece
from kiosk_firmware.visit.wire.recording_encryption import Sealer
from tests.visit.office.conftest import Office

PIECE = 300


class Unit:
    """Holds a sealed file and answers for any piece of it."""

    def __init__(self, office: Office, person: str) -> None:
        self.kept = office.approved(person=person, unit=f"u-{person[:8]}", station=f"s-{person[:8]}")
        self.number = self.kept.case.number
        path = office.folder / f"{self.number}.kvs"
        for words in (b"what was said " * 100, b"after the cut"):
            with Sealer(path, self.number, office.recordings.seal(self.kept.id)) as sealer:
                sealer.write(words)
        self.sealed = path.read_bytes()
        path.unlink()

    def word(self) -> Kept:
        digest = hashlib.sha256(self.sealed).hexdigest()
        return Kept(visit=self.number, bytes=len(self.sealed), sha256=digest, seconds=9)

    def piece(self, offset: int, spoilt: bool = False) -> Piece:
        data = self.sealed[offset : offset + PIECE]
        return Piece(visit=self.number, offset=offset, data=b"\0" * len(data) if spoilt else data)


def fetched(office: Office, unit: Unit) -> None:
    office.recordings.kept(unit.kept.id, unit.word())
    while (fetch := office.recordings.wanted(unit.kept.id, unit.number)) and not fetch.last:
        assert office.recordings.took(unit.kept.id, unit.piece(fetch.offset))


def test_it_comes_is_opened_in_memory_only_and_goes_for_good(office: Office) -> None:
    unit = Unit(office, "a" * 16)
    fetched(office, unit)
    parts = office.recordings.parts(unit.kept.id, unit.number)
    assert [(part.data, part.whole) for part in parts] == [(b"what was said " * 100, True), (b"after the cut", True)]
    copy = office.folder / "copy"
    copy.write_bytes((office.folder / "recordings" / f"{unit.number}.sealed").read_bytes())
    private = office.room.db.rows("SELECT private FROM seals")[0]["private"]
    assert office.recordings.expire() == []
    office.now_ms += office.policy.keep_days * DAY_MS
    with pytest.raises(VisitRefusedError, match="days are over"):
        office.recordings.parts(unit.kept.id, unit.number)
    assert office.recordings.expire() == [(unit.kept.id, unit.number)]
    assert not (office.folder / "recordings" / f"{unit.number}.sealed").exists()
    secret = private.splitlines()[1].encode()
    for path in office.folder.glob("visits.db*"):
        assert secret not in path.read_bytes(), f"the key still stands in {path.name}: the copy could be read"
    assert office.recordings.wanted(unit.kept.id, unit.number).last
    office.recordings.kept(unit.kept.id, unit.word())
    assert office.recordings.wanted(unit.kept.id, unit.number).last, "told again it is not fetched again"


PEOPLE, SMALL = itertools.count(1), st.integers(0, 7)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoilt=st.sets(SMALL), times=st.lists(st.integers(0, 2), max_size=8), crashes=st.sets(SMALL))
def test_lost_doubled_spoilt_pieces_and_crashes_cost_time_only(office: Office, spoilt, times, crashes) -> None:
    unit = Unit(office, f"{next(PEOPLE):08x}" + "0" * 8)
    office.recordings.kept(unit.kept.id, unit.word())
    for n in range(100):
        fetch = office.recordings.wanted(unit.kept.id, unit.number)
        if fetch.last:
            break
        for _ in range(times[n] if n < len(times) else 1):
            office.recordings.took(unit.kept.id, unit.piece(fetch.offset, n in spoilt))
        if n in crashes:
            office.room.close()
            office.start()
    parts = office.recordings.parts(unit.kept.id, unit.number)
    assert b"".join(part.data for part in parts) == b"what was said " * 100 + b"after the cut"


@pytest.mark.parametrize("word", [{"bytes": 0}, {"bytes": 1 << 40}, {"sha256": "../../x"}])
def test_what_is_no_recording_is_not_fetched(office: Office, word) -> None:
    kept = office.approved()
    said = {"visit": kept.case.number, "bytes": 10, "sha256": "0" * 64, "seconds": 1, **word}
    office.recordings.kept(kept.id, Kept(**said))
    assert office.recordings.wanted(kept.id, kept.case.number) is None
    with pytest.raises(VisitRefusedError, match="no recording"):
        office.recordings.parts(kept.id, kept.case.number)


def test_a_learner_who_is_forgotten_leaves_nothing_behind_and_others_do(office: Office) -> None:
    gone, other = Unit(office, "a" * 16), Unit(office, "b" * 16)
    for unit in (gone, other):
        fetched(office, unit)
    office.calls.suspend(gone.kept, 3)
    private = office.room.db.rows("SELECT private FROM seals WHERE request = ?", gone.kept.id)[0]["private"]
    assert office.room.forget("yi", "a" * 16) == 0
    assert office.room.forget("jia", "a" * 16) == 1
    assert [path.name for path in (office.folder / "recordings").iterdir()] == [f"{other.number}.sealed"]
    for path in office.folder.glob("visits.db*"):
        for said in (b"a" * 16, gone.number.encode(), private.splitlines()[1].encode()):
            assert said not in path.read_bytes(), path.name
    assert office.recordings.parts(other.kept.id, other.number)
