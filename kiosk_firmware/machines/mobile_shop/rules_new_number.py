"""A new number: ID card, face, plan and number in the skin's order; then all of it once more; then it is opened.

Nothing is signed that was not shown: a plan that binds and a number that costs are shown before they can be taken.
Whoever may by law have basic service only is told so, what that is, and that one may object.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Tapped
from kiosk_firmware.core.hosts.mobile_carrier import (
    AppealAsked,
    DropAsked,
    NumbersAsked,
    OpenAsked,
    ReplaceAsked,
)
from kiosk_firmware.core.persona import Sms
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.phone import face_check, shell
from kiosk_firmware.machines.mobile_shop import phases as p
from kiosk_firmware.machines.mobile_shop.frauds import SCENES
from kiosk_firmware.machines.mobile_shop.state import (
    BASIC,
    State,
    Step,
    Terms,
    ask,
    enter_phase,
    home,
    menu,
    with_draft,
)

TRIES = 2
CONFIRM = "confirm"


def proceed(terms: Terms, state: State) -> Step:
    """Ask the first thing that is not settled yet, in the skin's order; then all of it once more."""
    draft = state.draft
    for stage in terms.profile.order:
        match stage:
            case "ident" if not draft.known:
                return enter_phase(state, p.Ident("new"))
            case "face" if not draft.faced:
                return enter_phase(state, p.Checked("new", face_check.begin_check(state.hindered)))
            case "plan" if not draft.plan:
                return enter_phase(state, p.Plans())
            case "number" if not draft.number:
                return enter_phase(state, p.Numbers())
            case _:
                pass
    after, effects = enter_phase(state, p.Confirm())
    return fraud_scenes.stepped_in(after, SCENES, CONFIRM, p.Met), effects


def continue_after_face(terms: Terms, state: State, errand: p.Errand) -> Step:
    """Go on with what the face check was for: it is passed."""
    if errand == "new":
        return proceed(terms, state)
    return ask(state, "old", ReplaceAsked(1, state.person, state.draft.old, True))


def on_new(terms: Terms, state: State, phase: p.Phase, event: AnyEvent) -> Step:
    """Take a key on one of a new number's pages."""
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase, event.key:
        case p.Ident(errand=errand), "ident.own":
            if not state.person:
                return enter_phase(state, p.Notice("no_id"))
            return ask(state, errand, NumbersAsked(0, state.person))
        case p.Ident(), "ident.other":
            return enter_phase(state, p.Notice("not_yours"))
        case p.Plans(), key if key.startswith("plan."):
            return enter_phase(state, p.PlanShown(event.value))
        case p.PlanShown(plan=plan), "plan.take":
            return proceed(terms, with_draft(state, plan=plan))
        case p.PlanShown(), "nav.back":
            return enter_phase(state, p.Plans())
        case p.Numbers(), key if key.startswith("number."):
            plain = terms.offered(event.value).kind == "plain"
            if plain:
                return proceed(terms, with_draft(state, number=event.value))
            return enter_phase(state, p.NumberShown(event.value))
        case p.NumberShown(number=number), "number.take":
            return proceed(terms, with_draft(state, number=number))
        case p.NumberShown(), "nav.back":
            return enter_phase(state, p.Numbers())
        case p.Confirm(), "confirm.yes":
            return ask(state, "new", contract_text(terms, state))
        case _, "nav.back":
            return menu(state)
        case _:
            return state, NO_EFFECTS


def contract_text(terms: Terms, state: State) -> OpenAsked:
    """Return what is signed."""
    draft = state.draft
    months = max(terms.plan(draft.plan).months, terms.offered(draft.number).months)
    return OpenAsked(1, state.person, draft.number, draft.plan, months, draft.faced)


def on_told(terms: Terms, state: State, phase: p.Phase, event: AnyEvent) -> Step:
    """Take a key where something was told: refused, or done."""
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase, event.key:
        case p.Refused(why="limited"), "limited.basic":
            return proceed(terms, with_draft(state, plan=BASIC, known=True))
        case p.Refused(why="limited"), "limited.appeal":
            return ask(state, "new", AppealAsked(1, state.person))
        case p.Refused(why="many", found=found), "many.list":
            return enter_phase(state, p.Listing(found.sims))
        case p.Refused(), "nav.back":
            return menu(state)
        case p.Done(), "first.open":
            return enter_phase(state, p.FirstSms())
        case ((p.Done() | p.FirstSms()), "done.ok"):
            return home(state)
        case _:
            return state, NO_EFFECTS


# -- the carrier's answers ---------------------------------------------------------------------------------------------


def after_answer(terms: Terms, state: State, event: HostAnswered) -> Step:
    """Return what the carrier says. An answer that was lost is asked for once more; the ask's number keeps it from
    being done twice.
    """
    phase = state.phase
    if not isinstance(phase, p.Waiting):
        return state, NO_EFFECTS
    if event.completion != "success":
        if phase.ask.id and phase.tries < TRIES:
            return ask(state, phase.errand, phase.ask, tries=phase.tries + 1, shown=phase.shown)
        return enter_phase(state, p.Notice("offline"))
    if event.verdict != "ok":
        return enter_phase(state, p.Notice("offline"))
    match event.ask:
        case NumbersAsked():
            return _known(terms, state, phase.errand, event.ask)
        case OpenAsked(number=number):
            return _received(state, p.Done(), number)
        case ReplaceAsked(number=number):
            return _received(state, p.Done(True), number)
        case AppealAsked():
            return enter_phase(state, p.Notice("appealed"))
        case DropAsked():
            return enter_phase(state, p.Notice("dropped"))
        case _:
            return state, NO_EFFECTS


def _received(state: State, phase: p.Phase, number: str) -> Step:
    if state.shell is None:
        return enter_phase(state, phase)
    return enter_phase(state, phase, shell=shell.receive_message(state.shell, Sms("welcome", number)))


def _known(terms: Terms, state: State, errand: p.Errand, found: NumbersAsked) -> Step:
    match errand:
        case "list":
            return enter_phase(state, p.Listing(found.sims)) if found.sims else enter_phase(state, p.Notice("none"))
        case "old":
            some = found.held + found.gone
            return enter_phase(state, p.Olds(found.held, found.gone) if some else p.Notice("no_old"))
        case _ if found.limited and BASIC not in (sim.plan for sim in found.sims):
            return enter_phase(state, p.Refused("limited", found))
        case _ if found.limited:
            return enter_phase(state, p.Notice("basic_only"))
        case _ if len(found.sims) >= terms.rules.most:
            return enter_phase(state, p.Refused("many", found))
        case _:
            return proceed(terms, with_draft(state, known=True))
