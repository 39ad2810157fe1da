"""Advise an officer before they decide: whether kinship and month allow it, by the rules that practice has.

The rules of `visit.domain.decisions` over what the store knows of the person. They advise; the officer decides, and a
decision against them needs words (the rules know a further visit by the warden's leave).
"""

from __future__ import annotations

from collections.abc import Container
from typing import cast

from kiosk_firmware.core.hosts.visit import Kin, Relative, VisitRequest, Visits
from kiosk_firmware.visit.domain.calendar import Slot
from kiosk_firmware.visit.domain.decisions import answered_on, refusal, slots
from kiosk_firmware.visit.office.appointments import StoredRequest, Visitor, VisitStore
from kiosk_firmware.visit.office.policy import VisitPolicy


def proven(store: VisitStore, person: str) -> dict[str, str]:
    """Return the person's relatives whose kinship needs no paper any more, and what it is."""
    rows = store.db.rows("SELECT relative, kin FROM relatives WHERE person = ?", person)
    return {row["relative"]: row["kin"] for row in rows}


def known_visits(store: VisitStore, kept: StoredRequest) -> Visits:
    """Return what is known of the person whose request this is; kinship as the clerk wrote it where none is proven."""
    papers = proven(store, kept.person)
    family = tuple(
        Relative(one.relative, "", cast(Kin, papers.get(one.relative, one.kin)), one.relative in papers)
        for one in store.comers(kept.id)
    )
    used = [one.case.request.day for one in store.of_person(kept.person) if store.counts(one.id)]
    until = store.db.rows("SELECT until_day FROM suspensions WHERE person = ?", kept.person)
    return Visits(family, None, max(used, default=-1), until[0]["until_day"] if until else 0)


def concern(policy: VisitPolicy, store: VisitStore, kept: StoredRequest) -> tuple[str, int]:
    """Return why the rules would send it back ("" where they would not), and the first day that may be asked for
    instead.

    The rest of a visit that a cut line ended asks for no month of its own.
    """
    reason, day = refusal(policy, known_visits(store, kept), kept.case.request)
    return ("", 0) if kept.seconds and reason == "this_month" else (reason, day)


def contradicted_visitors(store: VisitStore, kept: StoredRequest) -> tuple[Visitor, ...]:
    """Return those of whom an earlier officer found another kinship proven."""
    papers = proven(store, kept.person)
    return tuple(one for one in store.comers(kept.id) if papers.get(one.relative, one.kin) != one.kin)


def asked_for(comers: tuple[Visitor, ...], slot: Slot, today: int, known: Container[str]) -> VisitRequest:
    """Return the request as the rules read it: kinship and proof of the first one who was never proven."""
    new = next((one for one in comers if one.relative not in known), None)
    people = tuple(one.relative for one in comers)
    return VisitRequest(people, *slot, today, new.kin if new else "", new.proof if new else "")


def answered_by(policy: VisitPolicy, kept: StoredRequest) -> int:
    """Return the day on which the family has its answer at the latest."""
    return answered_on(policy, kept.case)


def offered_to_family(policy: VisitPolicy, today: int) -> tuple[Slot, ...]:
    """Return the times that a family may ask for today."""
    return slots(policy, today)
