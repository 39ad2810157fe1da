"""One learner's page: stages, skills and what may come next, from stored runs alone; and the sheet to take home."""

from __future__ import annotations

import sys

import pytest

from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.learning.learner_progress import lesson_stages, mastered_counts, progress
from kiosk_firmware.office.learning.learning_sums import DAY_MS
from kiosk_firmware.office.lessons.lesson_editor import LessonEditor
from kiosk_firmware.office.lessons.lesson_owners import LessonOwners
from kiosk_firmware.office.web.app import build
from tests.office.pages import Office, cheap, office
from tests.office.test_learning import practised, step

__all__ = ["cheap", "office"]
ANNA = "a" * 16
SHEET = "<!doctype html><style>b{color:#000}</style><ol><li>Press</li></ol>"


def attempts(office: Office, lesson: str, *days_and_help: tuple[float, int], machine: str = "atm", **more) -> None:
    """Runs of Anna's so many days ago, with so much help; each on a look of its own."""
    for n, (days, prompt) in enumerate(days_and_help):
        at = utc_ms() - int(days * DAY_MS)
        columns = {"started_ms": at, "ended_ms": at + 60_000, "prompt_max": prompt, "skin": f"look-{n}", **more}
        practised(office, 1, learner=ANNA, machine=machine, lesson=lesson, run=f"{lesson}-{n}", **columns)


@pytest.fixture
def anna(office: Office) -> Office:
    """Three lessons: one mastered, one done alone, one never yet; a PIN that needs help."""
    office.unit("jia-atm-01")
    attempts(office, "balance", (9, 0), (8.9, 0), (8.8, 0), (6, 0))
    attempts(office, "withdraw-100", (5, 3), (4, 0))
    attempts(office, "transfer-other", (2, 4), (1, 2))
    for n in range(2):
        step(office, f"withdraw-100-{n}", "pin", 1)
        step(office, f"transfer-other-{n}", "pin", 1)
    step(office, "balance-0", "home", 0)
    office.sum_up()
    return office


def test_stages_skills_and_what_may_come_next_follow_from_runs(anna: Office):
    found = progress(anna.views, "jia", ANNA)
    stages = {one.lesson: (one.stage, one.alone, one.runs) for one in found.lessons}
    assert stages == {
        "transfer-other": ("tried", 0, 2),
        "withdraw-100": ("alone", 1, 2),
        "balance": ("mastered", 4, 4),
    }
    skills = {one.name: ((one.shown.k, one.shown.n), one.last) for one in found.skills}
    assert skills == {"pin_unseen": ((0, 4), (False,) * 4), "insert_card": ((1, 1), (True,))}
    assert [(one.why, one.lesson, one.about) for one in found.next] == [
        ("again", "transfer-other", ""),
        ("other_day", "withdraw-100", ""),
        ("skill", "pin-change", "pin_unseen"),
    ]
    assert mastered_counts(anna.views, "jia", [ANNA, "b" * 16]) == {ANNA: 1}
    assert mastered_counts(anna.views, "yi", [ANNA]) == {}


@pytest.mark.parametrize(
    ("machine", "lesson", "stage"),
    [
        ("atm", "transfer-other", "tried"),
        ("atm", "withdraw-100", "alone"),
        ("atm", "balance", "mastered"),
        ("atm", "deposit", None),
        ("rail", "balance", None),
        ("atm", "", None),
        ("", "", None),
    ],
)
def test_a_board_tells_how_far_each_is_with_what_they_are_at(
    anna: Office, machine: str, lesson: str, stage: str | None
):
    found = lesson_stages(anna.views, "jia", {ANNA: (machine, lesson), "b" * 16: ("atm", "balance")})
    assert found == ({ANNA: stage} if stage else {})
    assert lesson_stages(anna.views, "yi", {ANNA: (machine, lesson)}) == lesson_stages(anna.views, "jia", {}) == {}


def test_the_line_goes_from_the_first_run_to_the_last(anna: Office):
    line = progress(anna.views, "jia", ANNA).line
    assert [dot.run.started_ms for dot in line] == sorted(dot.run.started_ms for dot in line)
    assert (line[0].across, line[-1].across, line[-2].down) == (0.0, 1.0, 1.0)


def test_what_is_no_practice_is_listed_and_counts_for_nothing(office: Office):
    office.unit("jia-atm-01")
    attempts(office, "balance", (2, 0), purpose="demonstration")
    found = progress(office.views, "jia", ANNA)
    assert (len(found.runs), found.lessons, found.skills, found.next, found.line) == (1, (), (), (), ())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_it_in_words(anna: Office, language):
    teacher = anna.come("li-teacher", "teacher", ("jia",))
    teacher.get(f"/language/{language}")
    page = teacher.get(f"/learners/jia/{ANNA}").text
    said = {"zh": ("练过，还要帮忙", "学会了", "“输密码”还不稳"), "en": ("once more", "mastered", "is not steady yet")}
    for word in said[language]:
        assert word in page
    assert "/board?site=jia&amp;lesson=atm/transfer-other" in page
    nobody = teacher.get(f"/learners/jia/{'c' * 16}").text
    assert {"zh": "还没有练习", "en": "No runs yet"}[language] in nobody


def test_a_sheet_is_made_once_in_the_pages_language_and_brings_its_own_style_only(office: Office, tmp_path):
    marks = tmp_path / "asked"
    note = f"open({str(marks)!r}, 'a').write(' '.join(sys.argv[1:]) + chr(10))"
    code = f"import sys; {note}; print({SHEET!r} if sys.argv[1] == 'sheet' else '[]')"
    editor = LessonEditor(tmp_path / "lessons.d", (sys.executable, "-c", code))
    office.app = build(office.frame, office.roster, editor)
    teacher = office.come("li-teacher", "teacher", ("jia",))
    for _ in range(2):
        answer = teacher.get("/sheets/atm/withdraw-100")
    assert "<li>Press</li>" in answer.text
    assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    (asked,) = marks.read_text().splitlines()
    assert asked.startswith("sheet atm withdraw-100 ")
    assert "--language zh" in asked
    LessonOwners(office.people.db).keep(office.people.accounts.person("li-teacher"), "atm", "own", 0)
    other = office.come("wang-teacher", "teacher", ("yi",))
    assert other.get("/sheets/atm/own").status_code == 404
    assert office.come("a-viewer", "viewer").get("/sheets/atm/withdraw-100").status_code == 403


def test_a_sheet_that_there_is_not_is_a_page_that_there_is_not(office: Office, tmp_path):
    editor = LessonEditor(tmp_path, (sys.executable, "-c", "import sys; sys.exit('no such lesson')"))
    office.app = build(office.frame, office.roster, editor)
    assert office.come("li-teacher", "teacher").get("/sheets/atm/none").status_code == 404
