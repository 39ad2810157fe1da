"""The messenger on the whole unit: written to a friend, a red packet that is opened and one that is signed for with the
password, power that goes in the middle; a friend's account that somebody else writes from.

Played by page keys. What is judged: the run's facts; that no typed word and no password ever reaches the office; that a
cut sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories.phoning import figures
from tests.stories.queueing import press
from tests.stories.rig import PIN, House

pytestmark = [pytest.mark.glass, pytest.mark.long]
WORDS = "我回来了，别担心"
HOME = ("nav.back", "nav.back", "nav.back", "nav.lock")
"""From a talk to the locked phone."""


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A unit that is a phone: its panel stands upright."""
    made = House(tmp_path_factory.mktemp("phone"), phone=True)
    try:
        yield made.start()
    finally:
        made.close()


def talk(house: House, lesson: str, friend: int = 0) -> None:
    """From the lobby into the talk with a friend."""
    house.begin(lesson, machine="social", skin="rongliao")
    press(house, "lock.open", "app.open", "menu.chats", f"with.{friend}")


def proved(house: House, lesson: str, **facts: object) -> None:
    ended = house.end()
    assert (ended["machine"], ended["lesson"], ended["outcome"]) == ("social", lesson, "done")
    assert {name: ended["facts"].get(name) for name in facts} == facts
    told = house.told()
    assert not [secret for secret in (WORDS, PIN, "19990211160") if secret in told]


def test_a_friend_is_written_to(phone: House) -> None:
    talk(phone, "write")
    phone.tap("chat.type")
    phone.wait_step("typing")
    phone.type(WORDS)
    press(phone, "type.send", *HOME)
    proved(phone, "write", said_to="liwei", said_how="typed")


def test_a_red_packet_is_opened(phone: House) -> None:
    talk(phone, "open-packet")
    press(phone, "gift.packet", "gift.open", "notice.ok", *HOME)
    proved(phone, "open-packet", opened_fen=888)


def test_a_red_packet_is_sent_once_though_power_goes(phone: House) -> None:
    """The unit dies as soon as it was sent; who comes back stands where it was, and the friend has one."""
    talk(phone, "send-packet")
    press(phone, "chat.more", "more.money", "money.packet")
    phone.wait_step("amount")
    phone.type("20")
    press(phone, "amount.ok", "confirm.yes")
    phone.wait_step("password")
    figures(phone)
    phone.wait_step("sent-taken")
    phone.kill("screen")
    phone.start_screen()
    phone.wait_run()
    press(phone, "sent.ok", *HOME)
    proved(phone, "send-packet", sent_to="liwei", sent_kind="packet", sent_fen=2_000)


def test_what_a_stranger_writes_in_a_friends_name(phone: House) -> None:
    """Having been taken in once is told at once, costs nothing, and the friend is written to after all."""
    talk(phone, "friend-borrows")
    press(phone, *(f"scene.{key}" for key in ("send-now", "again", "call-first", "wait-voice", "on")))
    press(phone, "say.0", *HOME)
    proved(phone, "friend-borrows", fraud_fell=True, fraud_refused=True, sent_fen=-1)


def test_a_fraud_is_skipped_and_the_task_goes_on(phone: House) -> None:
    talk(phone, "friend-borrows")
    press(phone, "scene.skip", "scene.on", "say.0", *HOME)
    proved(phone, "friend-borrows", fraud_skipped=True, said_to="liwei")
