"""Roll-outs: waves in their order, stopped before harm spreads, by two persons where it strikes more than one site."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.core.pages import Text
from kiosk_firmware.office.accounts.errors import ActRefusedError
from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.rollouts.bundle_store import Artefact, BundleStore
from kiosk_firmware.office.rollouts.failure_texts import REASONS, reason
from kiosk_firmware.office.rollouts.rollout_plans import DAY_MS, Rollout, RolloutPlan, Rollouts, RolloutTarget
from kiosk_firmware.office.rollouts.rollout_steps import WRONG, RolloutSteps, verdict
from kiosk_firmware.office.web import render
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.wire.facts import OVER
from tests.house.tree import ROOT
from tests.office.pages import Office, cheap, office

__all__ = ["cheap", "office"]
WHAT = Artefact("system", "0.2.0", 1000, "a" * 64, 1)
COUNTS = st.integers(1, 300)
PLANS = st.builds(
    RolloutPlan,
    canary=st.integers(1, 5),
    most=st.integers(0, 20),
    most_share=st.integers(0, 100),
    shares=st.sets(st.integers(1, 99), max_size=4).map(lambda some: (*sorted(some), 100)),
)


@given(COUNTS, PLANS, st.integers(0, 99))
def test_every_unit_is_in_one_wave_and_waves_grow_as_planned(count, plan, seed):
    units = [f"unit-{n:03d}" for n in range(count)]
    waves = plan.waves(units, seed)
    assert sorted(waves) == units
    assert sum(wave == 0 for wave in waves.values()) == min(plan.canary, count)
    for n, share in enumerate(plan.shares, start=1):
        upto = sum(wave <= n for wave in waves.values())
        assert upto == max(min(plan.canary, count), -(-count * share // 100))


def test_canaries_may_be_named():
    waves = RolloutPlan(canaries=("b", "c")).waves(["a", "b", "c", "d"], 1)
    assert {unit for unit, wave in waves.items() if wave == 0} == {"b", "c"}


@pytest.mark.parametrize(
    "plan",
    [
        RolloutPlan(shares=()),
        RolloutPlan(shares=(10, 50)),
        RolloutPlan(shares=(50, 10, 100)),
        RolloutPlan(canary=0),
        RolloutPlan(canary=9),
        RolloutPlan(most_share=101),
        RolloutPlan(window="at night"),
        RolloutPlan(canaries=("nobody",)),
        RolloutPlan(patience_days=0),
    ],
)
def test_plan_that_is_none_is_refused(plan):
    with pytest.raises(ActRefusedError, match="allowed"):
        plan.check(["a", "b"])


# -- what comes next

ENDS = st.sampled_from(["kept", "kept", "kept", "kept", "returned", "failed", "refused", "silent"])


@settings(max_examples=60, deadline=None)
@given(COUNTS, PLANS, st.data())
def test_no_wave_follows_one_that_went_wrong_or_that_nobody_kept(count, plan, data):
    """Played to its end by units that keep, go back or are silent: more is never harmed than what the plan allows."""
    plan = msgspec.structs.replace(plan, canary=min(plan.canary, count))
    waves = plan.waves([f"u-{n:03d}" for n in range(count)], 7)
    targets = [RolloutTarget(unit, wave) for unit, wave in waves.items()]
    rollout, now = made(plan), 0
    for _ in range(20):
        found = verdict(rollout, targets, now)
        begun = [one for one in targets if one.wave <= rollout.wave]
        wrong = sum(one.stage in WRONG for one in begun)
        ended = sum(one.stage in OVER for one in begun)
        if found.act == "next":
            assert wrong <= plan.most
            assert wrong * 100 <= plan.most_share * max(1, ended)
            assert rollout.wave < 0 or any(one.stage == "kept" for one in begun if one.wave == rollout.wave)
            rollout = msgspec.structs.replace(rollout, wave=min(t.wave for t in targets if t.wave > rollout.wave))
            targets = [ended_as(one, data.draw(ENDS)) if one.wave == rollout.wave else one for one in targets]
            rollout = msgspec.structs.replace(rollout, wave_ms=now)
        elif found.act == "wait":
            assert any(one.stage == "sent" for one in begun if one.wave == rollout.wave)
            now += plan.patience_days * DAY_MS
        else:
            break
    assert found.act in ("done", "stop"), "it comes to an end"
    if found.act == "done":
        assert rollout.wave == max(waves.values())


def made(plan: RolloutPlan) -> Rollout:
    """With a canary that was kept."""
    return Rollout(1, 0, "li", "system", "0.2.0", "a" * 64, 1, plan, "why", "going", wave=-1)


def ended_as(one: RolloutTarget, how: str) -> RolloutTarget:
    return msgspec.structs.replace(one, stage="sent" if how == "silent" else how)


def test_before_its_first_wave_nothing_is_judged():
    targets = [RolloutTarget("a", 0), RolloutTarget("b", 1)]
    assert verdict(made(RolloutPlan()), targets, 0).act == "next"


# -- the clerk's hands, on the real books


class Desk:
    """The office with a shelf, three units, and a clerk who signs."""

    def __init__(self, office: Office, folder) -> None:
        self.office, self.now = office, utc_ms()
        self.rollouts = Rollouts(office.people.db, office.people.proposals, lambda: self.now)
        office.frame.rollouts, office.frame.bundles, office.frame.seal = (
            self.rollouts,
            BundleStore(folder),
            lambda *_: b"",
        )
        office.frame.bundles.folder.mkdir()
        write_whole(office.frame.bundles.folder / f"{WHAT.sha256}.line", msgspec.json.encode(WHAT))
        write_whole(office.frame.bundles.path(WHAT.sha256), bytes(WHAT.size))
        for unit in ("jia-atm-01", "jia-atm-02", "jia-rail-03"):
            office.unit(unit, kind=unit[4:-3])
        self.again()

    def again(self) -> None:
        """A new life of the office's process."""
        self.stepper = RolloutSteps(
            self.rollouts,
            self.office.views,
            self.office.desk,
            self.office.frame.bundles,
            lambda order: msgspec.json.encode(order),
            lambda: self.now,
        )

    def step(self) -> list[tuple[str, str]]:
        self.stepper.turn()
        return [(wish.unit, wish.name) for wish in self.office.requests()]

    def says(self, unit: str, stage: str, detail: str = "") -> None:
        row = (unit, "rollout-1", "system", "0.2.0", stage, detail, self.now)
        self.office.db.execute("DELETE FROM updates WHERE unit = ?", (unit,))
        columns = "unit, name, kind, version, stage, detail, at_ms"
        self.office.db.execute(f"INSERT INTO updates({columns}) VALUES(?, ?, ?, ?, ?, ?, ?)", row)

    def booked(self, unit: str, name: str = "update.start") -> None:
        """As the collector does."""
        args = '{"order":"rollout-1","document":""}' if name == "update.start" else '{"order":"rollout-1"}'
        row = (f"c-{unit}-{name}", unit, "jia", name, args, self.now, self.now + DAY_MS, "received", "")
        columns = "id, unit, site, name, args, sent_ms, expires_at, state, detail"
        self.office.db.execute(f"INSERT INTO commands({columns}) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


@pytest.fixture
def desk(office, tmp_path):
    return Desk(office, tmp_path)


def start(desk: Desk, visitor, **changed):
    form = {"what": "system 0.2.0", "site": "jia", "shares": "50 100", "why": "new lessons", **changed}
    return visitor.post("/updates", **form)


@pytest.fixture
def nation(tmp_path, cheap, postgres):
    """The same on PostgreSQL."""
    made = Office(tmp_path / "nation", where=postgres)
    yield Desk(made, tmp_path)
    made.close()


@pytest.mark.parametrize("books", ["desk", "nation"])
def test_wave_after_wave_to_the_end(request, books):
    desk = request.getfixturevalue(books)
    visitor = desk.office.come("wang-tech", "technician")
    assert start(desk, visitor).headers["location"] == "/updates/1"
    seen = []
    for _ in range(3):
        ((unit, name),) = desk.step()
        assert name == "update.start"
        seen.append(unit)
        desk.booked(unit)
        assert desk.step() == [], "one that was told is not told again"
        desk.says(unit, "kept")
    assert desk.step() == []
    assert sorted(seen) == ["jia-atm-01", "jia-atm-02", "jia-rail-03"]
    assert desk.rollouts.one(1).state == "done"
    page = visitor.get("/updates/1").text
    assert "3 台里有 3 台采用了新版" in page
    acts = [entry.act for entry in desk.office.people.audit.rows() if entry.act.startswith("rollout")]
    assert acts == ["rollout.done", "rollout.wave", "rollout.wave", "rollout.wave", "rollout.made"]


def test_stops_by_itself_and_calls_back_who_has_not_installed(desk):
    visitor = desk.office.come("wang-tech", "technician")
    start(desk, visitor, canary=2, shares="100")
    first, second = (unit for unit, _ in desk.step())
    desk.booked(first)
    desk.booked(second)
    desk.says(first, "returned", "the new system did not come up")
    desk.says(second, "waiting", "not between 18:00 and 07:00")
    assert desk.step() == [(second, "update.stop")]
    assert desk.rollouts.one(1).state == "stopped"
    desk.booked(second, "update.stop")
    desk.now += DAY_MS
    assert desk.step() == [], "no other wave, nobody told twice"
    page = visitor.get("/updates/1").text
    assert f"自动停止：已结束的 1 台里有 1 台出错（{first}）" in page
    assert visitor.get("/updates").text.count("已停止") == 1


def test_several_stages_in_one_millisecond_are_all_heard(desk):
    """A unit that starts again tells at once what happened meanwhile."""
    start(desk, desk.office.come("wang-tech", "technician"), canary=1, shares="100")
    ((unit, _),) = desk.step()
    desk.booked(unit)
    for stage in ("installing", "trying", "returned"):
        desk.says(unit, stage)
        desk.step()
        assert {one.unit: one.stage for one in desk.rollouts.targets(1)}[unit] == stage


def test_person_stops_it_with_a_reason(desk):
    visitor = desk.office.come("wang-tech", "technician")
    start(desk, visitor)
    ((unit, _),) = desk.step()
    assert visitor.post("/updates/1/stop", why=" ").status_code == 400
    assert "已停止" in visitor.post("/updates/1/stop", why="an exam today").text
    assert desk.step() == [(unit, "update.stop")]
    entry = desk.office.people.audit.rows(1)[0]
    assert (entry.who, entry.act, entry.reason) == ("wang-tech", "rollout.stopped", "an exam today")


def test_beyond_one_site_it_takes_a_second_person(desk):
    desk.office.unit("yi-atm-01", "yi", kind="atm")
    one, two = desk.office.come("wang-tech", "technician"), desk.office.come("zhao-tech", "technician")
    form = {"what": "system 0.2.0", "unit": "jia-atm-01 yi-atm-01", "shares": "100", "why": "w"}
    assert one.post("/updates", **form).status_code == 303
    assert (desk.step(), desk.rollouts.one(1).state) == ([], "proposed")
    assert "开始更新" in one.get("/proposals").text
    one.post("/proposals/decide", id=1, yes=1)
    assert desk.step() == [], "nobody agrees with themselves"
    two.post("/proposals/decide", id=1, yes=1)
    assert [name for _, name in desk.step()] == ["update.start"]


def test_a_process_that_ended_between_writing_and_sending_sends_after_all(desk):
    start(desk, desk.office.come("wang-tech", "technician"))
    ((unit, _),) = desk.step()
    desk.again()  # the wish went down with it: no command is in the books
    assert desk.step() == [(unit, "update.start")]
    desk.booked(unit)
    desk.again()
    assert desk.step() == []


def test_order_is_for_the_unit_alone_and_says_all_that_it_needs(desk):
    desk.office.frame.bundles.served("10.0.0.2:8444")
    start(desk, desk.office.come("wang-tech", "technician"), window="01:00-04:00")
    desk.stepper.turn()
    (wish,) = desk.office.requests()
    order = msgspec.json.decode(wish.args["document"])
    assert order["unit"] == wish.unit
    assert {name: order[name] for name in ("order", "kind", "version", "sha256", "address", "window")} == {
        "order": "rollout-1",
        "kind": "system",
        "version": "0.2.0",
        "sha256": "a" * 64,
        "address": "10.0.0.2:8444",
        "window": "01:00 04:00",
    }


def test_unit_that_cannot_obey_counts_as_gone_wrong(desk):
    """Software that does not know the command says so."""
    start(desk, desk.office.come("wang-tech", "technician"))
    ((unit, _),) = desk.step()
    desk.booked(unit)
    desk.office.db.execute("UPDATE commands SET state = 'failed', detail = 'this unit does not know the command'")
    desk.step()
    assert desk.rollouts.one(1).state == "stopped"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"what": "system 9.9.9"}, "on the shelf are system 0.2.0"),
        ({"why": " "}, "a reason"),
        ({"site": "yi"}, "needs units"),
        ({"shares": "10 20"}, "end with 100"),
        ({"canary": "many"}, "many"),
        ({"kind": "gate"}, "needs units"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_goes(desk, changed, said):
    answer = start(desk, desk.office.come("wang-tech", "technician"), **changed)
    assert (answer.status_code, desk.rollouts.all()) == (400, ())
    assert said in answer.text


def test_who_may(desk):
    for name, role in (("looker", "viewer"), ("li-teacher", "teacher")):
        visitor = desk.office.come(name, role)
        assert (visitor.get("/updates").status_code, start(desk, visitor).status_code) == (403, 403)
    other = desk.office.come("other-tech", "technician", ("yi",))
    assert start(desk, other).status_code == 400, "units of a site that is not theirs are none"
    start(desk, desk.office.come("wang-tech", "technician"))
    assert "jia-atm-01" not in other.get("/updates/1").text
    assert other.post("/updates/1/stop", why="w").status_code == 404, "a roll-out of another site is none of theirs"


def test_what_units_say_of_an_update_is_said_in_both_languages():
    """Every reason that our own scripts and agent give has a known form, and a text for it in each language."""
    said = {form.pattern: key for form, key in REASONS}
    update = ROOT / "deploy" / "unit" / "update"
    shipped = "".join((update / name).read_text() for name in ("may-update.sh", "update.sh", "health.sh"))
    shipped += (ROOT / "kiosk_firmware" / "unit" / "agent" / "updates.py").read_text()
    for pattern in said:
        words = max(re.split(r"\(\?P<\w+>[^)]*\)|\([^)]*\)|\\.", pattern), key=len).strip()
        there = "".join(path.read_text() for path in (ROOT / "kiosk_firmware").rglob("*.py"))
        assert words in shipped + there, f"nobody says {words!r} any more"
    for detail in ("not between 18:00 and 07:00", "kiosk-agent.service does not run", "somebody is practising"):
        key, values = reason(detail)
        for language in ("zh", "en"):
            told = render.office_texts().write(Text(key, tuple(values.items())), language)
            assert told != key
            assert "{" not in told
    assert reason("signature verification failed") is None
    assert all(f"halt.{key}" in render.office_texts().keys(one) for key in said.values() for one in ("zh", "en"))
