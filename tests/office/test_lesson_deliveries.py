"""Where a lesson has arrived: by site and unit, of which text; what was received and never ended is said."""

from __future__ import annotations

import sys

import pytest

from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.lessons.lesson_deliveries import UNENDED_MS, by_site, deliveries
from kiosk_firmware.office.lessons.lesson_editor import LessonEditor
from kiosk_firmware.office.web.app import build
from kiosk_firmware.wire.messages import ENCODE
from tests.office.pages import Office, cheap, office
from tests.office.test_doors import LESSON

__all__ = ["cheap", "office"]
HOUR_MS = 3_600_000


@pytest.fixture
def kept(office: Office, tmp_path):
    """A kept lesson, four units at two sites."""
    path = tmp_path / "lessons.d" / "atm" / "own-1.toml"
    path.parent.mkdir(parents=True)
    path.write_text(LESSON.format(id="own-1"))
    office.app = build(
        office.frame, office.roster, LessonEditor(tmp_path / "lessons.d", (sys.executable, "-c", "print('[]')"))
    )
    for unit in ("jia-atm-01", "jia-atm-02", "jia-atm-03"):
        office.unit(unit)
    office.unit("yi-atm-01", "yi")
    return office


def sent(office: Office, unit: str, state: str, ago_ms: int = 0, file: str = "", name: str = "lesson.put") -> None:
    now = utc_ms()
    args = ENCODE({"machine": "atm", "file": file or LESSON.format(id="own-1")}).decode()
    row = (f"c-{unit}-{ago_ms}-{state}", unit, unit.split("-")[0], name, args, now - ago_ms, now + 1000, state, "")
    office.db.execute(
        "INSERT INTO commands(id, unit, site, name, args, sent_ms, expires_at, state, detail)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )


def test_the_last_answer_of_each_unit_counts(kept: Office):
    sent(kept, "jia-atm-01", "done", 5 * HOUR_MS)
    sent(kept, "jia-atm-01", "sent", 1000)
    sent(kept, "jia-atm-02", "received", UNENDED_MS + 1000)
    sent(kept, "jia-atm-03", "received", UNENDED_MS - 60_000, file=LESSON.format(id="own-1") + "# before")
    sent(kept, "yi-atm-01", "done", 1000, file=LESSON.format(id="own-12"))
    found = deliveries(kept.views, "atm", "own-1", LESSON.format(id="own-1"), (), utc_ms())
    assert [(one.unit, one.state, one.old, one.unended) for one in found] == [
        ("jia-atm-01", "sent", False, False),
        ("jia-atm-02", "received", False, True),
        ("jia-atm-03", "received", True, False),
        ("yi-atm-01", "never", False, False),
    ]
    assert by_site(found) == {"jia": {"sent": 1, "unended": 1, "received": 1}, "yi": {"never": 1}}


def test_the_page_says_what_was_received_and_never_ended(kept: Office):
    sent(kept, "jia-atm-02", "received", 3 * HOUR_MS)
    chief = kept.come("a-chief")
    assert "已收到，还没有装好" in chief.get("/lessons/atm/own-1/delivery").text
    teacher = kept.come("li-teacher", "teacher", ("jia",))
    page = teacher.get("/lessons/atm/own-1/delivery").text
    assert "3 小时前收到，到现在还没有报告装好" in page
    assert "请技术员重新启动它" in page
    assert "yi-atm-01" not in page
    assert "3 小时前收到" in chief.get("/units/jia-atm-02/care").text
    assert teacher.get("/lessons/atm/own-1/delivery?site=yi").status_code == 403


def test_a_lesson_is_sent_to_a_site_or_to_one_unit(kept: Office):
    teacher = kept.come("li-teacher", "teacher", ("jia",))
    form = {"machine": "atm", "id": "own-1", "site": "jia"}
    assert "发给了 1 台" in teacher.post("/lessons/deliver", **form, unit="jia-atm-02").text
    assert [(wish.unit, wish.name) for wish in kept.requests()] == [("jia-atm-02", "lesson.put")]
    assert "发给了 3 台" in teacher.post("/lessons/deliver", **form).text
    assert {wish.unit for wish in kept.requests()} == {"jia-atm-01", "jia-atm-02", "jia-atm-03"}
    for wrong in ({"site": "yi"}, {"unit": "yi-atm-01"}, {"id": "none"}):
        assert teacher.post("/lessons/deliver", **{**form, **wrong}).status_code in (403, 404)
    assert kept.requests() == []
