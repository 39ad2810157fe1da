"""The twin of the host behind the line, as far as a person can reach it: the practice phone pays an order there.

It tells the application through `phone_door`, and counts what was paid and what nobody waited for.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, ClassVar

from hardware.transport import jsonl_socket
from hardware.twins.twin_actions import Answer, Doing, act_answer

PATIENCE_S = 3.0


def _pay(twin: HostTwin, args: dict[str, Any], _: float) -> Answer:
    return twin.pay(int(args["order"]), int(args["fen"]))


class HostTwin:
    """The host; `pay` is the phone's."""

    ACTS: ClassVar[dict[str, Doing]] = {"phone_pay": _pay}
    FAULTS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, door: Path) -> None:
        """Take `door`, the application's socket."""
        self._door = door
        self.counters = {"paid": 0, "over": 0, "unreached": 0}

    def pay(self, order: int, fen: int) -> Answer:
        """Pay that order; `error` says why not: "over" (no page waits for it), "unreached" (nobody is there)."""
        said = self._asked({"pay": order, "fen": fen})
        word = "unreached" if said is None else "paid" if said.get("ok") else "over"
        self.counters[word] += 1
        return act_answer(word == "paid", word)

    def _asked(self, message: dict[str, Any]) -> dict[str, Any] | None:
        end = jsonl_socket.connect(self._door)
        if end is None:
            return None
        with end, contextlib.suppress(OSError):
            end.settimeout(PATIENCE_S)
            end.sendall(jsonl_socket.line(message))
            lines = jsonl_socket.JsonLines()
            while data := end.recv(65536):
                for answer in lines.receive(data):
                    return answer
        return None

    def state(self) -> dict[str, Any]:
        """Return how many payments went through, came too late, or reached nobody."""
        return {"counters": dict(self.counters)}

    def restore(self, kept: dict[str, Any]) -> None:
        """Take up an earlier process's counts."""
        self.counters.update(kept.get("counters", {}))
