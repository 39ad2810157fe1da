"""The gate's pages: an arrow or a cross, what was taken, what is left, and what to do. No decision is taken here.

A page of kind Gate names its sign by `Body.icon`: arrow (the way is open or may be asked for), cross, wait, ride. The
reader's symbol stands where `Page.at` waits on it.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.pages import Body, Key, Page, Row, Text, Timer, text
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.common_pages import amount_row, key
from kiosk_firmware.kits.metro import station_choice
from kiosk_firmware.machines.metro_gate import phases as p
from kiosk_firmware.machines.metro_gate.state import State, Terms

READER = ("card_reader",)
GRACE_MS = 3000


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state."""
    phase = state.phase
    match phase:
        case p.Met(meeting=meeting):
            return fraud_scenes.page(meeting, terms.rules.page_ms)
        case p.Standing():
            return _standing(terms, state)
        case p.Writing(ride=ride):
            how = "writing.token" if ride.token and state.side == "exit" else "writing.how"
            return _sign("writing", "wait", text("writing.title"), (text(how),), at=READER)
        case p.Passing(ride=ride, closing=closing):
            return _passing(terms, state, ride, closing)
        case p.Told(why=why, how=how):
            return _told(terms, why, how)
        case p.Alarmed(what=what):
            note = (key("told.ok", "primary"),)
            lines = (text(f"alarm.{what}.how"),)
            time_out = Timer("alarm", terms.rules.note_ms)
            return _sign("alarm", "cross", text(f"alarm.{what}.title"), lines, note, time_out)
        case p.Riding():
            return _riding(terms, state, phase)
        case p.Done(ride=ride):
            out = "out" if state.side == "exit" else "in"
            lines = (text(f"done.{out}.how"),)
            rows, ok = _rows(state, ride), (key("told.ok", "primary"),)
            time_out = Timer("done", terms.rules.note_ms)
            return _sign("done", "arrow", text(f"done.{out}.title"), lines, ok, time_out, rows)
        case p.Back():
            return _back(terms, state, phase)
        case _:
            assert_never(phase)


def _sign(
    step: str,
    sign: str,
    title: Text,
    lines: tuple[Text, ...],
    keys_: tuple[Key, ...] = (),
    time_out: Timer | None = None,
    rows: tuple[Row, ...] = (),
    at: tuple[str, ...] = (),
) -> Page:
    return Page("Gate", step, title, None, Body(lines, rows=rows, icon=sign), keys_, time_out, at)


def _standing(terms: Terms, state: State) -> Page:
    at_home = state.side == terms.first
    step = "home" if at_home else "side"
    time_out = None if at_home else Timer("side", terms.rules.page_ms)
    if {"card_reader", "gate"} & set(state.books.lost):
        return _sign(step, "cross", text("closed.title"), (text("closed.how"),), (), time_out)
    if state.fire:
        return _sign(step, "arrow", text("fire.title"), (text("fire.how"),), (), time_out)
    here = terms.network.stations[state.station]
    where = Row(text("row.station", name=here.name, latin=here.latin))
    found = []
    if terms.profile.lanes == "both":
        found.append(key("side.exit" if state.side == "entry" else "side.entry", "choice"))
    if state.side == "entry":
        found.append(key("side.child", "choice"))
    if at_home:
        found.append(key("home.language", "choice"))
    lines, rows = (text(f"{state.side}.how"),), (where,)
    return _sign(step, "arrow", text(f"{state.side}.title"), lines, tuple(found), time_out, rows, READER)


def _rows(state: State, ride: p.Ride) -> tuple[Row, ...]:
    """Return what was taken and what is left; nothing of a token, which was paid before."""
    if ride.trip.startswith("t"):
        return ()
    whose = (Row(text(f"row.{ride.holder}")),) if ride.holder else ()
    taken = (*whose, *((amount_row("fare", ride.fare_fen),) if ride.fare_fen else ()))
    over = (amount_row("over", ride.over_fen),) if ride.over_fen else ()
    return (*taken, *over, amount_row("left", ride.fen))


def _passing(terms: Terms, state: State, ride: p.Ride, closing: bool) -> Page:
    """Return the page of the arrow; what the gate sees besides is said in its place. The gate's own time is over before
    the page's.
    """
    if closing:
        return _sign("closing", "wait", text("closing.title"), (text("closing.how"),))
    title, how = text("passing.title"), text(f"passing.{state.side}")
    if state.seen:
        title, how = text(f"alarm.{state.seen}.title"), text(f"alarm.{state.seen}.how")
    time_out = Timer("passing", terms.rules.pass_ms + GRACE_MS, terms.rules.pass_ms)
    return _sign("passing", "arrow", title, (how,), (), time_out, _rows(state, ride))


def _told(terms: Terms, why: str, how: Text) -> Page:
    ok = (key("told.ok", "primary"),)
    sign = "wait" if why == "child" else "cross"
    return _sign("told", sign, text(f"told_title.{why}"), (how,), ok, Timer("told", terms.rules.note_ms))


def _riding(terms: Terms, state: State, phase: p.Riding) -> Page:
    line = phase.choosing.line
    title = text("ride.which", no=line) if line else text("ride.line")
    out = (key("ride.stay", "back"),)
    return station_choice.page(terms.network, phase.choosing, "ride", title, Timer("ride", terms.rules.page_ms), out)


def _back(terms: Terms, state: State, phase: p.Back) -> Page:
    """Return the page while the card is still to be taken; the sign of what comes next stands already."""
    then = phase.then
    sign = "cross" if isinstance(then, p.Told) else "arrow"
    title = text(f"told_title.{then.why}") if isinstance(then, p.Told) else text("back.title")
    if phase.stuck:
        time_out = Timer("stuck", terms.rules.note_ms)
        return _sign("stuck", "cross", text("stuck.title"), (text("stuck.how"),), (), time_out)
    if state.moving:
        return _sign("moving", sign, title, (text("back.how"),))
    return _sign("take-card", sign, title, (text("back.take"),), (), Timer("take", terms.rules.take_ms))
