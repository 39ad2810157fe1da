"""What counters share: fields that are checked, data that lead somewhere, and a text for all that the data name.

The dialogue itself is walked with each counter's small worlds.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.hosts.counter import CollectAsked, FileAsked
from kiosk_firmware.kits.counter import back_office
from kiosk_firmware.kits.counter import errands as e
from kiosk_firmware.kits.counter.fields import check_digit, problem
from kiosk_firmware.kits.counter.state import CounterRules

COUNTERS = [line.id for line in machine_loader.describe() if line.shares == "kits/counter"]
OWNER = "519901198802140030"
IDENT, PHONE, DATE = e.Field("n", "ident"), e.Field("p", "phone"), e.Field("d", "date")
births = st.dates().map(lambda day: f"{day.year:04}{day.month:02}{day.day:02}")
digits = st.builds("{:06}{}{:03}".format, st.integers(0, 999_999), births, st.integers(0, 999))


def wrong(field: e.Field, text: str, owner: str = OWNER) -> str:
    return problem(field, text, owner, (100_000, 500_000))


def test_the_check_digit_is_the_standard_s() -> None:
    assert check_digit("11010519491231002") == "X"
    for number in (OWNER, "519901197604050013", "519901199106300058"):
        assert check_digit(number[:17]) == number[17]


@given(first=digits, at=st.integers(0, 16), by=st.integers(1, 9))
def test_one_wrong_digit_is_always_found(first: str, at: int, by: int) -> None:
    owner = first + check_digit(first)
    slipped = first[:at] + str((int(first[at]) + by) % 10) + owner[at + 1 :]
    assert wrong(IDENT, owner, owner) == ""
    assert wrong(IDENT, slipped, owner) == "check"


@given(first=digits, at=st.integers(0, 15))
def test_two_digits_that_changed_places_are_found(first: str, at: int) -> None:
    owner = first + check_digit(first)
    turned = first[:at] + first[at + 1] + first[at] + first[at + 2 :] + owner[17]
    assert wrong(IDENT, turned, owner) == ("" if turned == owner else "check")


@given(text=st.text(st.sampled_from("0123456789"), max_size=8))
def test_a_date_is_a_day_of_the_calendar(text: str) -> None:
    try:
        known = len(text) == 8 and bool(datetime.date(int(text[:4]), int(text[4:6]), int(text[6:])))
    except ValueError:
        known = False
    assert (wrong(DATE, text) == "") == known


def test_each_slip_of_a_field_has_its_word() -> None:
    assert wrong(IDENT, OWNER[:-1]) == "short"
    assert wrong(IDENT, "519901197604050013") == "not_yours"
    assert wrong(e.Field("b", "birth"), "19880215") == "not_yours"
    assert [wrong(PHONE, text) for text in ("1200000552", "22000005528", "12000005528")] == ["short", "no_mobile", ""]
    amount = e.Field("a", "amount", "least", "most")
    assert [wrong(amount, text) for text in ("", "999", "1000", "5000", "5001")] == [
        "short",
        "too_little",
        "",
        "",
        "too_much",
    ]


# -- the office --------------------------------------------------------------------------------------------------------


@given(day=st.integers(20_000, 22_000), days=st.integers(0, 60), times=st.integers(1, 4))
def test_entered_however_often_it_is_filed_once_and_handed_out_on_its_day(day: int, days: int, times: int) -> None:
    filings: back_office.Filings = ()
    numbers = set()
    for _ in range(times):
        _, ask = back_office.judge(filings, FileAsked("loss", 1, day=day, ready=day + days))
        assert isinstance(ask, FileAsked)
        numbers.add(ask.number)
        filings = back_office.book_answer(filings, ask)
    assert (len(filings), len(numbers)) == (1, 1)
    early, _ = back_office.judge(filings, CollectAsked("loss", 2, day=day + days - 1))
    right, ask = back_office.judge(filings, CollectAsked("loss", 2, day=day + days))
    assert (early, right) == ("early", "ok")
    assert back_office.book_answer(filings, ask)[0].fetched


@given(day=st.integers(20_000, 22_000), days=st.integers(1, 90))
def test_of_three_days_one_is_right(day: int, days: int) -> None:
    offered = back_office.asked_days(day, day + days)
    assert len(set(offered)) == 3
    assert offered.count(day + days) == 1
    assert sum(one < day + days for one in offered) == 1


# -- data --------------------------------------------------------------------------------------------------------------


def test_data_that_lead_nowhere_are_named() -> None:
    rules = CounterRules(3, 1, 1, 1, 1)
    tells = e.Tell(name="t", by="nobody"), e.Tell(name="t")
    errand = e.Errand("x", (e.Fee(fen="gone_fen"), e.Judge(by="nobody"), *tells))
    found = e.Errands((e.Queue("a", "A", 2, ("x", "y")),), (errand,))
    lines = list(e.problems(found, rules, frozenset({"somebody"})))
    assert [line.split(":")[1].strip() for line in lines] == ["queue a", "x", "x", "x"]
    assert "allowed are call_ms" in lines[1]
    assert all("allowed are somebody" in line for line in lines[2:])


def named(found: e.Errands) -> Iterator[str]:
    """Keys of the texts that the data call for."""
    yield from (f"queue.{queue.id}" for queue in found.queue)
    for errand in found.errand:
        yield f"menu.{errand.id}"
        for step in errand.steps:
            yield from _of(step)


def _of(step: e.AnyDo) -> Iterator[str]:
    match step:
        case e.Paper(papers=papers, missing=missing):
            yield from (f"paper.{papers[0]}", f"step.paper-{papers[0]}")
            yield from _refusal(missing or "no_paper")
        case e.Ask(name=name, options=options, explain=explain, refuse=refuse):
            yield from (f"ask.{name}", f"step.ask-{name}", *(f"key.{name}.{one}" for one in options))
            yield from (f"explain.{why}" for why in explain.values())
            for why in refuse.values():
                yield from _refusal(why)
        case e.Tell(name=name):
            yield from (f"tell.{name}.title", f"tell.{name}.how", f"step.tell-{name}")
        case e.Form(fields=fields):
            for field in fields:
                yield from (f"form_ask.{field.name}", f"key.{field.name}.field", f"step.form-{field.name}")
                yield from (f"key.{field.name}.{one}" for one in field.options)
        case e.Sign(name=name):
            yield from (f"sign.{name}", f"step.sign-{name}")
        case e.Photo(hides=hides):
            yield from (f"{of}.{what}" for of in ("photo", "key.photo") for what in ("sit", *hides))
        case e.Refuse(why=why):
            yield from _refusal(why)
        case _:
            return


def _refusal(why: str) -> Iterator[str]:
    yield from (f"refuse.{why}.title", f"refuse.{why}.how", f"way.{why}")


@pytest.mark.parametrize("counter", COUNTERS)
def test_whatever_the_data_name_can_be_said(counter: str) -> None:
    """In both languages: steps, answers, refusals with their way on; papers of whoever practises here."""
    base = machine_loader.folder(counter)
    found = msgspec.convert(machine_loader.toml(base / "errands.toml"), e.Errands)
    people = {"free", *(lesson.setting.persona for lesson in machine_loader.lessons(counter))}
    papers = {paper for name in people for paper in machine_loader.personas()[name].papers}
    flaws = (f"flaw.{one.flaw}" for one in papers if one.flaw)
    wanted = {*named(found), *(f"paper.{one.id}" for one in papers), *flaws}
    for language in machine_loader.LANGUAGES:
        assert wanted <= machine_loader.machine_texts(counter).keys(language)


@pytest.mark.parametrize("counter", COUNTERS)
def test_every_question_can_be_answered_so_that_it_goes_on(counter: str) -> None:
    found = msgspec.convert(machine_loader.toml(machine_loader.folder(counter) / "errands.toml"), e.Errands)
    for errand in found.errand:
        for step in errand.steps:
            if isinstance(step, e.Ask):
                assert set(step.explain) | set(step.refuse) < set(step.options), f"{errand.id}: {step.name}"
