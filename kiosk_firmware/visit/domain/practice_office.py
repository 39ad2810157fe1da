"""The visits' office that answers a terminal, pure: answering and booking are apart, as at the bank.

An answer carries what the office will know once it is heard (`visits`); `record_answer` takes that up. Asked again, it
answers alike: a request that is there already with the same content, a sign-in that was made, a visit that has ended.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.hosts.visit import (
    VisitArrived,
    VisitAsk,
    VisitCase,
    VisitConnected,
    VisitEnded,
    VisitRequested,
    Visits,
    VisitTakenBack,
)
from kiosk_firmware.visit.domain.decisions import VisitRules, close_visit, now_standing
from kiosk_firmware.visit.domain.states import is_open, step

change = msgspec.structs.replace


def judge(rules: VisitRules, person: str, known: Visits, ask: VisitAsk) -> tuple[str, VisitAsk]:
    """Return the office's verdict, and the ask with what it knows then. `person`: whose card it must be."""
    if ask.person != person:
        return "nothing", ask
    now = now_standing(rules, known, ask.day, ask.minute)
    verdict, after = _judge_ask(rules, now, ask)
    return verdict, change(ask, visits=after)


def _judge_ask(rules: VisitRules, now: Visits, ask: VisitAsk) -> tuple[str, Visits]:
    match ask:
        case VisitRequested():
            return _take_request(now, ask)
        case VisitTakenBack():
            return _taken_back(now)
        case VisitArrived():
            return _take_arrival(rules, now, ask)
        case VisitConnected():
            return _take_connection(now, ask)
        case VisitEnded(breach=breach):
            return "ok", close_visit(rules, now, breach)
        case _:
            return "ok", now


def _take_request(now: Visits, ask: VisitRequested) -> tuple[str, Visits]:
    case = now.case
    if case is not None and is_open(case):
        return ("ok" if case.request == ask.request else "open"), now
    number = f"HJ{ask.request.asked % 100:02d}{ask.request.minute % 100:02d}{len(ask.request.people)}"
    return "ok", change(now, case=VisitCase(ask.request, number))


def _taken_back(now: Visits) -> tuple[str, Visits]:
    case = now.case
    if case is None or not is_open(case) or case.state in ("signing", "meeting"):
        return ("ok" if case and case.state == "draft" else "nothing"), now
    return "ok", change(now, case=step(case, "take_back"))


def _take_arrival(rules: VisitRules, now: Visits, ask: VisitArrived) -> tuple[str, Visits]:
    case = now.case
    if case is None:
        return "nothing", now
    if case.state == "waived":
        return "late", now
    if case.state == "signing":
        return "ok", now
    if case.state not in ("approved", "waiting"):
        return ("early" if is_open(case) else "nothing"), now
    if (ask.day, ask.minute) < (case.request.day, case.request.minute - rules.early_min):
        return "early", now
    told = step(case, "tell") if case.state == "approved" else case
    return "ok", change(now, case=step(told, "arrive"))


def _take_connection(now: Visits, ask: VisitConnected) -> tuple[str, Visits]:
    case = now.case
    if case is not None and case.state == "meeting":
        return "ok", now
    if case is None or case.state != "signing":
        return "nothing", now
    if not ask.signed:
        return "unsigned", now
    return "ok", change(now, case=change(step(case, "meet"), signed=True))


def record_answer(known: Visits, ask: VisitAsk) -> Visits:
    """Return what is known after an ask that was answered "ok" (also where the answer was lost); what was only looked
    up books nothing.
    """
    return ask.visits if ask.id and ask.visits is not None else known
