"""A hand for tests and the bench: presses keys by name over a UNIX socket, and sees the page as data.

Only where the screen process was started with --hand. One JSON line in, one out: {"tap": "menu.withdraw"} presses a
key of the page or of the strip ("strip.end") by the same rules as a finger; {"type": "300"} edits the page's field;
{"knock": ""} knocks at the supervisor's door; {} only looks. The answer is what stands on the glass: {"page": …,
"visit": n, "run": id, "strip": "…", "pressed": true}.
"""

from __future__ import annotations

import os
import queue
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

WAIT_S = 10.0


class RemoteRequest(msgspec.Struct, frozen=True):
    """A request of the remote control to the glass's thread; `answer` is called there with what is seen."""

    words: dict[str, Any]
    answer: Callable[[dict[str, Any]], None]


def serve(path: Path, post: Callable[[object], None]) -> socket.socket:
    """Listen at `path`; every request is posted as `RemoteRequest`. Returns the listening socket (close it to stop)."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    os.chmod(path, 0o600)
    listener.listen()
    threading.Thread(target=_accept, args=(listener, post), name="hand", daemon=True).start()
    return listener


def _accept(listener: socket.socket, post: Callable[[object], None]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(connection, post), name="hand", daemon=True).start()


def _talk(connection: socket.socket, post: Callable[[object], None]) -> None:
    with connection, connection.makefile("rw", encoding="utf-8") as lines:
        for line in lines:
            box: queue.Queue[dict[str, Any]] = queue.Queue(1)
            post(RemoteRequest(msgspec.json.decode(line, type=dict[str, Any]), box.put))
            try:
                seen = box.get(timeout=WAIT_S)
            except queue.Empty:
                seen = {"error": "the glass does not answer"}
            lines.write(msgspec.json.encode(seen).decode() + "\n")
            lines.flush()
