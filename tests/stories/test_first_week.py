"""The first week out on the whole unit: one learner, seven stops, one person's papers and money carried along.

Played by page keys over twins. What is judged: the PIN that was chosen at the counter opens the account at the cash
machine; a stop that was done is ticked, also after power went and on another day; nothing personal reaches the office.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.stories.judging import judge
from tests.stories.queueing import fill, press, sign, stay, to_desk
from tests.stories.riding import ME, lay, lift_ident
from tests.stories.rig import House
from tests.wire.rig import wait

pytestmark = [pytest.mark.glass, pytest.mark.long]
DIGITS, PHONE, CARD, CHOSEN = "000932", "19990217453", "9900550000008888", "730519"


def come(house: House) -> None:
    """The learner signs in by card."""
    house.wait_step("attract")
    house.card("9900700000" + DIGITS)
    house.take_card()
    if house.wait_step("touch-1", "home")["step"].startswith("touch"):  # on the first day
        house.tap("touch.skip")
    house.wait_step("home")


def way(house: House, done: int) -> list[str]:
    """From wherever the lobby stands to the way's own page, which ticks so many stops; its keys."""
    while (step := house.wait_step("home", "debrief", "route")["step"].split("#")[0]) != "route":
        house.tap("debrief.home" if step == "debrief" else "tile.first-week")
    expected = [f"stop.{n + 1}" for n in range(done)]
    wait(lambda: ticked(house.look()["page"]) == expected, f"{done} ticks")
    return [key["name"] for key in house.look()["page"]["keys"]]


def ticked(page: dict[str, Any]) -> list[str]:
    return [key["name"] for key in page["keys"] if key["name"] != "stop.next" and key.get("icon") == "tick"]


def stop(house: House, number: int, does: Callable[[House], None], **facts: object) -> None:
    """The stop that comes next: gone to, done, judged, ticked."""
    way(house, number - 1)
    press(house, "stop.next", "task.start")
    house.wait_run()
    does(house)
    ended = house.end()
    assert ended["outcome"] == "done"
    assert {name: ended["facts"].get(name) for name in facts} == facts
    judge(house)


def report(house: House) -> None:
    """The judicial office."""
    to_desk(house, "advice", "arrive")
    press(house, "paper.release", "days_out.days", "need.work", "tell.ok", "name.1", "form.ok")
    sign(house, "sign-arrive")
    press(house, "slip.ok", "tell.ok", "papers.take")


def book(house: House) -> None:
    """The household book."""
    to_desk(house, "hukou", "report")
    press(house, "paper.release", "when_out.days", "living.family", "name.1")
    fill(house, "phone", "12000005528")
    house.tap("form.ok")
    sign(house, "sign-report")
    press(house, "slip.ok", "tell.ok", "papers.take")


def card(house: House) -> None:
    """The ID card: photograph, thumbs, fee, and fetched on its day."""
    to_desk(house, "card", "renew")
    press(house, "paper.old_id", "why_new.expired", "tell.ok")
    house.wait_step("photo")
    stay(house, "photo.sit", lambda page: page["body"].get("digits"))
    press(house, "photo.shoot", "right_print.right_thumb", "left_print.left_thumb")
    fill(house, "number", ME)
    fill(house, "phone", "12000005528")
    house.tap("form.ok")
    sign(house, "sign-card")
    press(house, "fee.pay", "slip.ok", "papers.take", "coming.2", "passed.ok", "paper.slip")


def number(house: House) -> None:
    """A telephone number."""
    press(house, "lock.open", "app.open", "menu.new", "ident.own", "face.frame", "face.blink", "face.turn")
    press(house, "plan.small", "plan.take", "number.0", "confirm.yes", "done.ok")


def account(house: House) -> None:
    """The bank, with the ID card and the number of the stops before."""
    to_desk(house, "personal", "open")
    house.wait_step("ident")
    lay(house, ME)
    press(house, "purpose.wages", "tell.ok", "lend.never", "class.one", "name.1")
    fill(house, "number", ME)
    fill(house, "phone", PHONE)
    house.tap("form.ok")
    for step in ("pin-new", "pin-again"):
        house.wait_step(step)
        house.pin(CHOSEN)
    sign(house, "sign-account")
    house.tap("slip.ok")
    lift_ident(house)


def cash(house: House) -> None:
    """The new card at the cash machine, with the PIN that was chosen at the counter."""
    house.card(CARD)
    house.wait_step("pin")
    house.pin(CHOSEN)
    press(house, "menu.balance", "shown.ok", "another.no")
    house.take_card()


def cover(house: House) -> None:
    """The health insurance."""
    to_desk(house, "join", "this_year")
    house.wait_step("ident")
    lay(house, ME)
    press(house, "reason.released", "paper.release")
    fill(house, "out", "20261120")
    press(house, "form.ok", "tell.ok", "name.1")
    fill(house, "phone", PHONE)
    house.tap("form.ok")
    sign(house, "sign-resident")
    press(house, "fee.pay", "slip.ok", "papers.take")
    lift_ident(house)


def test_the_week_is_gone_by_one_learner_on_two_days(house: House) -> None:
    come(house)
    stop(house, 1, report, filed="arrive", papers_back=True)
    stop(house, 2, book, filed="report", papers_back=True)
    stop(house, 3, card, fetched="renew", came="right")
    stop(house, 4, number, opened=True, plan="small")
    stop(house, 5, account, filed="open", pin_set=True, id_back=True)
    stop(house, 6, cash, balance_seen=True, card_back=True)
    house.kill("screen")  # the evening: power goes, and another day comes
    house.start_screen()
    come(house)
    stop(house, 7, cover, filed="this_year", answer_reason="released")
    assert "stop.next" not in way(house, 7)
    assert len({end["learner"] for end in house.ended()}) == 1
    assert not [word for word in (DIGITS, ME, PHONE, CARD, CHOSEN, "张明") if word in house.told()]
