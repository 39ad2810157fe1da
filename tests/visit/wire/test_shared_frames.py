"""Pictures between two processes: never torn, never old, and a file that is replaced is found again."""

from __future__ import annotations

import threading

import pytest

from kiosk_firmware.visit.wire.shared_frames import Reader, Writer

WIDE, HIGH = 64, 48


def plain(value: int) -> bytes:
    """A picture of one value: a torn one would have two."""
    return bytes([value]) * (WIDE * HIGH * 3)


def test_a_reader_never_sees_a_torn_or_an_older_picture(tmp_path):
    path, writer = tmp_path / "far.frames", Writer(tmp_path / "far.frames", WIDE, HIGH)
    done = threading.Event()

    def write() -> None:
        for n in range(4000):
            writer.put(plain(n % 256), n)
        done.set()

    reader, seen = Reader(path), 0
    thread = threading.Thread(target=write)
    thread.start()
    while not done.is_set():
        picture = reader.newer(seen)
        if picture is not None:
            assert picture.count > seen
            assert len(set(picture.rgb)) == 1, "torn"
            assert picture.rgb[0] == (picture.count - 1) % 256 == picture.stamp_ms % 256
            seen = picture.count
    thread.join()
    last = reader.newer(seen) or reader.newer(0)
    assert last is not None
    assert (last.count, last.width, last.height) == (4000, WIDE, HIGH)


def test_what_is_not_there_is_nothing_and_a_new_file_is_found(tmp_path):
    path = tmp_path / "far.frames"
    reader = Reader(path)
    assert reader.newer(0) is None
    Writer(path, WIDE, HIGH)
    assert reader.newer(0) is None, "no picture was put there yet"
    Writer(path, 8, 8).put(bytes(192), 1)
    found = reader.newer(0)
    assert found is not None
    assert (found.width, found.height) == (8, 8)
    assert path.stat().st_mode & 0o027 == 0, "besides the screen, which is of the group, nobody may look"
    path.unlink()
    assert reader.newer(found.count) is None


def test_a_picture_of_another_size_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected 9216"):
        Writer(tmp_path / "far.frames", WIDE, HIGH).put(b"x", 0)
