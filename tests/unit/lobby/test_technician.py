"""The technician's side: no key leads in, from every page one gets out, and it closes when nobody is there."""

from __future__ import annotations

import pytest

from hardware.setup.pulse_teaching import yuan
from kiosk_firmware.core.events import Idled
from kiosk_firmware.core.pages import Row, Text, text
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.lobby.phases import supervisor as s
from kiosk_firmware.unit.lobby.phases import technician as t
from kiosk_firmware.unit.lobby.texts import lobby_texts
from kiosk_firmware.unit.lobby.transitions import update
from kiosk_firmware.unit.lobby.view import view
from kiosk_firmware.unit.runtime import receipt_lines
from kiosk_firmware.unit.shell import technician_lines
from tests.unit.lobby.test_lobby import OFFERS, presses, texts_of
from tests.unit.lobby.test_supervisor import INSIDE, STAFFING, walked

ALL = frozenset(("test", "teach", "watch", "record"))
PARTS = (
    t.PartOffer("coin_acceptor", ALL, True),
    *(
        t.PartOffer(at, frozenset(("test",)))
        for at in ("card_reader", "lights", "contacts", "buzzer", "gate", "pin_pad")
    ),
)
ROWS = tuple(Row(text("tech.line.plain", line=f"n {n}"), None, "ok") for n in range(8))
SUBJECTS = ("compare", "failures", "config", "network", "clock")
LATE = [
    *(t.Findings(subject, "", rows) for subject in SUBJECTS for rows in (ROWS, ())),
    *(t.Findings(subject, "coin_acceptor", ROWS) for subject in ("part", "history", "locate")),
    t.Findings("part", "gate", ()),
    t.WorkLine(1, ROWS[0]),
    t.WorkAsked(1, text("tech.line.plain", line=yuan(100))),
    t.WorkEnded(1, True),
    t.WorkEnded(1, False),
    lb.Holding((), ("card_reader",)),
    lb.Holding(),
]
START = lb.Lobby(offers=OFFERS, staffing=STAFFING)


def at_bench(lobby):
    return isinstance(lobby.phase, t.Technician) and lobby.phase.works <= 1


@pytest.fixture(scope="module")
def everywhere():
    """All that a technician can get to, with one work."""
    door, _ = update(START, s.Knocked())
    inside, _ = update(door, t.TechnicianAdmitted(3, PARTS))
    assert inside.phase == t.Technician(3, PARTS)
    return walked(inside, LATE, at_bench)


def test_only_the_locks_word_at_the_door_leads_in():
    """No key and nothing that is told leads in; the word counts at the door and nowhere else."""
    told = [event for event in (s.Knocked(), *INSIDE[:6], *LATE) if not isinstance(event, lb.Holding)]
    states = walked(START, told, lambda lobby: not isinstance(lobby.phase, s.Desk))
    for state, way in states.items():
        assert not isinstance(state.phase, t.Technician), way
        after, _ = update(state, t.TechnicianAdmitted(3, PARTS))
        assert isinstance(after.phase, t.Technician) == isinstance(state.phase, s.Door)


def test_every_sheet_is_met(everywhere):
    met = {type(lobby.phase.sheet) for lobby in everywhere}
    assert met == {t.TechnicianHub, t.PartList, t.PartMenu, t.Found, t.Release, t.Working}
    works = {lobby.phase.sheet.work for lobby in everywhere if isinstance(lobby.phase.sheet, t.Working)}
    assert works == {"watch", "record", "test", "teach", "probe"}


def test_three_keys_lead_out_of_every_page(everywhere):
    """Back, back, back, and out: no dead end, and no page deeper than a hand finds out of."""
    for lobby in everywhere:
        here = lobby
        for _ in range(6):
            if isinstance(here.phase, lb.Attract):
                break
            if here.holding.stuck:
                here, _ = update(here, lb.Holding())
            names = [event for event in presses(here) if event.key in ("tech.back", "tech.end")]
            assert len(names) == 1, view(here)
            here, _ = update(here, names[0])
        assert isinstance(here.phase, lb.Attract), lobby.phase


def test_it_closes_when_nobody_is_there_and_ends_what_goes_on(everywhere):
    for lobby in everywhere:
        after, requests = update(lobby, Idled())
        assert isinstance(after.phase, lb.Attract)
        assert requests[-1] == t.LeaveTechnician(3, "idle")
        assert (t.EndWork() in requests) == isinstance(lobby.phase.sheet, t.Working)


def test_leaving_a_work_ends_it(everywhere):
    for lobby in everywhere:
        for event in presses(lobby) if isinstance(lobby.phase.sheet, t.Working) else ():
            after, requests = update(lobby, event)
            if not (isinstance(after.phase, t.Technician) and isinstance(after.phase.sheet, t.Working)):
                assert requests[0] == t.EndWork(), event


def test_devices_are_let_go_of_only_after_a_question(everywhere):
    for lobby in everywhere:
        for event in presses(lobby):
            _, requests = update(lobby, event)
            begun = [one for one in requests if isinstance(one, t.BeginWork) and one.work in t.RELEASES]
            asked = isinstance(lobby.phase.sheet, t.Release)
            again = isinstance(lobby.phase.sheet, t.Working) and event.key == "tech.again"
            assert not begun or asked or again


def test_what_comes_late_is_dropped():
    inside = t.Technician(3, PARTS, t.Working(2, "watch", "coin_acceptor"), 2)
    lobby = lb.Lobby(phase=inside, offers=OFFERS)
    for event in (t.WorkLine(1, ROWS[0]), t.WorkEnded(1, True), t.Findings("clock", "", ROWS)):
        assert update(lobby, event) == (lobby, ())
    ended, _ = update(lobby, t.WorkEnded(2, True))
    assert update(ended, t.WorkLine(2, ROWS[0])) == (ended, ())


def test_every_page_has_its_words_in_both_languages(everywhere):
    own = lobby_texts()
    for lobby in everywhere:
        page = view(lobby)
        names = [key.name for key in page.keys]
        assert len(names) == len(set(names))
        assert page.kind != "Menu" or len(names) <= 9
        assert page.step.startswith("staff-") or lobby.holding.stuck
        for said in texts_of(page):
            for language in lb.LANGUAGES:
                assert said.key in own.keys(language), said.key
                assert "{" not in own.write(said, language), said


def test_a_card_for_a_technician_is_asked_for_and_refused_in_words():
    desk = lb.Lobby(phase=s.Desk(1, s.Setup()), offers=OFFERS, staffing=STAFFING)
    tap = next(event for event in presses(desk) if event.key == "staff.technician-card")
    waiting, requests = update(desk, tap)
    assert requests == (s.TakeCard(technician=True),)
    for why in ("", "taken", "learner"):
        after, _ = update(waiting, s.CardTaken(why))
        said = view(after).body.lines[0]
        assert said == Text(f"staff.card.{why}" if why else "staff.technician-card.done")


def test_a_long_line_takes_several_rows_and_loses_nothing():
    said = "WARNING 2026-12-03 " + "refused " * 20 + "x" * 130 + " 没有应答，请看线和电源" * 4
    rows = [*technician_lines.rows(said, "bad")]
    assert [row.mark for row in rows] == ["bad", *[""] * (len(rows) - 1)]
    shown = [dict(row.label.args)["line"] for row in rows]
    assert max(map(receipt_lines.width, shown)) <= technician_lines.COLUMNS
    assert "".join(shown).replace(" ", "") == said.replace(" ", "")
