"""systemd is fed against proofs only: a loop, a writer or a broker's link that hangs starves it."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.shell.liveness import ScreenLiveness
from kiosk_firmware.wire.systemd_watchdog import Watchdog
from tests.wire.rig import wait

PROOFS = ("frame", "written")


@given(st.lists(st.sampled_from(["due", *PROOFS, "other"]), max_size=40))
def test_a_feed_needs_every_proof_of_its_round(acts):
    """Whatever comes in whatever order: never more feeds than rounds, and each after all of its proofs."""
    dog, now, wanted, rounds = Watchdog(PROOFS, {}), 0.0, set(), 0
    for act in acts:
        now += 100
        if act == "due":
            assert dog.due(now) is not bool(wanted)
            if not wanted:
                wanted, rounds = set(PROOFS), rounds + 1
            continue
        dog.proved(act)
        wanted.discard(act)
        assert dog.feeds == (rounds if not wanted else rounds - 1)
        assert dog.waiting is bool(wanted)


@pytest.fixture
def systemd(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(30)
        yield line, {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000000"}


def test_systemd_hears_it(systemd):
    line, environ = systemd
    dog = Watchdog(PROOFS, environ)
    assert dog.round_s == 5
    dog.ready()
    dog.due(100)
    for proof in PROOFS:
        dog.proved(proof)
    assert [line.recv(64) for _ in range(2)] == [b"READY=1", b"WATCHDOG=1"]


def test_nobody_listens_and_nothing_breaks(tmp_path):
    Watchdog(PROOFS, {"NOTIFY_SOCKET": str(tmp_path / "nobody")}).ready()


def test_a_frame_alone_feeds_nothing_while_the_writer_stands_still(tmp_path):
    frames: list[int] = []
    journal = Journal(tmp_path / "screen.db", "jia-atm-01")
    alive = ScreenLiveness(lambda: frames.append(1), journal)
    try:
        alive.tick()
        assert frames, "a frame is asked for"
        alive.framed()
        assert alive.watchdog.waiting, "its writer has not begun to work"
        journal.start()
        wait(lambda: alive.watchdog.feeds == 1, "the writer's answer")
    finally:
        journal.close()
