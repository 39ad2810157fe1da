"""Decide who may ask for what: the middleware before all pages, and the headers that keep pages to themselves.

Nothing but the door itself, pictures and scripts is answered without a session. What changes something carries the
session's own word (a header that htmx sends, or a form's hidden field), which no foreign page knows; and a session may
not change more than so much a second. What a person may do is asked where it is done: `must`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from kiosk_firmware.office.accounts.accounts import Can, SignedInUser
from kiosk_firmware.office.accounts.errors import BusyError
from kiosk_firmware.office.accounts.service import AccountService

COOKIE = "office"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
        " connect-src 'self'; media-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all, a browser says "Origin: null" of our own plain forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
OWN_PAGES: dict[Can, str] = {"visit": "/visits", "station": "/station"}
"""Where somebody may be who may not see the fleet; all else is the office's."""
SHARED = ("/leave", "/events", "/visits/", "/help")
OPEN = ("/login", "/enter/", "/static/", "/fonts/", "/language/", "/alive")
API = "/api/v1"
"""Where other programs read, and people who are in."""
TOKEN_PAGES = (f"{API}/", "/api/openapi.json")
"""What a token opens, by GET alone."""
RATE, BURST = 10.0, 60.0
"""Changes a second for one session, and how many at once."""
FORM_LIMIT = 256 * 1024
Next = Callable[[Request], Awaitable[Response]]
Show = Callable[..., HTMLResponse]


def me(request: Request) -> SignedInUser:
    """Return who asks."""
    person: SignedInUser = request.state.me
    return person


def must(request: Request, can: Can, site: str | None = None) -> SignedInUser:
    """Return who asks, if their role may do that (at that site).

    Raises:
        HTTPException: 403, they may not.
    """
    person = me(request)
    if not person.can(can) or (site is not None and not person.sees(site)):
        raise HTTPException(403, f"{person.role}: {can}")
    return person


def shown_sites(request: Request, site: str) -> tuple[str, ...]:
    """Return the sites whose figures are shown: the wanted one, else all of the person's own (empty: every site).

    Raises:
        HTTPException: 404, the wanted site is none of theirs.
    """
    if site and not me(request).sees(site):
        raise HTTPException(404)
    return (site,) if site else tuple(me(request).sites)


LOCAL = ("127.0.0.1", "::1", "localhost", "testserver")
"""Names of this machine itself, where no proxy is; the last one is Starlette's, of an application without a socket."""


class Access:
    """The middleware and the door's own pages."""

    def __init__(self, people: AccountService) -> None:
        """Begin with nobody signed in."""
        self._people = people
        self._buckets: dict[str, tuple[float, float]] = {}

    async def guard(self, request: Request, call_next: Next) -> Response:
        """Let pass what may pass."""
        answer = await self._pass_request(request, call_next)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        if is_remote(request):
            answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.url.path.startswith("/fonts/"):
            answer.headers["Cache-Control"] = "max-age=3600"
        return answer

    async def _pass_request(self, request: Request, call_next: Next) -> Response:
        if (said := request.headers.get("authorization", "")).startswith("Bearer "):
            return await self._by_token(request, call_next, said.removeprefix("Bearer ").strip())
        cookie = request.cookies.get(COOKIE, "")
        person = self._people.door.who(cookie)
        request.state.me = person
        changes = request.method not in ("GET", "HEAD")
        if request.url.path.startswith(OPEN):
            return Response(status_code=403) if changes and _is_foreign(request) else await call_next(request)
        if person is None:
            return _to_door(request)
        if changes and (_is_foreign(request) or not secrets.compare_digest(await _word(request), person.csrf)):
            return Response("only from the office's own pages", 403)
        if changes and not self._may(cookie):
            return Response("too much at once", 429)
        if not person.can("see") and not request.url.path.startswith((*SHARED, *_own_pages(person))):
            return (
                RedirectResponse(_own_pages(person)[0], 303) if request.url.path == "/" else Response(status_code=403)
            )
        return await call_next(request)

    async def _by_token(self, request: Request, call_next: Next, token: str) -> Response:
        """Let a program read where programs may; whoever sends a token is nobody else meanwhile."""
        request.state.me = self._people.tokens.who(token)
        if request.state.me is None:
            return JSONResponse({"detail": "no such token, or it is closed"}, 401, {"WWW-Authenticate": "Bearer"})
        if request.method not in ("GET", "HEAD") or not request.url.path.startswith(TOKEN_PAGES):
            return JSONResponse({"detail": f"a token reads {API} and /api/openapi.json"}, 403)
        return await call_next(request)

    def _may(self, cookie: str) -> bool:
        """Return whether the session has room for one change more."""
        now = time.monotonic()
        left, at = self._buckets.get(cookie, (BURST, now))
        left = min(BURST, left + (now - at) * RATE)
        if len(self._buckets) > 1000:
            self._buckets.clear()
        self._buckets[cookie] = (max(0.0, left - 1), now)
        return left >= 1


def _own_pages(person: SignedInUser) -> tuple[str, ...]:
    return tuple(path for can, path in OWN_PAGES.items() if person.can(can))


def _to_door(request: Request) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    if request.method != "GET" or "text/event-stream" in request.headers.get("accept", ""):
        return Response(status_code=401)
    return RedirectResponse("/login", 303)


def _is_foreign(request: Request) -> bool:
    """Return whether another site's page asks: a browser says where a request comes from; another program says nothing,
    and has no cookie either.
    """
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


async def _word(request: Request) -> str:
    """Return the session's own word (CSRF) as the request carries it; "" where it carries none."""
    if word := request.headers.get("x-csrf-token"):
        return word
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        return ""
    if int(request.headers.get("content-length", "0") or 0) > FORM_LIMIT:
        return ""
    found = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=500)
    return found.get("csrf", [""])[0]


class DoorPages:
    """Coming in and leaving; `bare` renders a template without the frame."""

    def __init__(self, people: AccountService, bare: Show) -> None:
        """Take `bare(request, template, **values)`, which shows a page."""
        self._people, self._bare = people, bare

    def login(self, request: Request, wrong: int = 0) -> Response:
        """Show the page of signing in."""
        nobody = not self._people.accounts.all() and not self._people.accounts.ticket
        return self._bare(request, "login.html", wrong=bool(wrong), busy=False, nobody=nobody)

    def come(
        self,
        request: Request,
        name: Annotated[str, Form()],
        word: Annotated[str, Form()],
        code: Annotated[str, Form()] = "",
    ) -> Response:
        """Lead right words to the first page, wrong ones back to the door; why is not said."""
        address = request.client.host if request.client else ""
        try:
            return _in(request, self._people.door.enter(name.strip(), word, code, address))
        except BusyError:
            page = self._bare(request, "login.html", wrong=False, busy=True, nobody=False)
            page.status_code, page.headers["Retry-After"] = 503, "5"
            return page

    def ticket(self, request: Request, ticket: str) -> Response:
        """Sign in by a demo's printed link."""
        return _in(request, self._people.door.by_ticket(ticket))

    def leave(self, request: Request) -> Response:
        """End the session."""
        self._people.door.leave(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer

    def mount(self, app: FastAPI) -> None:
        """Give the pages their addresses."""
        app.get("/login", response_model=None)(self.login)
        app.post("/login", response_model=None)(self.come)
        app.get("/enter/{ticket}", response_model=None)(self.ticket)
        app.post("/leave", response_model=None)(self.leave)


def is_remote(request: Request) -> bool:
    """Return whether the pages are met by a name, so through a proxy with TLS, whatever it says of the scheme: then the
    session's cookie goes over TLS alone (RFC 6265, Secure) and browsers ask for nothing else (RFC 6797).
    """
    return request.url.scheme == "https" or request.url.hostname not in LOCAL


def _in(request: Request, cookie: str | None) -> Response:
    if cookie is None:
        return RedirectResponse("/login?wrong=1", 303)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=is_remote(request), path="/")
    return answer
