"""Accounts, sessions and the audit: who comes in, who does not, and that nothing written down can be changed unseen."""

from __future__ import annotations

import io
import sqlite3

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kiosk_firmware.office.accounts import passwords
from kiosk_firmware.office.accounts.accounts import Accounts, code_of
from kiosk_firmware.office.accounts.audit import Audit, BrokenChainError
from kiosk_firmware.office.accounts.errors import ActRefusedError
from kiosk_firmware.office.accounts.login_sessions import IDLE_MS, LONGEST_MS, MANY, SHUT_MS, TRIES, LoginSessions
from kiosk_firmware.office.accounts.main import main as office_main
from kiosk_firmware.office.accounts.people_db import PeopleDb

WORD = "correct horse battery"


class House:
    def __init__(self, folder) -> None:
        self.now = 1_800_000_000_000
        self.path = folder / "people.db"
        self.start()

    def start(self) -> None:
        self.db = PeopleDb(self.path)
        self.accounts = Accounts(self.db, lambda: self.now)
        self.door = LoginSessions(self.db, self.accounts, lambda: self.now)
        self.audit = Audit(self.db)

    def enter(self, word: str = WORD, name: str = "teacher-li", code: str = "", at: str = "10.0.0.7") -> str | None:
        return self.door.enter(name, word, code, at)


@pytest.fixture
def house(tmp_path, monkeypatch):
    cheap = {"length": 32, "iterations": 1, "lanes": 1, "memory_cost": 64}
    monkeypatch.setattr(passwords, "COST", cheap)  # fast, else alike
    made = House(tmp_path)
    made.accounts.make("init", "teacher-li", "teacher", ("jia",), WORD)
    yield made
    made.db.close()


def test_right_words_open_and_nobody_finds_them_on_disk(house):
    cookie = house.enter()
    person = house.door.who(cookie)
    assert (person.name, person.role, person.sites) == ("teacher-li", "teacher", {"jia"})
    assert person.can("teach")
    assert not person.can("serve")
    assert (person.sees("jia"), person.sees("yi")) == (True, False)
    house.db.close()
    disk = b"".join(path.read_bytes() for path in house.path.parent.iterdir())
    for secret in (cookie.encode(), WORD.encode()):
        assert secret not in disk
    assert house.path.stat().st_mode & 0o077 == 0


def test_the_cost_of_a_word_is_what_the_standard_asks():
    assert (passwords.COST["memory_cost"], passwords.COST["iterations"]) == (64 * 1024, 2)
    kept = passwords.hash_password(WORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=2,p=1$"), "two lanes in two threads never return"
    assert passwords.is_right(WORD, kept)
    assert not passwords.is_right(WORD + "x", kept)
    assert not passwords.is_right(WORD, "no hash")


def test_wrong_words_shut_the_door_for_right_ones_too_and_it_opens_again(house):
    for _ in range(TRIES):
        assert house.enter("wrong words here") is None
    assert house.enter() is None
    assert house.enter(name="teacher-li", at="10.0.0.8") is None, "the account is shut from everywhere"
    house.now += SHUT_MS + 1
    house.start()
    assert house.enter() is not None


def test_one_address_cannot_try_many_accounts(house):
    for n in range(MANY):
        assert house.enter(name=f"nobody-{n}") is None
    assert house.enter() is None
    assert house.enter(at="10.0.0.8") is not None


def test_an_administrator_needs_a_code_that_counts_once(house):
    secret = house.accounts.make("init", "chief", "administrator", (), WORD)
    code = code_of(secret, house.now // 1000)
    assert house.enter(name="chief") is None
    assert house.enter(name="chief", code="000000" if code != "000000" else "111111") is None
    assert house.enter(name="chief", code=code) is not None
    assert house.enter(name="chief", code=code) is None, "read over a shoulder, it is worth nothing"
    house.now += 30_000
    assert house.enter(name="chief", code=code_of(secret, house.now // 1000)) is not None


def test_codes_are_those_of_the_standard():
    """RFC 6238, appendix B: the last six digits of its eight, SHA-1."""
    import base64

    secret = base64.b32encode(b"12345678901234567890").decode()
    for at_s, eight in ((59, "94287082"), (1_111_111_109, "07081804"), (20_000_000_000, "65353130")):
        assert code_of(secret, at_s) == eight[2:]


@pytest.mark.parametrize("step_ms", [IDLE_MS + 1, 30 * 60_000])
def test_a_session_ends_when_it_is_left_or_has_lasted_too_long(house, step_ms):
    cookie, began = house.enter(), house.now
    while house.door.who(cookie) is not None:
        house.now += step_ms
    assert house.now - began in (IDLE_MS + 1, LONGEST_MS + 30 * 60_000)


def test_a_closed_account_is_out_at_once_and_nobody_closes_their_own(house):
    cookie = house.enter()
    house.accounts.shut("chief", "teacher-li")
    assert house.door.who(cookie) is None
    assert house.enter() is None
    with pytest.raises(ActRefusedError):
        house.accounts.shut("chief", "chief")


@pytest.mark.parametrize(
    ("name", "role", "word", "why"),
    [("X", "viewer", WORD, "name"), ("li-4", "king", WORD, "role"), ("li-4", "viewer", "short", "too weak")],
)
def test_what_is_no_account_is_refused_with_what_is_allowed(house, name, role, word, why):
    with pytest.raises(ActRefusedError, match=why):
        house.accounts.make("chief", name, role, (), word)


def test_a_ticket_is_good_for_one_life_of_the_demo_only(house):
    assert house.door.by_ticket("") is None
    house.accounts.ticket = "abc"
    assert house.door.by_ticket("abd") is None
    cookie = house.door.by_ticket("abc")
    assert house.door.who(cookie).can("manage")
    assert house.door.by_ticket("abc") is None, "it is spent"
    assert house.door.who(cookie).can("manage"), "and who came in by it stays"
    house.start()
    assert house.door.who(cookie) is None


ROWS = st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8)), min_size=2, max_size=6)


@settings(max_examples=25, deadline=None)
@given(rows=ROWS, data=st.data())
def test_a_changed_a_missing_and_a_slipped_in_row_are_found(tmp_path_factory, rows, data):
    db = PeopleDb(tmp_path_factory.mktemp("audit") / "people.db")
    audit = Audit(db)
    for n, (who, act, about) in enumerate(rows):
        audit.note(n, who, act, about, "")
    assert audit.verify()[0] == len(rows)
    with pytest.raises(sqlite3.IntegrityError), db.change() as change:
        change.execute("UPDATE audit SET who = 'x' WHERE n = 1")
    with pytest.raises(sqlite3.IntegrityError), db.change() as change:
        change.execute("DELETE FROM audit WHERE n = 1")
    with db.change() as change:  # as somebody with the file would
        change.execute("DROP TRIGGER audit_is_never_changed")
        change.execute("DROP TRIGGER audit_never_goes")
        n = data.draw(st.integers(1, len(rows) - 1))
        how = data.draw(st.sampled_from(["change", "drop"]))
        spoil = "UPDATE audit SET reason = reason || 'x'" if how == "change" else "DELETE FROM audit"
        change.execute(f"{spoil} WHERE n = ?", (n,))
    with pytest.raises(BrokenChainError, match=str(n)):
        audit.verify()
    db.close()


def test_second_factor_of_the_first_administrator_is_a_code_for_a_camera(tmp_path, monkeypatch, capsys):
    """Read back from the terminal's half blocks, as a camera sees them."""
    monkeypatch.setattr("sys.stdin", io.StringIO("Correct-horse-7-battery\n"))
    assert office_main("init", ["--state", str(tmp_path), "--name", "head"]) == 0
    said = capsys.readouterr().out
    rows = [line for line in said.splitlines() if line and set(line) <= set("█▀▄ \xa0")]
    halves = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0), "\xa0": (0, 0)}
    wide = max(map(len, rows))
    dots = [bytes(halves[sign][half] for sign in row.ljust(wide)) for row in rows for half in (0, 1)]
    small = Image.frombytes("L", (wide, len(dots)), b"".join(dots))
    (code,) = zxingcpp.read_barcodes(small.resize((wide * 6, len(dots) * 6), Image.Resampling.NEAREST))
    assert code.text.startswith("otpauth://totp/")
    assert code.text in said
