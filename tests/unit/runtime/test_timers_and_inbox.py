"""Timers and inbox: stale expiries count nothing, posts from any thread come out in order and wake once."""

from __future__ import annotations

import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.unit.runtime.inbox import Inbox
from kiosk_firmware.unit.runtime.timers import Expired, Timers
from tests.unit.runtime.rig import Clock

NAMES = st.sampled_from("abc")
ACTS = st.one_of(
    st.tuples(st.just("start"), NAMES, st.integers(0, 50)),
    st.tuples(st.just("stop"), NAMES, st.just(0)),
    st.tuples(st.just("turn"), NAMES, st.integers(0, 60)),
    st.tuples(st.just("due"), NAMES, st.just(0)),
)


@given(st.lists(ACTS, max_size=40))
def test_an_expiry_counts_once_and_only_for_the_start_it_belongs_to(acts):
    clock = Clock()
    timers = Timers(clock)
    running: dict[str, int] = {}
    waiting: list[Expired] = []
    for act, name, ms in acts:
        if act == "start":
            timers.start(name, ms)
            running[name] = clock.now + ms
        elif act == "stop":
            timers.stop(name)
            running.pop(name, None)
        elif act == "turn":
            clock.now += ms
        else:
            waiting += timers.due()
            taken = [e.name for e in waiting if timers.take(e)]
            waiting = waiting[: len(waiting) // 2]  # some come again later, stale
            assert sorted(taken) == sorted(n for n, due in running.items() if due <= clock.now)
            for done in taken:
                del running[done]
    for name in "abc":
        assert (timers.running(name) is not None) == (name in running)


def test_an_expiry_on_its_way_is_stale_after_a_restart():
    clock = Clock()
    timers = Timers(clock)
    timers.start("page", 10)
    clock.now += 10
    (late,) = timers.due()
    timers.start("page", 10)
    assert not timers.take(late)
    assert timers.next_ms() == 10
    timers.stop_all()
    assert timers.next_ms() is None


def test_posts_of_many_threads_keep_each_threads_order():
    woken = []
    inbox = Inbox(lambda: woken.append(1))

    def post(name):
        for n in range(200):
            inbox.post((name, n))

    threads = [threading.Thread(target=post, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = list(inbox.drain())
    assert len(taken) == 800
    assert all([n for who, n in taken if who == name] == list(range(200)) for name in range(4))
    assert len(woken) == 1


@settings(max_examples=20)
@given(st.integers(1, 30))
def test_what_is_left_after_a_flood_wakes_again(most):
    woken = []
    inbox = Inbox(lambda: woken.append(1))
    for n in range(20):
        inbox.post(n)
    taken = []
    for _ in range(1 + len(woken)):
        taken += inbox.drain(most)
    while len(inbox):
        taken += inbox.drain(most)
    assert taken == list(range(20))
    assert len(woken) >= 20 // most
