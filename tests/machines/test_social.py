"""The messenger beside its walks: money is only where somebody put it, whoever sends and takes and lets days pass;
nothing leaves without the password; no typed word is kept; the figures are the reference's.
"""

from __future__ import annotations

from functools import cache

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import AnyEvent, PinEntered, Tapped, Typed
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.machines.social.state import Rules

NOW = "2026-11-24T14:05:00+08:00"
RIGHT, WRONG = "right", "wrong"
PACKET = ("chat.more", "more.money", "money.packet")
TRANSFER = ("chat.more", "more.money", "money.transfer")


@cache
def loaded(skin: str = "rongliao") -> machine_loader.LoadedMachine:
    return machine_loader.load("social", skin)


def rules() -> Rules:
    found: Rules = loaded().machine.terms.rules  # type: ignore[attr-defined]
    return found


def begun(person: str = "social_own") -> tuple[Play, Situation]:
    play = Play(loaded().machine, loaded().world)
    now = play.begin(machine_loader.start_event(loaded().personas[person], NOW, None))
    return play, done(play, now, "lock.open", "app.open")


def event_of(play: Play, now: Situation, name: str) -> AnyEvent:
    """A word of the pad, a key of the page, or what is typed into its field."""
    page = play.page(now)
    if name in (RIGHT, WRONG):
        return PinEntered("pin_pad", "pin", name, "success")
    key = next((key for key in page.keys if name in (key.name, key.value) and key.role != "field"), None)
    assert key or page.body.field_key, f"{name} is not on {page.step}"
    return Tapped(key.name, page.step, key.value) if key else Typed(page.body.field_key, name, page.step)


def done(play: Play, now: Situation, *names: str) -> Situation:
    for name in names:
        now = play.settle(play.act(now, event_of(play, now, name)))
        assert not play.world.breaches(now.world, play.at_home(now)), name
    return now


def persona(play: Play, now: Situation) -> Persona:
    found: Persona = play.world.persona(now.world)
    return found


def balances(play: Play, now: Situation) -> dict[str, int]:
    return dict(persona(play, now).ledger.balances)


def talk(play: Play, now: Situation, friend: str) -> Situation:
    """To the talk with a friend, from wherever the app stands."""
    for _ in range(8):
        if play.page(now).step == "menu":
            return done(play, now, "menu.chats", friend)
        names = [key.name for key in play.page(now).keys]
        now = done(play, now, next(one for one in ("notice.ok", "sent.ok", "nav.back") if one in names))
    raise AssertionError(play.page(now).step)


sums = st.integers(1, 260)
sends = st.tuples(
    st.sampled_from(("liwei", "wangfang")),
    st.sampled_from(("packet", "0", "2", "24")),
    sums,
    st.sampled_from((RIGHT, WRONG, "nav.back")),
    st.booleans(),
)


@given(acts=st.lists(sends, max_size=5))
@example(acts=[("liwei", "packet", yuan, RIGHT, False) for yuan in (118, 1, 182, 1)])
@settings(deadline=None, max_examples=25)
def test_the_wallet_loses_what_was_sent_and_did_not_come_back(acts: list[tuple[str, str, int, str, bool]]) -> None:
    """Beside a model of four lines: sent, barred by the limit or the password, lying, taken, gone back after a day."""
    play, now = begun()
    wallet, lying = 30_000, list[tuple[str, int, int]]()
    for friend, how, yuan, word, day in acts:
        now, sent = sends_it(play, talk(play, now, friend), how, yuan, word)
        hours = 0 if how == "packet" else int(how)
        if sent and yuan * 100 <= wallet:
            wallet -= yuan * 100
            lying += [(friend, yuan * 100, hours)] if hours or friend == "wangfang" else []
        if day and play.page(now).key("gift.day"):
            now = done(play, now, "gift.day")
            wallet += sum(fen for who, fen, later in lying if not later or who == "wangfang")
            lying.clear()
        now_has = balances(play, now)
        assert (now_has[persona(play, now).wallet], sum(now_has.values())) == (wallet, 0)
        out = sum(gift.fen for gift in persona(play, now).phone.social.gifts if gift.taker)
        assert out == sum(fen for _, fen, _ in lying)


def sends_it(play: Play, now: Situation, how: str, yuan: int, word: str) -> tuple[Situation, bool]:
    """As far as it goes, and whether it was signed with the right password."""
    now = done(play, now, *(PACKET if how == "packet" else TRANSFER), str(yuan), "amount.ok")
    if play.page(now).step == "amount":
        assert (how, yuan * 100 > rules().packet_fen) == ("packet", True)
        return now, False
    now = done(play, now, *([] if how == "packet" else [f"hours.{how}"]), "confirm.yes", word)
    return (done(play, now, "nav.back") if word == WRONG else now), word == RIGHT


def test_too_many_wrong_passwords_bar_sending_and_the_money_stays() -> None:
    play, now = begun()
    before = balances(play, now)
    now = done(play, talk(play, now, "liwei"), *PACKET, "20", "amount.ok", "confirm.yes")
    now = done(play, now, *[WRONG] * rules().pin_tries)
    assert play.page(now).step == "notice"
    now = done(play, now, "notice.ok", *PACKET, "20", "amount.ok", "confirm.yes")
    assert play.page(now).step == "notice", "the password is not even asked for"
    assert balances(play, now) == before


def test_the_password_is_asked_for_on_the_glass_and_no_figure_of_it_is_known() -> None:
    play, now = begun()
    now = done(play, talk(play, now, "liwei"), *PACKET, "20", "amount.ok", "confirm.yes")
    (asked,) = (effect for effect, _ in now.open)
    assert (asked.at, asked.on) == ("pin_pad", "glass")  # type: ignore[attr-defined]
    assert asked.number == persona(play, now).cards[0].number  # type: ignore[attr-defined]
    assert play.page(now).private


@given(words=st.text(st.characters(codec="utf-8", categories=("Lo",)), min_size=4, max_size=12))
@settings(deadline=None, max_examples=20)
def test_what_somebody_wrote_is_sent_and_forgotten(words: str) -> None:
    play, now = begun()
    now = done(play, talk(play, now, "liwei"), "chat.type")
    page = play.page(now)
    now = play.settle(play.act(now, Typed(page.body.field_key, words, page.step)))
    now = done(play, now, "type.send")
    assert words not in repr((now.state, now.world, play.facts(now)))


def test_the_figures_are_the_reference_s() -> None:
    """Red packets of at most 200 yuan, what nobody takes goes back after 24 hours, transfers after 2 or 24 hours."""
    assert (rules().packet_fen, rules().back_hours, rules().hours) == (20_000, 24, (0, 2, 24))


def test_a_red_packet_says_what_was_in_it() -> None:
    play, now = begun()
    now = done(play, talk(play, now, "liwei"), "gift.packet", "gift.open")
    assert loaded().words.write(play.page(now).title, "zh") == "收到 8.88 元"


def test_a_blocked_friend_is_gone_and_can_be_sent_nothing() -> None:
    play, now = begun("social_troubled")
    now = done(play, talk(play, now, "chenhao"), "chat.more", "more.guard", "guard.block", "notice.ok")
    assert "chenhao" not in msgspec.structs.asdict(persona(play, now).phone.social)["friends"]
    now = done(play, now, "menu.chats")
    assert "chenhao" not in [key.value for key in play.page(now).keys]
