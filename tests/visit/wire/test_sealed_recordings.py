"""A recording is for the office's key alone, and what a cut tears off is the end and nothing else."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.system.state_folders import AGENT_READABLE
from kiosk_firmware.visit.wire import recording_upload
from kiosk_firmware.visit.wire.messages import Fetch
from kiosk_firmware.visit.wire.recording_encryption import HEAD, RecordingPart, Sealer, open_recording

KEY = ec.generate_private_key(ec.SECP256R1())
SEAL = (
    KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
)
SHORT = st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=6)


def written(path, pieces, visit="HJ000001"):
    """A part of these pieces, each its own chunk; the lengths of the file after each."""
    lengths = []
    with Sealer(path, visit, SEAL) as sealer:
        for piece in pieces:
            sealer.write(piece)
            sealer.flush()
            lengths.append(path.stat().st_size)
    return lengths


@pytest.fixture
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("calls") / "HJ000001.kvs"


@given(pieces=SHORT)
@settings(max_examples=20, deadline=None)
def test_what_was_sealed_comes_back(tmp_path_factory, pieces):
    path = tmp_path_factory.mktemp("calls") / "one.kvs"
    written(path, pieces)
    assert open_recording(path.read_bytes(), KEY, "HJ000001") == (RecordingPart(b"".join(pieces), True),)
    assert path.stat().st_mode & 0o777 == AGENT_READABLE


@given(pieces=SHORT, share=st.floats(0, 1) | st.just(1.0), after=SHORT)
@settings(max_examples=60, deadline=None)
def test_a_cut_at_any_byte_costs_what_was_not_flushed(tmp_path_factory, pieces, share, after):
    """... and a visit that goes on afterwards is a part of its own in the same file."""
    path = tmp_path_factory.mktemp("calls") / "one.kvs"
    lengths = written(path, pieces)
    size = path.stat().st_size
    cut = int(share * size)
    path.write_bytes(path.read_bytes()[:cut])
    held = b"".join(pieces[: sum(length <= cut for length in lengths)])
    first = (RecordingPart(held, cut == size),) if cut >= HEAD else ()
    assert open_recording(path.read_bytes(), KEY, "HJ000001") == first
    written(path, after)
    assert open_recording(path.read_bytes(), KEY, "HJ000001") == (*first, RecordingPart(b"".join(after), True))


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_any_changed_bit_is_noticed(tmp_path_factory, at, bit):
    """Nothing that was changed is ever played as if it were whole."""
    path = tmp_path_factory.mktemp("calls") / "one.kvs"
    written(path, [b"one" * 40, b"two" * 40])
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 1 << bit
    try:
        parts = open_recording(bytes(data), KEY, "HJ000001")
    except ValueError:
        return
    assert not any(part.whole for part in parts)


def test_another_key_or_visit_opens_nothing(path):
    written(path, [b"talk"])
    with pytest.raises(ValueError, match="does not open"):
        open_recording(path.read_bytes(), ec.generate_private_key(ec.SECP256R1()), "HJ000001")
    with pytest.raises(ValueError, match="does not open"):
        open_recording(path.read_bytes(), KEY, "HJ000002")
    assert b"talk" not in path.read_bytes()


def test_a_seal_that_is_none_is_refused_before_anything_is_written(path):
    with pytest.raises(ValueError, match="seal"):
        Sealer(path, "HJ000001", "no key")
    assert not path.exists()


def test_the_office_fetches_what_is_whole_and_says_when_it_may_go(path):
    folder = path.parent
    written(path, [b"a" * 70_000, b"b" * 9_000])
    assert recording_upload.list_unfinished(folder) == ("HJ000001",)
    assert recording_upload.answer_fetch(folder, Fetch(visit="HJ000001", offset=0)) is None
    kept = recording_upload.mark_finished(folder, "HJ000001", 12)
    assert recording_upload.list_waiting(folder) == (kept,)
    assert recording_upload.list_unfinished(folder) == ()
    data = b""
    while len(data) < kept.bytes:
        data += recording_upload.answer_fetch(folder, Fetch(visit="HJ000001", offset=len(data))).data
    assert (len(data), hashlib.sha256(data).hexdigest()) == (kept.bytes, kept.sha256)
    assert recording_upload.answer_fetch(folder, Fetch(visit="HJ000001", offset=0, last=True)) is None
    assert not any(folder.iterdir())
    assert recording_upload.list_waiting(folder) == ()


@pytest.mark.parametrize("number", ["../agent", "", "a/b", "x" * 33, "HJ1.kvs"])
def test_a_number_that_is_no_number_names_no_file(tmp_path, number):
    with pytest.raises(ValueError, match="visit"):
        recording_upload.answer_fetch(tmp_path, Fetch(visit=number, offset=0))
