"""Decide as the prison does, by dated rules: kinship, the month, a suspension, the time; and what an end brings with
it.

Pure: everything is worked out from the request, what is known of the person, and the day that is looked at. So nobody
has to be awake for a state to change, and practice and life decide alike.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from kiosk_firmware.core.hosts.visit import VisitCase, VisitRequest, Visits
from kiosk_firmware.visit.domain.calendar import (
    Slot,
    Workdays,
    month_after,
    months_on,
    offered_slots,
    same_month,
    working_days_on,
)
from kiosk_firmware.visit.domain.states import step


class VisitRules(Protocol):
    """The dated figures. `suspend_months`: by breach; `late_min`: who comes later than that has waived it; `workdays`:
    by which the days until an answer are counted.
    """

    @property
    def people_most(self) -> int: ...
    @property
    def answer_days(self) -> int: ...
    @property
    def tell_days(self) -> int: ...
    @property
    def early_min(self) -> int: ...
    @property
    def late_min(self) -> int: ...
    @property
    def kin(self) -> tuple[str, ...]: ...
    @property
    def proofs(self) -> tuple[str, ...]: ...
    @property
    def suspend_months(self) -> tuple[tuple[str, int], ...]: ...
    @property
    def weekdays(self) -> tuple[int, ...]: ...
    @property
    def minutes_of_day(self) -> tuple[int, ...]: ...
    @property
    def offers(self) -> int: ...
    @property
    def workdays(self) -> Workdays: ...


def slots(rules: VisitRules, today: int) -> tuple[Slot, ...]:
    """Return the times that may be asked for today: after the answer and the telling."""
    first = working_days_on(today, rules.answer_days + rules.tell_days, rules.workdays) + 1
    return offered_slots(first, rules.weekdays, rules.minutes_of_day, rules.offers, rules.workdays)


def answered_on(rules: VisitRules, case: VisitCase) -> int:
    """Return the day on which the prison has answered at the latest."""
    return working_days_on(case.request.asked, rules.answer_days, rules.workdays)


def refusal(rules: VisitRules, visits: Visits, request: VisitRequest) -> tuple[str, int]:
    """Return why the request comes back ("" where it does not), and the first day that may be asked for instead (0:
    any).
    """
    return _kinship(rules, visits, request) or _time(visits, request) or ("", 0)


def _kinship(rules: VisitRules, visits: Visits, request: VisitRequest) -> tuple[str, int] | None:
    people = [one for name in request.people if (one := visits.relative(name))]
    if any(one.kin not in rules.kin for one in people):
        return "not_kin", 0
    new = [one for one in people if not one.proven]
    if not new:
        return None
    if request.kin != new[0].kin:
        return "kin_wrong", 0
    if request.proof not in rules.proofs:
        return "no_proof", 0
    return ("proof_bad", 0) if request.flaw else None


def _time(visits: Visits, request: VisitRequest) -> tuple[str, int] | None:
    if request.day < visits.until_day:
        return "suspended", visits.until_day
    if visits.last_day >= 0 and same_month(visits.last_day, request.day):
        return "this_month", month_after(visits.last_day)
    return ("taken", 0) if (request.day, request.minute) in visits.taken else None


def now_standing(rules: VisitRules, visits: Visits, day: int, minute: int) -> Visits:
    """Return what is known at that moment: requests looked at and decided, appointments told, or lapsed."""
    case = visits.case
    if case is None:
        return visits
    case = _decide_case(rules, visits, case, day)
    if case.state == "approved" and day >= working_days_on(answered_on(rules, case), rules.tell_days, rules.workdays):
        case = step(case, "tell")
    if case.state in ("waiting", "signing") and is_over(rules, case, day, minute):
        case = step(case, "lapse", next_day=month_after(case.request.day))
        visits = msgspec.structs.replace(visits, last_day=case.request.day)
    return visits if case is visits.case else msgspec.structs.replace(visits, case=case)


def is_over(rules: VisitRules, case: VisitCase, day: int, minute: int) -> bool:
    """Return whether nobody who comes now is in time."""
    return (day, minute) > (case.request.day, case.request.minute + rules.late_min)


def _decide_case(rules: VisitRules, visits: Visits, case: VisitCase, day: int) -> VisitCase:
    if case.state == "submitted" and day > case.request.asked:
        case = step(case, "receive")
    reason, next_day = refusal(rules, visits, case.request)
    if case.state == "kinship" and day >= working_days_on(case.request.asked, 2, rules.workdays):
        if reason in ("not_kin", "kin_wrong", "no_proof", "proof_bad"):
            return step(case, "refuse", reason=reason)
        case = step(case, "prove")
    if case.state == "approval" and day >= answered_on(rules, case):
        return step(case, "refuse", reason=reason, next_day=next_day) if reason else step(case, "approve")
    return case


def close_visit(rules: VisitRules, visits: Visits, breach: str) -> Visits:
    """Return what is known when the visit is over: the month is used, people are proven, a breach suspends."""
    case = visits.case
    if case is None or case.state != "meeting":
        return visits
    day = case.request.day
    months = dict(rules.suspend_months).get(breach, 0) if breach else 0
    until = months_on(day, months) if months else visits.until_day
    free = max(month_after(day), until)
    after = step(case, "stop" if breach else "end", reason=breach, next_day=free)
    family = tuple(
        msgspec.structs.replace(one, proven=True) if one.id in case.request.people else one for one in visits.family
    )
    return msgspec.structs.replace(visits, case=after, family=family, last_day=day, until_day=until)
