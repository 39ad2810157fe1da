"""Accounts, the audit, and what waits for a second person: the administrators' pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from kiosk_firmware.office.accounts.accounts import ROLES, Role, address_of
from kiosk_firmware.office.accounts.audit import BrokenChainError
from kiosk_firmware.office.accounts.errors import ActRefusedError
from kiosk_firmware.office.web.access_control import me, must
from kiosk_firmware.office.web.page_context import PageContext, RowId


class PeoplePages:
    """The handlers."""

    def __init__(self, frame: PageContext) -> None:
        self._frame, self._people = frame, frame.people

    def accounts(self, request: Request) -> HTMLResponse:
        """Show everybody who may come in."""
        must(request, "manage")
        return self._accounts(request, "people.html")

    def _accounts(self, request: Request, template: str, **more: str) -> HTMLResponse:
        values = {"wrong": "", "made": "", "secret": "", "address": "", **more}
        return self._frame.page(
            request,
            template,
            "people",
            accounts=[one for one in self._people.accounts.all() if me(request).governs(one[0].sites)],
            roles=ROLES,
            sites=[site for site in self._frame.views.sites() if me(request).sees(site)],
            **values,
        )

    def make(
        self,
        request: Request,
        name: Annotated[str, Form()],
        role: Annotated[Role, Form()],
        word: Annotated[str, Form()],
        sites: Annotated[str, Form()] = "",
    ) -> HTMLResponse:
        """Make a new account, or set a new word for an old one. A second factor's secret is shown this once."""
        person = must(request, "manage")
        try:
            own = tuple(filter(None, (one.strip() for one in sites.split(","))))
            secret = self._people.accounts.make(person, name.strip(), role, own, word)
        except ActRefusedError as error:
            return self._accounts(request, "people_part.html", wrong=str(error))
        address = address_of(name, secret) if secret else ""
        return self._accounts(request, "people_part.html", made=name, secret=secret, address=address)

    def shut(self, request: Request, name: Annotated[str, Form()]) -> HTMLResponse:
        """Close an account; whoever is in by it is out."""
        person = must(request, "manage")
        try:
            self._people.accounts.shut(person, name)
        except ActRefusedError as error:
            return self._accounts(request, "people_part.html", wrong=str(error))
        return self._accounts(request, "people_part.html")

    def audit(self, request: Request, before: RowId = 1 << 62) -> HTMLResponse:
        """Return what was done, newest first, and whether the chain holds."""
        person = must(request, "manage")
        theirs = {one.name for one, _ in self._people.accounts.all() if person.governs(one.sites)} | {person.name}
        try:
            rows, head = self._people.audit.verify()
            broken = ""
        except BrokenChainError as error:
            rows, head, broken = 0, "", str(error)
        return self._frame.page(
            request,
            "audit.html",
            "audit",
            entries=self._people.audit.rows(200, before, theirs if person.sites else None),
            rows=rows,
            head=head,
            broken=broken,
        )

    def proposals(self, request: Request) -> HTMLResponse:
        """Return what waits for a second person."""
        must(request, "serve")
        return self._frame.page(
            request, "proposals.html", "proposals", waiting=self._frame.waiting(me(request)), wrong=""
        )

    def decide(self, request: Request, id: Annotated[RowId, Form()], yes: Annotated[int, Form()] = 0) -> Response:
        """Decide a proposal as the second person."""
        must(request, "serve")
        wanted = next((one for one in self._people.proposals.open() if one.id == id), None)
        for unit in wanted.units if wanted else ():
            self._frame.unit(request, unit, "serve")  # all of it must be theirs
        wrong = ""
        try:
            found = self._people.proposals.decide(me(request), id, bool(yes))
        except ActRefusedError as error:
            found, wrong = None, str(error)
        if found is not None:
            self._frame.agreed(found)
        elif wanted is None:
            raise HTTPException(404)
        waiting = self._frame.waiting(me(request))
        return self._frame.page(request, "proposals_part.html", "proposals", waiting=waiting, wrong=wrong)

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/people", response_model=None)(self.accounts)
        app.post("/people/make", response_model=None)(self.make)
        app.post("/people/shut", response_model=None)(self.shut)
        app.get("/audit", response_model=None)(self.audit)
        app.get("/proposals", response_model=None)(self.proposals)
        app.post("/proposals/decide", response_model=None)(self.decide)
