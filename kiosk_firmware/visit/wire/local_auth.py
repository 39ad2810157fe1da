"""Decide who may speak for a visit at the agent's socket: one visit process, and of its own visit alone.

Whoever connects is a caller until its first word belongs to a visit that is awaited here; then it is the visit
process, in the place of one before. A caller whose word belongs to nothing here (a visit process left over from a
visit that was taken back or that the agent knows nothing of, another program) is turned away with a line in the log,
and whoever is the visit process stays it. What the visit process says besides its visit is dropped, and said in the
log, too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk_firmware.visit.wire import paths, recording_upload
from kiosk_firmware.visit.wire.json_lines_socket import JsonLinesConnection, Listener
from kiosk_firmware.visit.wire.messages import ENCODE, Accepted, Down, Invited, Kept, Piece, SignedIn, Up, decode_up

log = logging.getLogger(__name__)
CALLERS = 4
"""So many may stand before the door; who came first and said nothing goes."""


class LocalAuth:
    """Of one unit. `seated` hears that a visit process is there, before its first word; `heard` each word that
    belongs.
    """

    def __init__(self, folder: Path, seated: Callable[[], None], heard: Callable[[Up, bytes], None]) -> None:
        """Take `folder`, which is `calls` in the state. Nothing listens before the first `turn`."""
        self.visit = ""
        """Whose visit process is there, "" for none."""
        self._folder, self._seated, self._heard = folder, seated, heard
        self._listener = Listener(folder / paths.AGENT)
        self._callers: list[JsonLinesConnection] = []
        self._visit_process: JsonLinesConnection | None = None

    def say(self, word: Down) -> None:
        """Say a message to the visit process, where there is one and it is its visit's."""
        if self._visit_process is not None and word.visit == self.visit:
            self._visit_process.say(ENCODE(word))

    def turn(self) -> None:
        """Let callers in, hear what they and the visit process say; a unit that was never invited to a visit has no
        socket.

        Raises:
            OSError: the socket cannot be made.
        """
        fresh = self._listener.fresh() if self._folder.is_dir() else None
        if fresh is not None:
            self._callers.append(fresh)
        for line in (*self._callers, *([self._visit_process] if self._visit_process else [])):
            self._listen(line)
        for silent in self._callers[:-CALLERS]:
            silent.close()
        self._callers = [line for line in self._callers if not line.gone]
        if self._visit_process is not None and self._visit_process.gone:
            self._visit_process, self.visit = None, ""

    def _listen(self, line: JsonLinesConnection) -> None:
        for data in line.turn():
            try:
                word = decode_up(data)
            except msgspec.DecodeError as error:
                log.error("the roof says what is no word: %s", error)
                continue
            why = self._foreign(word, self.visit if line is self._visit_process else "")
            if not why:
                self._take(line, word, data)
                continue
            log.warning("a roof's word is dropped, %s of visit %r: %s", type(word).__name__, word.visit, why)
            if line is not self._visit_process:
                line.close()
                return

    def _take(self, line: JsonLinesConnection, word: Up, data: bytes) -> None:
        if line is not self._visit_process and not isinstance(
            word, Kept
        ):  # any visit process may find an earlier visit's recording
            self._seat(line, word.visit)
        self._heard(word, data)

    def _foreign(self, word: Up, visit: str) -> str:
        """Return why it does not belong here, "" where it does; `visit`: the speaker's, "" where it is a caller."""
        match word:
            case Accepted() | Piece():
                return "that is the agent's own to say"
            case Kept():
                return (
                    ""
                    if word in recording_upload.list_waiting(self._folder)
                    else "no recording here is whole that is like it"
                )
            case _ if visit and word.visit != visit:
                return f"it is the roof of visit {visit}"
        invited = self._find_invitation(word.visit)
        if invited is None:  # taken back meanwhile: its visit process still says how it ended
            return "" if visit else "no such visit is awaited here"
        if isinstance(word, SignedIn) and (word.token, word.learner) != (invited.token, invited.learner):
            return "token or learner are not the invitation's"
        return ""

    def _find_invitation(self, visit: str) -> Invited | None:
        return (
            paths.read_invitation(self._folder / f"{visit}{paths.INVITED}") if paths.NUMBER.fullmatch(visit) else None
        )

    def _seat(self, line: JsonLinesConnection, visit: str) -> None:
        if self._visit_process is not None:
            self._visit_process.close()
        self._callers.remove(line)
        self._visit_process, self.visit = line, visit
        self._seated()

    def close(self) -> None:
        """Let all go, and the socket; twice is fine."""
        for line in (*self._callers, *([self._visit_process] if self._visit_process else [])):
            line.close()
        self._callers, self._visit_process, self.visit = [], None, ""
        self._listener.close()
