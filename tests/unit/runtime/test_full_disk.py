"""A disk that is full for a while costs no fact; one that stays full costs the least important, and only what it needs.

"Full" is SQLite's own: the file may not grow by a page. What the file system does is tried in `--long` on a real one.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.unit.runtime.disk_reserve import Reserve
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch


def opened(path, **fields):
    return Journal(path, "k0001", patience_ms=0, **fields)


def tell(book, count, prio, size=300):
    for _ in range(count):
        book.submit(Batch(1000, facts=(RunFact("noise.counted", {"at": "x" * size}, prio),)))


def fill(book, is_full):
    (pages,) = book._db.execute("PRAGMA page_count").fetchone()
    book._db.execute(f"PRAGMA max_page_count={pages if is_full else 1_000_000}")


def held(path):
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT prio, count(*) FROM facts WHERE type = 'noise.counted' GROUP BY prio").fetchall()
    return dict(rows)


def gone(path):
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT data FROM facts WHERE type = 'storage.summarised'").fetchall()
    return sum(json.loads(data)["count"] for (data,) in rows)


def test_full_for_a_moment_costs_nothing(tmp_path):
    path = tmp_path / "screen.db"
    book = opened(path)
    for prio in (0, 1, 2):
        tell(book, 40, prio)
    book.commit_now()
    fill(book, True)
    for _ in range(10):
        tell(book, 2, 1)
        book.commit_now()
        book.tidy()
    assert "full" in book.trouble
    fill(book, False)
    book.commit_now()
    book.tidy()
    book.commit_now()
    assert (book.trouble, held(path), gone(path)) == ("", {0: 40, 1: 60, 2: 40}, 0)
    book.close()


def test_full_for_long_costs_what_is_needed_and_the_least_important(tmp_path):
    path = tmp_path / "screen.db"
    book = opened(path, full_s=0)
    for prio in (2, 1, 0):
        tell(book, 400, prio)
    book.commit_now()
    fill(book, True)
    for _ in range(30):
        tell(book, 1, 1)
    for _ in range(20):
        book.commit_now()
    assert book.trouble == ""
    left = held(path)
    assert (left[1], left[2]) == (430, 400)
    assert 0 < gone(path) == 400 - left.get(0, 0) <= 150, "thirty facts need no more room than that"
    book.close()


def test_nothing_more_important_goes_for_what_is_less(tmp_path):
    path = tmp_path / "screen.db"
    book = opened(path, full_s=0)
    tell(book, 300, 2)
    book.commit_now()
    fill(book, True)
    tell(book, 30, 0)
    for _ in range(20):
        book.commit_now()
    assert "full" in book.trouble, "noise waits in memory"
    assert held(path)[2] == 300
    fill(book, False)
    book.commit_now()
    assert (held(path), gone(path)) == ({0: 30, 2: 300}, 0)
    book.close()


def test_the_reserve_is_released_first_and_made_again_when_there_is_room(tmp_path):
    path = tmp_path / "screen.db"
    book = opened(path, full_s=0)
    tell(book, 100, 0)
    book.commit_now()
    book.tidy()
    reserve = tmp_path / "reserve"
    assert reserve.stat().st_blocks * 512 >= 4_000_000
    fill(book, True)
    tell(book, 30, 0)
    book.commit_now()
    assert not reserve.exists()
    assert held(path) == {0: 100}
    fill(book, False)
    book.commit_now()
    book._next_reserve = 0.0
    book.tidy()
    assert reserve.exists()
    assert (held(path), gone(path)) == ({0: 130}, 0)
    book.close()


def test_no_reserve_is_made_where_it_would_be_the_last_room(tmp_path):
    Reserve(tmp_path / "reserve", size=1 << 60).keep()
    assert not (tmp_path / "reserve").exists()


MOMENTS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=12
)


@given(MOMENTS, st.booleans())
@settings(max_examples=40)
def test_each_number_is_there_or_accounted_for_however_often_the_disk_is_full(tmp_path_factory, moments, patient):
    path = tmp_path_factory.mktemp("full") / "screen.db"
    book = opened(path, full_s=3600 if patient else 0)
    for is_full, count, prio, tries in moments:
        fill(book, is_full)
        tell(book, count, prio, size=900)
        for _ in range(tries):
            book.commit_now()
        book.tidy()
    fill(book, False)
    for _ in range(3):
        book.commit_now()
        book.tidy()
    told = sum(count for _, count, _, _ in moments)
    assert sum(held(path).values()) + gone(path) == told
    if patient:
        assert gone(path) == 0
    with closing(sqlite3.connect(path)) as db:
        (high, last) = db.execute("SELECT max(seq), (SELECT n FROM counter) FROM facts").fetchone()
    assert (high or 0) == last
    book.close()


def fill_up(hog):
    with suppress(OSError), hog.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32m", "none", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only where a file system may be mounted")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.long
def test_a_real_file_system_that_is_full_and_has_room_again(small_disk):
    """32 MiB, filled to the last block by somebody else while a unit writes."""
    path = small_disk / "screen.db"
    book = opened(path)
    tell(book, 500, 1)
    book.commit_now()
    book.tidy()
    (small_disk / "reserve").unlink()
    for time in range(3):
        hog = small_disk / "hog"
        fill_up(hog)
        tell(book, 8000, 2)
        for _ in range(5):
            book.commit_now()
        assert "full" in book.trouble or time, "later on the log has room of its own"
        hog.unlink()
        book.commit_now()
        assert book.trouble == ""
    assert (held(path), gone(path)) == ({1: 500, 2: 24000}, 0)
    book.close()


@pytest.mark.long
def test_a_real_file_system_whose_reserve_is_taken_too_keeps_all_until_there_is_room(small_disk):
    """Somebody takes each block that is given back. The log holds some more, then facts wait in memory."""
    path = small_disk / "screen.db"
    book = opened(path, full_s=0)
    tell(book, 4000, 1)
    book.commit_now()
    book.tidy()
    for n in range(60):
        fill_up(small_disk / f"hog-{n}")
        tell(book, 50, 2)
        for _ in range(3):
            book.commit_now()
    assert "full" in book.trouble
    for hog in small_disk.glob("hog-*"):
        hog.unlink()
    book.commit_now()
    assert (book.trouble, held(path), gone(path)) == ("", {1: 4000, 2: 3000}, 0)
    book.close()


def left_full(folder):
    """A unit that was ended in order, and a disk that somebody filled to the last block since."""
    book = opened(folder / "screen.db")
    tell(book, 500, 1)
    book.commit_now()
    book.tidy()
    book.close()
    fill_up(folder / "hog")


def test_a_start_on_a_full_disk_gives_up_the_reserve_and_says_so(small_disk):
    left_full(small_disk)
    book = opened(small_disk / "screen.db")
    assert book.found.salvaged is None
    assert not list(small_disk.glob("*.corrupt-*")), "a file is not damaged because there is no room beside it"
    assert "full" in book.trouble
    tell(book, 100, 2)
    book.commit_now()
    assert (book.trouble, held(book.path), gone(book.path)) == ("", {1: 500, 2: 100}, 0)
    book.close()


def test_a_start_on_a_disk_without_any_room_says_what_to_do_and_changes_nothing(small_disk):
    left_full(small_disk)
    (small_disk / "reserve").unlink()
    fill_up(small_disk / "hog-2")
    with pytest.raises(OSError, match=r"full.*make room") as told:
        opened(small_disk / "screen.db")
    assert told.value.filename == str(small_disk / "screen.db")
    for hog in small_disk.glob("hog*"):
        hog.unlink()
    book = opened(small_disk / "screen.db")
    assert (book.found.salvaged, held(book.path)) == (None, {1: 500})
    book.close()


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(request, tmp_path):
    """A real file system of 32 MiB."""
    folder, image = tmp_path / "small", tmp_path / "image"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32m", "none", str(folder)]
    if request.param == "ext4":
        subprocess.run(["truncate", "-s", "32M", image], check=True)
        if (
            not shutil.which("mkfs.ext4")
            or subprocess.run(["mkfs.ext4", "-q", "-m0", "-b4096", image], check=False).returncode
        ):
            pytest.skip("only where there is mkfs.ext4")
        mount = ["mount", "-o", "loop", str(image), str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only where a file system may be mounted")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def without_any_room(folder):
    left_full(folder)
    (folder / "reserve").unlink()
    fill_up(folder / "hog-2")
    assert shutil.disk_usage(folder).free == 0


def make_room_on(folder):
    for hog in folder.glob("hog*"):
        hog.unlink()


def test_a_start_without_any_room_goes_on_in_memory_and_comes_back_whole(disk, tmp_path):
    """Learning goes on, a start of the process costs nothing, and with room all comes to its place."""
    without_any_room(disk)
    memory = tmp_path / "memory"
    for _ in range(2):  # the process starts anew while the disk is full
        book = opened(disk / "screen.db", memory=memory)
        assert (book.path, book.status()["in_memory"]) == (memory / "screen.db", True)
        assert "full" in book.status()["trouble"]
        heard = []
        book.submit(Batch(1000, facts=(RunFact("noise.counted", {"at": "new"}, 2),)), heard.append)
        book.commit_now()
        book.tidy()
        assert (heard, book.is_to_return) == ([True], False)
        book._db.close()
    epoch = book.epoch
    make_room_on(disk)
    assert book.is_to_return
    book = opened(disk / "screen.db", memory=memory)
    assert (book.path, book.epoch, book.status()["trouble"]) == (disk / "screen.db", epoch, "")
    assert (book.found.last_seq, held(book.path), gone(book.path)) == (502, {1: 500, 2: 2}, 0)
    assert not list(memory.iterdir())
    book.close()


def test_an_end_in_order_brings_it_back_where_there_is_room(disk, tmp_path):
    without_any_room(disk)
    book = opened(disk / "screen.db", memory=tmp_path / "memory")
    tell(book, 3, 2)
    make_room_on(disk)
    book.close()
    assert held(disk / "screen.db") == {1: 500, 2: 3}


def test_a_power_cut_meanwhile_is_told_with_the_numbers(disk, tmp_path):
    """What was in memory is gone; the marks beside the file know how far it went, and the office hears of it."""
    without_any_room(disk)
    memory = tmp_path / "memory"
    book = opened(disk / "screen.db", memory=memory)
    epoch = book.epoch
    tell(book, 7, 2)
    book.commit_now()
    book.tidy()
    book._db.close()
    shutil.rmtree(memory)
    make_room_on(disk)
    book = opened(disk / "screen.db", memory=memory)
    assert (book.epoch != epoch, held(book.path)) == (True, {1: 500})
    with closing(sqlite3.connect(book.path)) as db:
        told = [json.loads(row[0]) for row in db.execute("SELECT data FROM facts WHERE type = 'storage.salvaged'")]
    assert [(one["epoch"], one["last"]) for one in told] == [(epoch, 507)]
    book.close()


def test_memory_that_fills_up_lets_the_least_important_go_and_says_how_many(disk, tmp_path):
    without_any_room(disk)
    book = opened(disk / "screen.db", memory=tmp_path / "memory", limit_bytes=100_000)
    tell(book, 100, 0)
    tell(book, 100, 2)
    for _ in range(4):
        book.commit_now()
        book.tidy()
    left = held(book.path)
    assert (left[2], gone(book.path)) == (100, 700 - sum(left.values()))
    assert left.get(0, 0) == 0 < left[1], "noise first"
    make_room_on(disk)
    book.close()
    assert held(disk / "screen.db") == left
