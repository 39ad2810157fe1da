"""The mobile shop's pages: one small function a phase; no decision is taken here."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, ServiceWindow, Text, Timer, text
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.common_pages import amount_row, key, message
from kiosk_firmware.kits.phone import face_check, shell_pages
from kiosk_firmware.machines.mobile_shop import phases as p
from kiosk_firmware.machines.mobile_shop.state import Rules, State, Terms
from kiosk_firmware.machines.mobile_shop.view_plans import confirm, number_shown, numbers, plan_shown, plans

MENU: tuple[tuple[str, str], ...] = (("menu.new", "phone"), ("menu.old", "back"), ("menu.list", "person"))
COUNTER = (ServiceWindow(1, text("machine.name")),)
"""In the shop itself, somebody at the counter says what a telephone would show."""
ICONS = {"appealed": "ok", "dropped": "ok", "none": "ok"}


def view(terms: Terms, state: State) -> Page:
    """Return the page of the state."""
    if state.shell is not None and state.shell.front:
        return shell_pages.view(state.shell, "counter", terms.rules.page_ms)
    page = _page(terms, state)
    if state.shell is None and page.kind in ("Menu", "Message") and not isinstance(state.phase, p.Met):
        return replace(page, kind="Hall", body=replace(page.body, windows=COUNTER))
    return page


def _page(terms: Terms, state: State) -> Page:
    phase, rules = state.phase, terms.rules
    match phase:
        case p.Home() | p.Menu():
            return _menu(terms, state)
        case p.Ident(errand=errand):
            keys = (key("ident.own", "primary"), key("ident.other", "choice"), *shell_pages.nav(state.shell))
            lines = (text(f"ident.{errand}"),)
            return message("ident", "ident.title", lines, keys, _timer(terms), icon="ident_in")
        case p.Waiting():
            return message("waiting", "waiting.title", (), (), None, icon="wait")
        case p.Refused():
            return _refused(terms, state, phase)
        case p.Checked(face=now):
            return face_check.page(now, rules.face_ms)
        case p.Plans():
            return plans(terms, state)
        case p.PlanShown(plan=plan):
            return plan_shown(terms, state, plan)
        case p.Numbers():
            return numbers(terms, state)
        case p.NumberShown(number=number):
            return number_shown(terms, state, number)
        case p.Confirm():
            return confirm(terms, state)
        case p.Done() | p.FirstSms():
            return _done(terms, state, phase)
        case p.Listing() | p.SimShown() | p.Olds():
            return _listed(terms, state, phase)
        case p.Notice(why=why):
            return _notice(rules, why)
        case p.Met(meeting=now):
            return fraud_scenes.page(now, rules.page_ms)
        case _:
            assert_never(phase)


def _done(terms: Terms, state: State, phase: p.Done | p.FirstSms) -> Page:
    ok = key("done.ok", "choice" if isinstance(phase, p.Done) else "primary")
    if isinstance(phase, p.FirstSms):
        how = text("sms.welcome.how", code=state.draft.number or state.draft.old)
        return message("first-sms", "sms.welcome.who", (how,), (ok,), _timer(terms), icon="receipt")
    how = text("done.replaced" if phase.replaced else "done.opened")
    return message("done", "done.title", (how,), (key("first.open", "primary"), ok), _timer(terms), icon="ok")


def _notice(rules: Rules, why: str) -> Page:
    lines = (text(f"notice.{why}", days=rules.recycle_days, answer=rules.appeal_days),)
    icon, time_out = ICONS.get(why, "warn"), Timer("notice", rules.note_ms)
    return message("notice", f"notice_title.{why}", lines, (key("notice.ok", "primary"),), time_out, icon=icon)


def _timer(terms: Terms) -> Timer:
    return Timer("page", terms.rules.page_ms)


def _menu(terms: Terms, state: State) -> Page:
    keys = tuple(Key(name, "choice", Text(f"key.{name}"), icon=icon) for name, icon in MENU)
    body = Body((text("menu.how"),))
    if state.shell is None:
        language = Key("home.language", "choice", Text("key.home.language"), icon="language")
        return Page("Menu", "home", text("menu.title"), text("menu.say"), body, (*keys, language))
    keys = (*keys, Key("nav.back", "back", Text("key.nav.back")))
    return Page("Menu", "menu", text("menu.title"), text("menu.say"), body, keys, _timer(terms))


def _refused(terms: Terms, state: State, phase: p.Refused) -> Page:
    if phase.why == "many":
        keys: tuple[Key, ...] = (key("many.list", "primary"), *shell_pages.nav(state.shell))
        many = (text("refused.many", most=terms.rules.most),)
        return message("refused-many", "refused.title_many", many, keys, _timer(terms), icon="person")
    keys = (key("limited.basic", "primary"), key("limited.appeal", "choice"), *shell_pages.nav(state.shell))
    lines = (text("refused.limited"), text("refused.still"))
    return message("refused-limited", "refused.title_limited", lines, keys, _timer(terms), icon="lock")


def _listed(terms: Terms, state: State, phase: p.Listing | p.SimShown | p.Olds) -> Page:
    back = shell_pages.nav(state.shell)
    match phase:
        case p.Listing(sims=sims):
            keys = tuple(
                Key(f"sim.{at}", "choice", text("sim.number", number=_short(sim.number)), sim.number)
                for at, sim in enumerate(sims)
            )
            body = Body((text("listing.how"),))
            return Page("Menu", "listing", text("listing.title"), None, body, (*keys, *back), _timer(terms))
        case p.SimShown(sim=sim):
            plan = terms.plan(sim.plan) if sim.plan in {one.id for one in terms.rules.plans} else None
            rows: tuple[Row, ...] = (Row(text("row.number"), text("sim.number", number=_short(sim.number))),)
            rows += (amount_row("each", plan.fen),) if plan else ()
            lines = (text("sim.own" if sim.own else "sim.stranger"),)
            role: Role = "danger" if sim.own else "choice"
            return message(
                "sim", "sim.title", lines, (key("drop.yes", role, sim.number), *back), _timer(terms), rows=rows
            )
        case p.Olds(held=held, gone=gone):
            keys = tuple(
                Key(f"old.{at}", "choice", text("sim.number", number=_short(number)), number)
                for at, number in enumerate((*held, *gone))
            )
            body = Body((text("olds.how"),))
            return Page("Menu", "olds", text("olds.title"), None, body, (*keys, *back), _timer(terms))


def _short(number: str) -> str:
    """Return a telephone number as people read it: 3-4-4."""
    return f"{number[:3]} {number[3:7]} {number[7:]}"
