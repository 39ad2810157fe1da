"""A connection that never says a whole request is ended, and one address does not take all places."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI, Request

from kiosk_firmware.office import bounded_http
from kiosk_firmware.office.bounded_http import BoundedByAddress, BoundedHttp
from kiosk_firmware.office.process import server
from tests.wire.rig import wait

ROOT = Path(__file__).parents[2]
HOLD_S = 0.4
app = FastAPI()


@app.post("/said")
async def said(request: Request) -> int:
    return len(await request.body())


@pytest.fixture
def at(monkeypatch) -> Iterator[int]:
    """The port of a server made as the office makes its own."""
    monkeypatch.setattr(BoundedHttp, "request_s", HOLD_S)
    made = server._server(app)
    yield from running(made)


def running(made: uvicorn.Server) -> Iterator[int]:
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=made.run, kwargs={"sockets": [listening]})
        thread.start()
        wait(lambda: made.started, "the server")
        try:
            yield listening.getsockname()[1]
        finally:
            made.should_exit = True
            thread.join()


def joined(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20 * HOLD_S)


def is_ended(line: socket.socket, data: bytes) -> bool:
    """Whether the other side has gone when more is said to it."""
    try:
        line.sendall(data)
        return line.recv(100) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


WHOLE = b"POST /said HTTP/1.1\r\nHost: testserver\r\nContent-Length: 3\r\n\r\nabc"


@pytest.mark.parametrize(
    "begun",
    [b"", b"POST /sa", b"POST /said HTTP/1.1\r\nHost: x\r\nX-One: 1\r\n", WHOLE[:-1], WHOLE + b"POST /sa"],
    ids=["nothing", "line", "header", "body", "second request"],
)
def test_a_request_that_never_becomes_whole_is_ended(at, begun):
    with joined(at) as line:
        line.sendall(begun)
        assert any(is_ended(line, b"") for _ in range(5)), "at most an answer to the first one comes before"


def test_what_trickles_wins_no_time(at):
    with joined(at) as line:
        line.sendall(b"POST /said HTTP/1.1\r\n")
        line.settimeout(HOLD_S / 10)
        assert any(is_ended(line, f"X-{n}: 1\r\n".encode()) for n in range(100))


def test_a_refusal_is_heard_by_whoever_is_still_sending(at):
    """The desk's answer to a huge header was lost now and then: the line was reset under what still came."""
    with joined(at) as line:
        line.sendall(b"POST /said HTTP/1.1\r\nX-Long: " + b"y" * 70_000)
        line.recv(1, socket.MSG_PEEK)  # the answer is there
        with joined(at) as other:  # and the server's loop has turned since
            other.sendall(WHOLE)
            other.recv(100)
        for _ in range(50):
            line.sendall(b"y" * 4096)
        assert line.recv(100).startswith(b"HTTP/1.1 400 ")


def test_a_refused_line_ends_although_its_peer_stays(at):
    with joined(at) as line:
        line.sendall(b"no request\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 400 ")
        assert any(is_ended(line, b"y") for _ in range(3)), "after what is left of the answer"


def test_whole_requests_go_on_over_one_connection_for_longer_than_one_has(at):
    with joined(at) as line:
        for _ in range(5):
            line.sendall(WHOLE)
            answer = b""
            while not answer.endswith(b"\r\n\r\n3"):
                answer += line.recv(4096)
            threading.Event().wait(HOLD_S / 2)


def test_one_address_has_so_many_connections_and_no_more(monkeypatch):
    monkeypatch.setattr(BoundedByAddress, "per_address", 3)
    made = uvicorn.Server(uvicorn.Config(app, http=BoundedByAddress, lifespan="off", log_level="critical"))
    for port in running(made):
        with ExitStack() as stack:
            lines = [stack.enter_context(joined(port)) for _ in range(3)]
            wait(lambda: len(made.server_state.connections) == 3, "three are in")
            with joined(port) as more:
                assert is_ended(more, WHOLE)
            lines[0].sendall(WHOLE)
            assert b"200 OK" in lines[0].recv(4096)
        wait(lambda: not made.server_state.connections, "they have gone")
        with joined(port) as again:
            again.sendall(WHOLE)
            assert b"200 OK" in again.recv(4096)


def test_each_of_our_servers_has_the_bound():
    """Whoever makes another server finds this list."""
    configured = re.compile(r"uvicorn\.Config\((.*?)\n {4,8}\)", re.DOTALL)
    found = {
        path.relative_to(ROOT / "kiosk_firmware").as_posix(): configured.findall(path.read_text("utf-8"))
        for path in (ROOT / "kiosk_firmware").rglob("*.py")
        if "uvicorn.Config(\n" in path.read_text("utf-8")
    }
    assert set(found) == {"office/process/server.py", "office/bounded_http.py"}
    assert all("http=Bounded" in config for configs in found.values() for config in configs), found
    assert bounded_http.BoundedHttp.request_s == 20
