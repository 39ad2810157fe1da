"""The office goes on whatever its door meets: many at once, a password that never ends, pages that died."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from kiosk_firmware.office import liveness
from kiosk_firmware.office.accounts import passwords
from kiosk_firmware.office.accounts.accounts import Accounts
from kiosk_firmware.office.accounts.errors import BusyError
from kiosk_firmware.office.accounts.people_db import PeopleDb
from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.alerts.alert_list import standing_alerts
from kiosk_firmware.office.liveness import (
    COLLECTOR,
    DEAD_PROBES,
    GRACE_S,
    LIMIT_S,
    PAGES,
    LivenessWatchdog,
    PartActivity,
)
from kiosk_firmware.office.process.periodic_tasks import PeriodicTasks
from tests.office.pages import WORD, Office, Visitor, cheap, office

__all__ = ["cheap", "office"]
ROOT = Path(__file__).parents[2]
MANY = 10
AT_ONCE = """
import os, sys, threading
from pathlib import Path
from kiosk_firmware.office.accounts.service import AccountService as People
people = People(Path(sys.argv[1]))
cookies = []
def come():
    cookies.append(people.door.enter("li-teacher", sys.argv[2], "", "10.0.0.7"))
threads = [threading.Thread(target=come, daemon=True) for _ in range(int(sys.argv[3]))]
[one.start() for one in threads]
[one.join(60) for one in threads]
print(sum(bool(cookie) for cookie in cookies), flush=True)
os._exit(0)  # whoever hangs in the library would hold up the end
"""


def old_hash(word: str) -> str:
    return Argon2id(salt=os.urandom(16), length=32, iterations=2, lanes=2, memory_cost=1024).derive_phc_encoded(
        word.encode()
    )


@pytest.mark.parametrize("old", [False, True])
def test_ten_come_in_at_once_at_the_true_cost_also_by_hashes_of_two_lanes(tmp_path, old):
    """In a process of its own: where it is wrong it never returns."""
    db = PeopleDb(tmp_path / "people.db")
    Accounts(db, utc_ms).make("test", "li-teacher", "teacher", (), WORD)
    if old:
        with db.change() as change:
            change.execute("UPDATE accounts SET hash = ?", (old_hash(WORD),))
    db.close()
    command = [sys.executable, "-c", AT_ONCE, str(tmp_path), WORD, str(MANY)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == [str(MANY)], done.stderr


def test_ten_log_in_on_the_pages_at_once(office: Office):
    for n in range(MANY):
        office.people.accounts.make("test", f"li-teacher-{n}", "teacher", (), WORD)

    def come(n: int) -> str:
        answer = Visitor(office).ask("POST", "/login", data={"name": f"li-teacher-{n}", "word": WORD})
        return answer.headers["location"]

    with ThreadPoolExecutor(MANY) as pool:
        assert list(pool.map(come, range(MANY))) == ["/"] * MANY


def test_an_old_hash_is_renewed_when_its_word_is_known(office: Office):
    accounts = office.people.accounts
    accounts.make("test", "li-teacher", "teacher", (), WORD)
    with office.people.db.change() as db:
        db.execute("UPDATE accounts SET hash = ?", (old_hash(WORD),))

    def kept() -> str:
        return office.people.db.rows("SELECT hash FROM accounts")[0]["hash"]

    before = kept()
    assert passwords.is_old(before)
    assert not accounts.is_right("li-teacher", WORD + "x", "")
    assert kept() == before
    assert accounts.is_right("li-teacher", WORD, "")
    assert not passwords.is_old(kept())
    assert accounts.is_right("li-teacher", WORD, "")


def test_a_crowd_at_the_door_is_told_to_wait_and_leaves_the_pages_their_threads(office: Office):
    office.people.accounts.make("test", "li-teacher", "teacher", (), WORD)
    with ThreadPoolExecutor(passwords.WAITING) as pool:
        with passwords.TURNS.taken():
            waiting = [pool.submit(passwords.is_right, WORD, "none") for _ in range(passwords.WAITING - 1)]
            while passwords.TURNS._room._value:
                time.sleep(0.001)
            answer = Visitor(office).ask("POST", "/login", data={"name": "li-teacher", "word": WORD})
            assert answer.status_code == 503
            assert "等几秒钟" in answer.text
            assert office.people.audit.rows()[0].act != "refused", "nobody's words were wrong"
        assert [one.result() for one in waiting] == [False] * len(waiting)
    assert Visitor(office).ask("POST", "/login", data={"name": "li-teacher", "word": WORD}).headers["location"] == "/"


def test_a_password_that_never_ends_shuts_nobody_in_for_ever(office: Office, monkeypatch):
    monkeypatch.setattr(passwords, "WAIT_S", 0.01)
    assert Visitor(office).get("/alive").status_code == 204
    with passwords.TURNS.taken():
        with pytest.raises(BusyError):
            passwords.hash_password(WORD)
        monkeypatch.setattr(liveness, "HASH_S", 0.0)
        assert Visitor(office).get("/alive").status_code == 503


class EndsError(Exception):
    """In the place of the process's end."""


def watch(alive: PartActivity, port: int, leaving: bool = False) -> LivenessWatchdog:
    def kill(code: int) -> None:
        raise EndsError

    return LivenessWatchdog(alive, ("127.0.0.1", port), lambda: leaving, kill)


def test_what_stands_still_is_said_and_dead_pages_end_the_process(caplog):
    now = [0.0]
    alive = PartActivity(lambda: now[0])
    with socket.socket() as shut:  # bound, not listening: whoever comes is refused
        shut.bind(("127.0.0.1", 0))
        one = watch(alive, shut.getsockname()[1])
        one.look()
        assert alive.stalled() == ()
        now[0] += LIMIT_S + 1
        alive.moved(COLLECTOR)
        with caplog.at_level(logging.CRITICAL):
            one.look()
        assert alive.stalled() == (PAGES,)
        assert "pages stand still" in caplog.text
        for _ in range(DEAD_PROBES - 3):
            one.look()
        with pytest.raises(EndsError):
            one.look()


def test_whoever_was_told_to_end_and_cannot_is_ended():
    one = watch(PartActivity(), 1, leaving=True)
    for _ in range(int(GRACE_S)):
        one.look()
    with pytest.raises(EndsError):
        one.look()


def test_a_part_that_stands_still_is_an_alert_of_the_office_until_it_moves(office: Office):
    stalled = [COLLECTOR]
    clerk = PeriodicTasks(office.desk, office.views, office.people, office.roster, stalled=lambda: stalled)
    now = utc_ms()
    clerk.watch(now)
    assert standing_alerts(office.views, office.people.db, now) == (), "not at first sight"
    clerk.watch(now + 11_000)
    assert [(one.kind, one.about) for one in standing_alerts(office.views, office.people.db, now)] == [
        ("stalled", COLLECTOR)
    ]
    page = office.come("chief").get("/alerts").text
    assert "中心的收记录的程序没有动静" in page
    assert "rule.stalled" not in page
    assert office.come("li-local", "technician", ("jia",)).get("/alerts").text.count("收记录的程序") == 0
    stalled.clear()
    clerk.watch(now + 22_000)
    assert standing_alerts(office.views, office.people.db, now) == ()


HUNG = """
import sys, threading
from kiosk_firmware.office.process import server as serve
from kiosk_firmware.office import liveness
from kiosk_firmware.office.accounts import passwords
class Never:
    def __init__(self, **_): pass
    def derive_phc_encoded(self, word): return "$argon2id$none"
    def verify_phc_encoded(*_):
        print("hangs", flush=True)
        threading.Event().wait()
liveness.GRACE_S, liveness.LOOK_S, passwords.Argon2id = 1.0, 0.2, Never
sys.exit(serve.main(["--state", sys.argv[1], "--broker", "127.0.0.1:1"]))
"""


def test_a_process_whose_door_hangs_ends_when_it_is_told_to(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HUNG, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as office:
        url = office.stdout.readline().strip()
        port = int(url.rstrip("/").rpartition(":")[2])
        try:
            with socket.create_connection(("127.0.0.1", port)) as line:
                body = b"name=li-teacher&word=whatever-it-is"
                line.sendall(
                    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
                )
                assert office.stdout.readline() == "hangs\n"
                office.terminate()
                assert office.wait(30) == 1
        finally:
            office.kill()
        assert "told to end and could not" in office.stderr.read()
