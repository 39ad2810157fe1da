"""The supervisor's lock: no default, no digit on the disk, five failures bar it for ten minutes, restart or not."""

from __future__ import annotations

import logging
import random
import threading

import pytest

from kiosk_firmware.unit.shell.supervisor_lock import BARRED_MS, TRIES, SupervisorLock

CODE, CARD = "246813", "9900990000000017"


class Clock:
    now = 1_700_000_000_000

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def made(folder, clock):
    lock = SupervisorLock(folder, clock)
    lock.set("code", 1, bytearray(CODE.encode()))
    lock.set("card", 2, bytearray(CARD.encode()))
    return lock


def secret(text=CODE):
    return bytearray(text.encode())


def test_without_a_code_nobody_gets_in(tmp_path, clock):
    lock = SupervisorLock(tmp_path, clock)
    assert (lock.knows("code"), lock.knows("card")) == (False, False)
    assert lock.judge("code", secret("000000")).who == 0
    assert lock.judge("card", secret("")).who == 0


def test_codes_and_cards_let_their_own_number_in(tmp_path, clock):
    made(tmp_path, clock)
    lock = SupervisorLock(tmp_path, clock)  # as after a restart
    assert lock.judge("code", secret()).who == 1
    assert lock.judge("card", secret(CARD)).who == 2
    assert lock.judge("card", secret()).who == 0
    assert lock.next_who() == 3
    lock.set("code", 1, secret("135792"))
    assert lock.judge("code", secret()).who == 0
    assert lock.judge("code", secret("135792")).who == 1


def test_two_supervisors_never_share_a_code_and_weak_ones_are_refused(tmp_path, clock):
    lock = made(tmp_path, clock)
    for code in (CODE, "123456", "000000", "12345", "12345a", "1234567", ""):
        given = secret(code)
        with pytest.raises(ValueError, match=r"code") as raised:
            lock.set("code", 9, given)
        assert not code or code not in str(raised.value)
        assert not any(given)


def test_five_failures_bar_the_door_and_a_restart_does_not_open_it(tmp_path, clock):
    made(tmp_path, clock)
    lefts = []
    for n in range(TRIES):
        verdict = SupervisorLock(tmp_path, clock).judge(
            ("code", "card")[n % 2], secret("111222")
        )  # a restart between any two
        lefts.append(verdict.left)
    assert lefts == [4, 3, 2, 1, 0]
    assert verdict.barred_ms == BARRED_MS
    clock.now += BARRED_MS - 1
    assert SupervisorLock(tmp_path, clock).judge("code", secret()).who == 0
    clock.now += 1
    assert SupervisorLock(tmp_path, clock).judge("code", secret()).who == 1


def test_who_gets_in_has_all_tries_again(tmp_path, clock):
    lock = made(tmp_path, clock)
    for _ in range(TRIES - 1):
        lock.judge("code", secret("111222"))
    assert lock.judge("code", secret()).who == 1
    assert lock.judge("code", secret("111222")).left == TRIES - 1


def test_a_clock_that_was_set_back_lengthens_nothing(tmp_path, clock):
    lock = made(tmp_path, clock)
    for _ in range(TRIES):
        lock.judge("code", secret("111222"))
    clock.now -= 86_400_000
    assert lock.barred_ms() == BARRED_MS
    clock.now += BARRED_MS
    assert lock.barred_ms() == 0


def test_nothing_typed_stands_anywhere(tmp_path, clock, caplog):
    caplog.set_level(logging.DEBUG)
    lock = made(tmp_path, clock)
    chance = random.Random(5)
    for _ in range(3):
        digits = "".join(chance.sample("0123456789", 6))
        for count, digit in enumerate(digits, 1):
            assert lock.press(digit) == count
        assert lock.press("7") == 6
        taken = lock.take()
        assert taken == digits.encode()
        lock.judge("code", taken)
        assert not any(taken)
        kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert digits.encode() not in kept
        assert digits not in caplog.text + repr(lock)
    assert CODE.encode() not in kept
    assert CARD.encode() not in kept
    assert (tmp_path / "staff.key").stat().st_mode & 0o077 == 0


def test_the_eraser_and_clearing(tmp_path, clock):
    lock = made(tmp_path, clock)
    assert [lock.press(value) for value in ("1", "2", "<", "<", "<", "x", "5")] == [1, 2, 1, 0, 0, 0, 1]
    lock.clear()
    assert lock.take() == b""


def test_wrong_tries_at_once_are_each_counted(tmp_path, clock, monkeypatch):
    """Two looks at once would read one count and write it twice: five threads bar the door, whatever their order."""
    lock, together = made(tmp_path, clock), threading.Barrier(TRIES)
    reading = lock._memory.get

    def slow(key, other):
        found = reading(key, other)
        if key == "wrong":
            gone.wait(0.05)
        return found

    gone = threading.Event()
    monkeypatch.setattr(lock._memory, "get", slow)

    def tried():
        together.wait()
        lock.judge("code", secret("135790"))

    threads = [threading.Thread(target=tried) for _ in range(TRIES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lock.barred_ms()
