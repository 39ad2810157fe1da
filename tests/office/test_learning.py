"""What people learn: who counts, figures and intervals against plain reckoning, few left out, exports written down."""

from __future__ import annotations

import csv
import io
import itertools
import json
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.core.skills import Skill
from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.learning import learning_sums, statistics, xapi
from kiosk_firmware.office.learning.learning_sums import CLASSES, DAY_MS, FIRST_MS, time_class, way_of
from kiosk_firmware.office.learning.statistics import FEW, Gain, RunSample, Share, Sums
from kiosk_firmware.office.web.render import office_texts
from tests.office.pages import Office, cheap, office

__all__ = ["cheap", "office"]
UNIT = "jia-atm-01"
SEQ = itertools.count(1)


def run(learner: str, started_ms: int, outcome: str = "done", prompt_max: int = 0, **more) -> RunSample:
    usual = {"site": "jia", "machine": "atm", "lesson": "withdraw-100", "skin": "q", "ms": 60_000, "slips": 1}
    return RunSample(
        **{
            **usual,
            "learner": learner,
            "started_ms": started_ms,
            "outcome": outcome,
            "prompt_max": prompt_max,
            "step": "pin",
            **more,
        }
    )


def practised(office: Office, n: int, purpose: str = "practice", learner: str = "", **columns) -> None:
    """So many learners with one run each, an hour ago."""
    at = utc_ms() - 3_600_000
    for k in range(n):
        row = {
            "unit": UNIT,
            "run": f"{purpose}-{secrets.token_hex(4)}",
            "machine": "atm",
            "skin": "q",
            "lesson": "withdraw-100",
            "learner": learner or f"{k:016x}",
            "purpose": purpose,
            "started_ms": at,
            "ended_ms": at + 60_000,
            "outcome": "done",
            "ms": 60_000,
            "slips": 2,
            "prompt_max": 0,
            "step": "pin",
            **columns,
        }
        names = ", ".join(row)
        office.db.execute(f"INSERT INTO runs({names}) VALUES({', '.join(':' + name for name in row)})", row)


def step(office: Office, run: str, name: str, prompt: int, **data) -> None:
    told(office, "step.ended", run=run, step=name, prompt=prompt, slips=0, ms=5000, **data)


def told(office: Office, fact: str, **data) -> None:
    columns = "unit, epoch, seq, digest, type, at_ms, timeq, heard_ms, data"
    row = (UNIT, "e", next(SEQ), "", fact, utc_ms(), "", utc_ms(), json.dumps(data))
    office.db.execute(f"INSERT INTO facts({columns}) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_shares_interval_holds_it_and_grows_narrow(k, more):
    share = Share(k, k + more)
    low, high = share.interval
    assert 0 <= low <= share.value <= high <= 1 or not share.n
    wide = Share(k * 10, share.n * 10).interval
    assert wide[1] - wide[0] <= high - low + 1e-12


def test_wilsons_interval_is_the_books():
    """Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148."""
    assert Share(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert Share(15, 148).interval == pytest.approx((0.0624, 0.1605), abs=1e-4)


CELLS = st.builds(Gain, *(st.integers(0, 60) for _ in range(4)))


@given(CELLS)
def test_the_gain_turns_round_with_its_pairs_and_its_interval_shrinks_towards_none(gain):
    other = Gain(gain.both, gain.later, gain.first, gain.none)
    assert other.value == -gain.value
    low, high = gain.interval
    assert other.interval == pytest.approx((-high, -low))
    assert -1 <= low <= high <= 1
    assert abs((low + high) / 2) <= abs(gain.value) + 1e-9 or gain.n == 0 or low == -1 or high == 1


RUNS = st.lists(
    st.builds(
        run,
        st.sampled_from("abcd"),
        st.integers(0, 5).map(lambda day: day * DAY_MS // 2),
        st.sampled_from(["done", "lost"]),
        st.integers(0, 1),
    ),
    max_size=30,
)


@given(RUNS)
def test_the_gain_pairs_each_learners_first_attempt_with_the_first_a_day_later(found):
    pairs, ways = [], []
    for learner in "abcd":
        own = sorted((one for one in found if one.learner == learner), key=lambda one: one.started_ms)
        later = [one for one in own if one.started_ms >= own[0].started_ms + DAY_MS]
        if later:
            pairs.append((own[0].unaided, later[0].unaided))
        if own:
            ways.append(way_of([(one.started_ms, str(n), one.unaided, one.skin) for n, one in enumerate(own)]))
    assert [(bool(way[2]), bool(way[4])) for way in ways if way[3]] == pairs


@given(st.lists(st.integers(1, 2_000_000), min_size=1, max_size=40))
def test_a_median_by_classes_is_right_within_a_class(times):
    classes = [0] * CLASSES
    for ms in times:
        classes[time_class(ms)] += 1
    bounded = sorted(max(FIRST_MS / 2**0.5, min(FIRST_MS * 2 ** ((CLASSES - 1) / 2), ms)) for ms in times)
    middle = bounded[(len(times) - 1) // 2]
    assert middle / 2**0.51 <= statistics.median_ms(classes) <= middle * 2**0.51


@pytest.mark.parametrize("purpose", ["guest", "demo", "test", "simulated"])
def test_who_is_no_learner_at_practice_never_counts(office: Office, purpose):
    office.unit(UNIT)
    practised(office, FEW + 1, purpose)
    practised(office, 3, learner="guest")
    practised(office, 2, lesson="")
    practised(office, 2, ended_ms=0)
    assert statistics.runs(office.views, 0) == []
    practised(office, FEW, "proctored")
    assert len(statistics.runs(office.views, 0)) == FEW
    assert statistics.runs(office.views, 0, ("yi",)) == statistics.runs(office.views, 0, site="yi") == []


def test_figures_of_a_few_are_nowhere(office: Office):
    office.unit(UNIT)
    practised(office, FEW - 1)
    office.sum_up()
    visitor = office.come("chief")
    page, table = visitor.get("/learning").text, visitor.get("/learning.csv").text
    row = page[page.index('id="lesson-atm-withdraw-100"') :].split("</tr>")[0]
    assert "&lt;5" in row
    assert "svg" not in row
    assert table.splitlines()[1] == "atm,withdraw-100,<5"
    assert "人数太少" in visitor.get("/learning/atm/withdraw-100").text
    assert visitor.post("/learning/xapi.json", why="research").status_code == 409
    practised(office, 1, learner="f" * 16)
    office.sum_up()
    page = visitor.get("/learning").text
    row = page[page.index('id="lesson-atm-withdraw-100"') :].split("</tr>")[0]
    assert "100 %" in row


def test_steps_and_skills_say_where_people_need_help(office: Office, monkeypatch):
    tables = {"atm": {"pin_unseen": Skill(steps=("pin",))}}
    monkeypatch.setattr(learning_sums, "skill_tables", lambda: tables)
    office.unit(UNIT)
    for n in range(FEW):
        practised(office, 1, learner=f"{n:016x}", run=f"r-{n}", outcome="given_up" if n < 2 else "done", step="pin")
        step(office, f"r-{n}", "home", 0)
        step(office, f"r-{n}", "pin", 2 if n < 3 else 0, kinds={"dead_key": 2, "hesitation": 1})
    step(office, "r-of-a-guest", "pin", 4)
    office.sum_up()
    found = Sums(office.views, 0)
    home, pin = found.steps("atm", "withdraw-100")
    assert (home.step, home.prompted, home.left, home.mean_s) == ("home", Share(0, 5), Share(0, 2), 5)
    assert (pin.step, pin.prompted, pin.left) == ("pin", Share(3, 5), Share(2, 2))
    assert pin.kinds == (("dead_key", 10), ("hesitation", 5))
    assert found.skills() == (("pin_unseen", FEW, Share(2, 5)),)
    (week,) = found.weeks("atm", "withdraw-100")
    assert (week.done, week.unaided, week.few) == (Share(3, 5), Share(3, 5), False)
    (lesson,) = found.lessons()
    assert (lesson.alone, lesson.mastered) == (Share(3, 5), Share(0, 5))
    assert office.come("chief").get("/learning/atm/withdraw-100").text.count("<tr>") == 3


def test_a_week_of_one_learner_is_not_shown_however_many_runs_it_has(office: Office):
    office.unit(UNIT)
    practised(office, 3 * FEW, learner="f" * 16)
    office.sum_up()
    (week,) = Sums(office.views, 0).weeks()
    assert (week.done.n, week.learners, week.few) == (3 * FEW, 1, True)


@given(RUNS.filter(bool))
def test_statements_are_whole_and_name_nobody(found):
    made, again = (list(xapi.statements(found, key)) for key in (b"one", b"other"))
    assert len(made) == 3 * len(found)
    assert len({one["id"] for one in made}) == len(made)
    text = json.dumps(made)
    assert not any(f'"{one.learner}"' in text for one in found)
    assert not {one["actor"]["account"]["name"] for one in made} & {one["actor"]["account"]["name"] for one in again}
    for one in made:
        assert one["timestamp"].endswith("+00:00")
        assert one["context"]["contextActivities"]["category"][0]["id"].endswith("/cmi5")
    judged = [one for one in made if one["verb"]["id"].endswith(("passed", "failed"))]
    assert [one["result"]["success"] for one in judged] == [one.outcome == "done" for one in found]


def test_exports_and_looks_at_one_learner_are_written_down(office: Office):
    office.unit(UNIT)
    practised(office, FEW)
    office.sum_up()
    teacher = office.come("li-teacher", "teacher", ("jia",))
    assert len(list(csv.reader(io.StringIO(teacher.get("/learning.csv").text)))) == 2
    assert len(teacher.post("/learning/xapi.json", why="research", site="jia").json()) == 3 * FEW
    assert teacher.post("/learning/xapi.json", why="merit").status_code == 422
    assert teacher.get(f"/learners/jia/{0:016x}").status_code == 200
    assert teacher.get("/learners/jia/x").status_code == 404
    assert teacher.get(f"/learners/yi/{0:016x}").status_code == 403
    assert [(one.act, one.about, one.reason) for one in office.people.audit.rows(3)] == [
        ("learner.read", f"jia/{0:016x}", ""),
        ("exported", "jia", "xapi.json 15 statements: research"),
        ("exported", "all", "learning.csv 1 rows"),
    ]
    looker = office.come("looker", "viewer")
    assert looker.get("/learning").status_code == 200
    assert looker.get("/learning.csv").status_code == 403
    assert looker.get(f"/learners/jia/{0:016x}").status_code == 403


def test_each_figure_has_its_numerator_and_denominator_in_words():
    known = {*office_texts().keys("zh")} & {*office_texts().keys("en")}
    for figure, over, under in statistics.DICTIONARY:
        assert {f"dictionary.{figure}", f"counted.{over}"} <= known
        assert not under or f"counted.{under}" in known
