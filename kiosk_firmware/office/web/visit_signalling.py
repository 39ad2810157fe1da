"""The line of a browser to a visit: a token for whoever may have one, and a WebSocket that is opened with it.

A token is asked for by the session's own word like any change, and opens one line once. The first word on the line is
the token with the tab's own mark; from then on words go to the hub and come from it, one at a time. Closing codes say
why, for the page: 4403 the token is worth nothing, 4409 open in another window, 4410 over, 4429 too much at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Annotated
from urllib.parse import urlsplit

import anyio
import msgspec
from fastapi import FastAPI, Form, HTTPException, Request, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from kiosk_firmware.office.accounts.accounts import SignedInUser
from kiosk_firmware.office.accounts.service import AccountService
from kiosk_firmware.office.visit_calls.browser_sessions import (
    CLOSE_ELSEWHERE,
    CLOSE_OVER,
    CLOSE_REFUSED,
    BrowserSession,
)
from kiosk_firmware.office.visit_calls.signalling_hub import CallHub
from kiosk_firmware.office.web.access_control import COOKIE, me
from kiosk_firmware.visit.office.appointments import Appointment, StoredRequest
from kiosk_firmware.visit.office.call_records import Whose
from kiosk_firmware.visit.office.visits_db import VisitRefusedError

FIRST_S = 10.0
"""So long a line may say nothing before its token."""
SESSION_S = 60.0
"""How often a line looks whether its session still is."""
CODES = {"elsewhere": CLOSE_ELSEWHERE, "over": CLOSE_OVER}


class Hello(msgspec.Struct, frozen=True):
    """A line's first word. page: the tab's own mark; over: the person wants the seat that another tab has."""

    token: str
    page: str
    over: bool = False


class BrowserConnection:
    """The queue of messages to one browser, filled from any thread; the loop sends it in order."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._words: asyncio.Queue[bytes | int] = asyncio.Queue()

    def say(self, word: bytes | int) -> None:
        """Queue a message, or the code with which the line is closed."""
        self._loop.call_soon_threadsafe(self._words.put_nowait, word)

    async def send(self, socket: WebSocket) -> None:
        """Send until it is closed."""
        while isinstance(word := await self._words.get(), bytes):
            await socket.send_text(word.decode())
        await socket.close(word)


class SignalPages:
    """The handlers."""

    def __init__(self, people: AccountService, hub: CallHub) -> None:
        """Take `people`, who knows who is in, and the hub with its room."""
        self._people, self._hub = people, hub

    def token(self, request: Request, number: str, whose: Annotated[Whose, Form()]) -> Response:
        """Return a token for that end's line to the visit, with the relays and the number below the sessions."""
        found = self._place(me(request), number, whose)
        if found is None:
            raise HTTPException(404)
        kept, one = found
        call = self._hub.room.calls.call(kept.id)
        if call.over_ms:
            raise HTTPException(410)
        if whose == "station" and not call.station_signed_ms:
            raise HTTPException(409)
        token, base = self._hub.room.calls.mint(kept.id, whose)
        ice = msgspec.to_builtins(self._hub.inviting.ice(kept, one, whose))
        return JSONResponse({"token": token, "base": base, "ice": ice})

    def _place(self, person: SignedInUser, number: str, whose: Whose) -> tuple[StoredRequest, Appointment] | None:
        """Return the visit, if that person may come to that end of it; None: they may not, or there is none."""
        try:
            kept = self._hub.room.store.by_number(number)
        except VisitRefusedError:
            return None
        one = self._hub.room.store.appointment(kept.id)
        if one is None:
            return None
        if whose == "station":
            return (kept, one) if person.can("station") and one.station == person.name else None
        return (kept, one) if person.can("visit") and person.sees(kept.site) else None

    async def signal(self, socket: WebSocket, number: str) -> None:
        """Serve the line itself."""
        origin = socket.headers.get("origin")
        person = await run_in_threadpool(self._people.door.who, socket.cookies.get(COOKIE, ""))
        if person is None or (origin is not None and urlsplit(origin).netloc != socket.headers.get("host")):
            await socket.close(CLOSE_REFUSED)  # before it was accepted: the browser sees a refusal, nothing more
            return
        await socket.accept()
        line = BrowserConnection()
        try:
            seat = await self._seat_browser(socket, line, person, number)
        except VisitRefusedError as error:
            await socket.close(CODES.get(error.key, CLOSE_REFUSED))
        except (TimeoutError, msgspec.DecodeError, KeyError):  # KeyError: bytes where text is spoken
            await socket.close(CLOSE_REFUSED)
        except WebSocketDisconnect:
            return
        else:
            await self._converse(socket, line, seat)

    async def _seat_browser(
        self, socket: WebSocket, line: BrowserConnection, person: SignedInUser, number: str
    ) -> BrowserSession:
        first = await asyncio.wait_for(socket.receive_text(), FIRST_S)
        hello = msgspec.json.decode(first, type=Hello)

        def made(kept: StoredRequest, whose: Whose) -> BrowserSession:
            """Seat the token's browser: visit and end have to be this person's, no matter who else got hold of it."""
            found = self._place(person, number, whose)
            if found is None or found[0].id != kept.id:
                raise VisitRefusedError("the token is another visit's", "token")
            return BrowserSession(kept.id, number, whose, person.name, hello.page[:64], line.say, line.say)

        return await run_in_threadpool(self._hub.come, hello.token, hello.over, made)

    async def _converse(self, socket: WebSocket, line: BrowserConnection, seat: BrowserSession) -> None:
        """Converse both ways until one of the two closes it; the seat is free then, also where this is cancelled."""

        async def until_over(way: Callable[[], Awaitable[None]]) -> None:
            with suppress(WebSocketDisconnect, RuntimeError):  # it was closed under a word that was on its way
                await way()
            both.cancel_scope.cancel()

        try:
            async with anyio.create_task_group() as both:
                both.start_soon(until_over, partial(line.send, socket))
                both.start_soon(until_over, partial(self._hear, socket, seat))
        finally:
            self._hub.gone(seat)

    async def _hear(self, socket: WebSocket, seat: BrowserSession) -> None:
        """Hand on what comes. Talking is using the session, so it does not end meanwhile; once it has, so has the
        line.
        """
        looked = time.monotonic()
        while True:
            if time.monotonic() - looked > SESSION_S:
                looked = time.monotonic()
                if await run_in_threadpool(self._people.door.who, socket.cookies.get(COOKIE, "")) is None:
                    seat.close(CLOSE_REFUSED)
                    await anyio.sleep_forever()  # until the word has gone out that it is closed
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await run_in_threadpool(self._hub.hear, seat, (message.get("text") or "").encode())

    def mount(self, app: FastAPI) -> None:
        """Give them their addresses."""
        app.post("/visits/{number}/token", response_model=None)(self.token)
        app.websocket("/visits/{number}/signal")(self.signal)
