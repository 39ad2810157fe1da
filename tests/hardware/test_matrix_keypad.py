"""The keypad's scanner and single contacts: bounce, two keys, ghosts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hardware.protocols.contact_debounce import Change, Contact
from hardware.protocols.matrix_keypad import Pressed, Scanner

CONTACTS = st.tuples(st.integers(0, 3), st.integers(0, 3))


def scans(scanner, frames, step_ms=10.0, start_ms=0.0):
    said = []
    for n, closed in enumerate(frames):
        said += scanner.scan(frozenset(closed), start_ms + n * step_ms)
    return said


@given(keys=st.lists(CONTACTS, max_size=8), bounce=st.integers(0, 2))
def test_each_key_is_said_once_however_its_contact_bounces(keys, bounce):
    frames = [set()] * 5
    for key in keys:
        for _ in range(bounce):
            frames += [{key}, set()]
        frames += [{key}] * 8
        for _ in range(bounce):
            frames += [set(), {key}]
        frames += [set()] * 8
    assert [p.contact for p in scans(Scanner(), frames)] == keys


@given(keys=st.sets(CONTACTS, min_size=2, max_size=6))
def test_two_keys_or_more_are_no_key(keys):
    scanner = Scanner()
    said = scans(scanner, [set()] * 5 + [keys] * 10 + [set(list(keys)[:1])] * 10)
    assert not said
    assert scanner.crowded == 1


@given(first=CONTACTS, second=CONTACTS)
def test_a_second_key_counts_only_after_all_are_up(first, second):
    frames = [set()] * 5 + [{first}] * 6 + [{first, second}] * 6 + [{second}] * 6
    scanner = Scanner()
    assert [p.contact for p in scans(scanner, frames)] == [first]
    more = scans(scanner, [set()] * 6 + [{second}] * 6, start_ms=1000)
    assert [p.contact for p in more] == [second]


@given(frames=st.lists(st.sets(CONTACTS, max_size=3), max_size=60))
def test_a_key_needs_its_whole_debounce_time_alone(frames):
    scanner = Scanner(debounce_ms=30)
    for n, closed in enumerate(frames):
        for pressed in scanner.scan(frozenset(closed), n * 10.0):
            assert all(frame == {pressed.contact} for frame in frames[max(0, n - 3) : n + 1])


def test_a_pressed_key_does_not_show_in_its_repr():
    assert repr(Pressed((3, 1))) == repr(Pressed((0, 0)))
    assert "3" not in repr(Pressed((3, 1)))


@given(spans=st.lists(st.floats(0.1, 80), min_size=1, max_size=40))
def test_a_contact_is_believed_after_it_has_settled(spans):
    contact, at, level, said, long = Contact(settle_ms=25), 0.0, False, [], []
    for span in spans:
        level = not level
        said += contact.edge(level, at)
        if span >= 25 and level != (long[-1] if long else False):
            long.append(level)
        at += span
    said += contact.tick(at - 0.001)
    assert [c.closed for c in said] == [n % 2 == 0 for n in range(len(said))]
    assert len(said) <= len(long) + 1


def test_a_change_tells_when_it_began():
    contact = Contact(settle_ms=25)
    assert contact.edge(True, 100) == []
    assert contact.tick(124) == []
    assert contact.tick(125) == [Change(True, 100)]
    assert contact.edge(False, 500) == []
    assert contact.edge(True, 510) == []
    assert contact.tick(900) == []
