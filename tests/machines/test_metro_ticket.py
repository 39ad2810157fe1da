"""The metro's ticket machine: what a ride costs is what is asked for, paid and written on the ticket; what is put in is
loaded, once, wherever the card goes away; whatever a person finds by map is found by letter, too.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import ItemsInserted, MediaDispensed, MediaInserted, MediaTaken, Started, Struck, Tapped
from kiosk_firmware.core.hosts.bank import Ledger
from kiosk_firmware.core.money import items
from kiosk_firmware.core.pages import text
from kiosk_firmware.core.persona import Pass, Persona
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.kits.metro.ticket_record import parse_trip
from kiosk_firmware.kits.return_items import Goodbye, Leave

NOW = "2026-11-24T14:05:00+08:00"
CARD = Pass("9900770000001001", 1_500, "c>s009@25rjh")


def two_stations(metres: int) -> dict[str, Any]:
    line = {"number": "1", "colour": "#C8102E", "pattern": "solid", "stops": [f"s001 {metres}", "s002 0"]}
    return {
        "data": {"network": {"stations": ["s001 甲 jia", "s002 乙 yi"], "line": [line]}},
        "profile": {"home": "s001", "known": []},
    }


def begun(persona: Persona, skin: str = "rongjiang", changes: dict[str, Any] | None = None) -> tuple[Play, Situation]:
    loaded = machine_loader.load("metro-ticket", skin, changes=changes)
    play = Play(loaded.machine, loaded.world)
    return play, play.begin(machine_loader.start_event(persona, NOW))


def pressed(play: Play, now: Situation, *names: str) -> Situation:
    for name in names:
        key = play.page(now).key(name)
        assert key is not None, f"{name} is not on {play.page(now).step}"
        now = play.settle(play.act(now, Tapped(name, play.page(now).step, key.value)))
    return now


def arg(play: Play, now: Situation, name: str) -> Any:
    page = play.page(now)
    return next(dict(text.args)[name] for text in (page.title, *page.body.lines) if name in dict(text.args))


@pytest.mark.parametrize(
    ("metres", "fen"),
    [(4_000, 200), (4_100, 300), (8_001, 400), (18_000, 500), (18_100, 600), (50_001, 1_000), (71_000, 1_100)],
)
def test_a_ticket_costs_and_carries_the_published_fare(metres: int, fen: int) -> None:
    persona = Persona(wallet="w", ledger=Ledger((("w", 9_000), ("world", -9_000))))
    play, now = begun(persona, changes=two_stations(metres))
    now = pressed(play, now, "menu.ticket", "line.1", "station.s002")
    assert arg(play, now, "each_fen") == fen
    now = pressed(play, now, "count.2")
    assert arg(play, now, "due_fen") == 2 * fen
    now = pressed(play, now, "pay.phone")
    now = play.settle(play.act(now, play.acts(now, {})[-1]))
    assert play.page(now).step == "take-ticket"
    ticket = now.world.bench.offered
    trip = parse_trip(ticket.trip)
    assert (ticket.fen, trip.token, trip.sold) == (fen, True, "s001")
    assert now.world.bank.ledger.balance("metro") == 2 * fen


@pytest.mark.parametrize("skin", machine_loader.skins("metro-ticket"))
def test_every_station_is_found_by_its_line_and_by_its_letter(skin: str) -> None:
    play, now = begun(Persona(), skin)
    network, home = play.machine.terms.network, play.machine.terms.profile.home
    to_count = ("menu.ticket", "count.1") if play.machine.terms.profile.count_first else ("menu.ticket",)
    now = pressed(play, now, *to_count)
    by_line = now if play.page(now).step == "lines" else pressed(play, now, "where.lines")
    by_letter = now if play.page(now).step == "letters" else pressed(play, now, "where.letters")
    ways = [(by_line, f"line.{number}") for number in network.lines]
    ways += [(by_letter, key.name) for key in play.page(by_letter).keys if key.name.startswith("letter.")]
    found: list[set[str]] = [set(), set()]
    for start, name in ways:
        here: Situation | None = pressed(play, start, name)
        while here is not None:
            page = play.page(here)
            found[name.startswith("letter.")] |= {key.value for key in page.keys if key.name.startswith("station.")}
            here = pressed(play, here, "page.down") if page.key("page.down") else None
    assert found[0] == found[1] == set(network.stations)
    told = pressed(play, by_line, f"line.{network.stations[home].lines[0]}")
    while play.page(told).key(f"station.{home}") is None:
        told = pressed(play, told, "page.down")
    assert play.page(pressed(play, told, f"station.{home}")).title.key == "notice.same_place.title"


NOTES = st.lists(st.sampled_from([500, 1_000, 2_000, 5_000, 10_000]), max_size=5)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(notes=NOTES, torn=st.sampled_from(["", "written", "unwritten"]))
def test_what_is_put_in_is_loaded_once_wherever_the_card_goes_away(notes: list[int], torn: str) -> None:
    """Also where nobody knows how far the writing came: the same card, held there again, tells."""
    persona = Persona(purse=items(*((fen, 1) for fen in notes)), passes=(CARD,))
    play, now = begun(persona)
    now = pressed(play, now, "menu.load")
    now = play.settle(play.act(now, MediaInserted("card_reader", now.world.bench.hand[0])))
    taken = 0
    for fen in notes:
        if fen >= 1_000:
            now = play.settle(play.act(now, ItemsInserted("note_acceptor", fen)))
            taken += fen
    if taken:
        now = play.act(now, Tapped("load.ok", play.page(now).step))
        now = played(play, now, torn)
        assert play.page(now).step == "loaded"
        now = pressed(play, now, "card.ok")
    else:
        now = pressed(play, now, "load.back")
    now = play.settle(play.act(now, MediaTaken("card_reader")))
    (card,) = now.world.bench.hand
    assert (card.fen, card.trip) == (CARD.fen + taken, CARD.trip)
    assert play.world.breaches(now.world, at_rest=True) == ()


def played(play: Play, now: Situation, torn: str) -> Situation:
    """The write ends well, or is torn before or after the card had it and the card is held there again."""
    ((write, _),) = now.open
    said = play.world.answer(now.world, write, False)
    if not torn:
        return play.settle(play.act(now, said))
    struck, unknown = play.world.faults(now.world, "write_torn", now.open)[0]
    assert isinstance(struck, Struck)
    for event in (struck, unknown) if torn == "written" else (unknown,):
        now = play.step(now, event).after
    now = play.settle(now)
    now = play.settle(play.act(now, MediaTaken("card_reader")))
    assert play.page(now).step == "torn"
    return play.settle(play.act(now, MediaInserted("card_reader", now.world.bench.hand[0])))


def test_nobody_pays_for_what_does_not_come() -> None:
    """One of two comes; the card gets the other one's price back."""
    changes = {**two_stations(5_000), "profile": {"home": "s001", "known": [], "tickets": 1}}
    play, now = begun(Persona(passes=(CARD,)), changes=changes)
    now = pressed(play, now, "menu.ticket", "line.1", "station.s002", "count.2", "pay.card")
    now = play.settle(play.act(now, MediaInserted("card_reader", now.world.bench.hand[0])))
    now = play.act(now, MediaTaken("ticket_dispenser"))
    events = [play.world.answer(now.world, effect, False) for effect, _ in now.open]
    assert isinstance(events[0], MediaDispensed)
    assert events[0].reason == "empty"
    now = play.settle(now)
    now = play.settle(play.act(now, MediaTaken("card_reader")))
    assert {media.fen for media in now.world.bench.hand} == {300, CARD.fen - 300}


@pytest.mark.parametrize(("why", "advised"), [("bought", True), ("card_bought", False), ("timed_out", False)])
def test_who_has_bought_a_ticket_is_told_how_soon_to_use_it(why: str, advised: bool) -> None:
    machine: Any = machine_loader.load("metro-ticket").machine
    state = machine.start(Started(0, Persona()))
    page = machine.view(msgspec.structs.replace(state, phase=Goodbye(Leave(why=why))))
    assert (text("advice.soon", minutes=30) in page.body.lines) == advised
