"""The pages over PostgreSQL say what they say over SQLite."""

from __future__ import annotations

import re
import secrets

import pytest

from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.wire.messages import ENCODE, Health
from tests.office.pages import Office, cheap

__all__ = ["cheap"]
UNIT = "jia-atm-01"
PAGES = (
    "/",
    "/fleet/part?q=jia&sort=lost&state=degraded",
    "/fleet/cards",
    "/fleet.csv",
    "/sites",
    "/board?site=jia",
    "/board/sheet?site=jia",
    f"/units/{UNIT}",
    f"/units/{UNIT}/more",
    f"/units/{UNIT}/care",
    f"/units/{UNIT}/series.json",
    "/runs",
    "/alerts",
    "/alerts/duty",
    "/alerts/wall",
    "/learning",
    "/learning/atm/withdraw-100",
    "/learning.csv",
    "/updates",
    f"/learners/jia/{0:016x}",
)


def told(office: Office, seq: int, fact: str, data: str, now: int) -> None:
    columns = ("unit", "epoch", "seq", "digest", "type", "at_ms", "timeq", "heard_ms", "data")
    office.db.copy("facts", columns, [(UNIT, "e", seq, "", fact, now - 1000, "rtc", now, data)])


def filled(office: Office, now: int) -> None:
    health = Health(now, 5, 2, 9, 8 << 30, 0.1, "rtc", 51.0)
    office.db.begin()
    office.unit(UNIT, health=ENCODE(health).decode(), first_ms=now - 5000, seen_ms=now, since_ms=now - 5000)
    office.unit("yi-atm-01", "yi", online=0, first_ms=now, seen_ms=now, since_ms=now)
    office.db.execute("INSERT INTO epochs(unit, epoch, upto, top, lost) VALUES(?, 'e', 9, 9, 2)", (UNIT,))
    office.db.execute("INSERT INTO holes VALUES(?, 'e', 3, 4, 1)", (UNIT,))
    office.db.execute("INSERT INTO alerts(unit, kind, about, opened_ms) VALUES(?, 'device', 'gate', ?)", (UNIT, now))
    command = (f"c-{secrets.token_hex(4)}", UNIT, "jia", "restart", "{}", now, now + 1, "sent", "")
    office.db.execute("INSERT INTO commands VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", command)
    for n in range(6):
        office.db.execute(
            "INSERT INTO runs(unit, run, machine, lesson, learner, purpose, started_ms, ended_ms, outcome, ms)"
            " VALUES(?, ?, 'atm', 'withdraw-100', ?, 'practice', ?, ?, 'done', 9000)",
            (UNIT, f"r-{n}", f"{n:016x}", now - 20_000 - n, now - 11_000 - n),
        )
        told(office, 10 + n, "step.ended", f'{{"run":"r-{n}","step":"pin","prompt":{n % 2},"slips":0,"ms":900}}', now)
    told(office, 20, "custody.counted", '{"who":1,"when":"after","complete":true,"counted":{},"expected":{}}', now)
    told(office, 21, "device.lost", '{"at":"gate"}', now - 3_600_000)  # longer than any run, however long this takes
    office.db.commit()


def said(office: Office, now: int) -> dict[str, str]:
    """Every page, without the words that are a session's own or tell how long ago."""
    filled(office, now)
    office.sum_up()
    office.come("chief")
    visitor = office.come("chief-two")
    found = {}
    for path in PAGES:
        answer = visitor.get(path)
        assert answer.status_code == 200, path
        text = re.sub(r'"X-CSRF-Token": "[^"]+"|name="csrf" value="[^"]+"|command-c-[0-9a-f]+', "", answer.text)
        found[path] = re.sub(r"\d+ (秒|分钟)前|刚刚|\d\d:\d\d(:\d\d)?|[\d.]+ 秒|\"[\d.]+\"", "", text)
    office.close()
    return found


@pytest.mark.usefixtures("cheap")
def test_each_page_is_the_same_over_both(tmp_path, postgres, monkeypatch):
    now = utc_ms()
    monkeypatch.setattr("kiosk_firmware.office.web.units.now_ms", lambda: now)  # a curve's end
    one = said(Office(tmp_path / "one"), now)
    other = said(Office(tmp_path / "other", where=postgres), now)
    for path in PAGES:
        assert one[path] == other[path], path
