"""Hold what all pages have in common: the frame around a template, the person who asks, and what the handlers share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse
from pydantic import Field

from kiosk_firmware.office.accounts.accounts import Can, SignedInUser
from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.accounts.two_person_approval import PendingApproval
from kiosk_firmware.office.alerts.alert_list import own_count
from kiosk_firmware.office.database.queries import Queries, UnitRow
from kiosk_firmware.office.learning.learner_numbers import LearnerNumbers
from kiosk_firmware.office.pki.diagnosis_store import DiagnosisStore
from kiosk_firmware.office.rollouts.bundle_store import BundleStore
from kiosk_firmware.office.rollouts.rollout_plans import PROPOSED, Rollouts
from kiosk_firmware.office.shared_state import FLEET, OfficeRequest, SharedState
from kiosk_firmware.office.visit_calls.signalling_hub import CallHub
from kiosk_firmware.office.web.access_control import me, must
from kiosk_firmware.office.web.render import LANGUAGES, Renderer
from kiosk_firmware.system.utc_clock import utc_ms as now_ms

RowId = Annotated[int, Field(ge=0, lt=1 << 63)]
"""A row's number in an address or a form, as far as databases count."""


def language_of(request: Request) -> str:
    """Return the language of the page: what the person chose, else Mandarin."""
    chosen = request.cookies.get("language", "")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


class PageContext:
    """Desk (to the collector), views (of its database), people (the pages' own), numbers (of a site's learners)."""

    def __init__(
        self,
        desk: SharedState,
        views: Queries,
        renderer: Renderer,
        people: AccountService,
        numbers: LearnerNumbers,
        authors: bool = False,
        seal: Callable[[str, int, str], bytes] | None = None,
        bundles: BundleStore | None = None,
        diagnoses: DiagnosisStore | None = None,
    ) -> None:
        """Take what pages share; `authors`: lessons can be written here. `seal`: signs a configuration (unit, number,
        unit.toml). `bundles`: what units can be brought to, `diagnoses`: what units are asked to bring; None where this
        office has none.
        """
        self.desk, self.views, self.renderer, self.people, self.numbers = desk, views, renderer, people, numbers
        self._authors, self.seal, self.bundles, self.diagnoses = authors, seal, bundles, diagnoses
        self.hub: CallHub | None = None
        """Of real visits, where they are this office's: `build` sets it."""
        self.demo_unit = ""
        """Whose window stands on the office's page and takes presses, in a demo: `build` sets it."""
        self.rollouts = Rollouts(people.db, people.proposals, now_ms)

    def page(self, request: Request, template: str, here: str, topic: str = FLEET, **values: Any) -> HTMLResponse:
        """Render a template within the frame that all pages have."""
        person = me(request)
        frame = {
            "here": here,
            "topic": topic,
            "authors": self._authors and person.can("author"),
            "path": request.url.path,
            "open_count": len(self.waiting(person)) if person.can("serve") else 0,
            "alert_count": self.views.alert_count(tuple(person.sites)) + own_count(self.people.db, person.sites),
            "me": person,
            "learner": self.numbers.shown,
            "visits_here": self.hub is not None,
            "ousted": self.desk.ousted,
            "sample": self.views.sample_until(),
            "demo_unit": self.demo_unit if person.can("manage") else "",
        }
        return HTMLResponse(self.renderer.page(template, language_of(request), **frame, **values))

    def bare(self, request: Request, template: str, **values: Any) -> HTMLResponse:
        """Render a template by itself."""
        return HTMLResponse(
            self.renderer.page(
                template, language_of(request), path=request.url.path, sample=self.views.sample_until(), **values
            )
        )

    def unit(self, request: Request, unit: str, can: Can = "see") -> UnitRow:
        """Return a unit, if the person may do that with it.

        Raises:
            HTTPException: 404, there is none, or none of theirs; 403, their role may not.
        """
        row = self.views.unit(unit, now_ms())
        if row is None or not me(request).sees(row.site):
            raise HTTPException(404)
        must(request, can)
        return row

    def command(
        self, person: SignedInUser, units: Sequence[UnitRow], name: str, args: dict[str, Any], ttl_ms: int, why: str
    ) -> bool:
        """Write down a command to these units and send it. To more than one site it waits for a second person's word;
        whether it has gone.
        """
        names = [row.unit for row in units]
        if len({row.site for row in units}) > 1:
            self.people.proposals.ask(person, name, args, names, ttl_ms, why)
            return False
        self.people.note(person.name, name, names[0] if len(names) == 1 else f"{len(names)}: {' '.join(names)}", why)
        self.send(names, name, args, ttl_ms)
        return True

    def waiting(self, person: SignedInUser) -> list[PendingApproval]:
        """Return what waits for a second person's word, where all of it is this person's."""
        found = self.people.proposals.open()
        if not person.sites or not found:
            return list(found)
        mine = {row.unit for row in self.views.known_units(tuple(person.sites))}
        return [one for one in found if mine.issuperset(one.units)]

    def agreed(self, found: PendingApproval) -> None:
        """Send what a second person has agreed to."""
        if found.name == PROPOSED:
            self.rollouts.agreed(int(found.args["rollout"]))
        else:
            self.send(found.units, found.name, found.args, found.ttl_ms)

    def send(self, units: Sequence[str], name: str, args: dict[str, Any], ttl_ms: int) -> None:
        """Send what has been written down and may go."""
        for unit in units:
            self.desk.requests.put(OfficeRequest("command", unit, name, args, ttl_ms))
