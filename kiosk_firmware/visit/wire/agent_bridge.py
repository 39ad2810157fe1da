"""The agent's part in a visit: words of the office to files and to the visit process, words of the visit process to
the office.

    office ── call/down ──► heard ──► calls/<visit>.json          Invited, until Withdrawn or long past
                              ├─────► visit process (calls/agent.sock)  all that is for the ends of its visit
                              └─────► recordings                        Fetch, answered at once, visit process or not
    office ◄── call/up ◄───── turn ◄─ visit process

The agent may die at any instant, and so may the visit process. What a visit process must know that comes later (who is
there, an offer that nobody has answered) stands here and is told when it connects; an order that found no visit
process waits for one. What the office must hear whatever happens (signed in, over, recordings that are whole) stands
in files and is said again when broker or office are there again, and at each invitation; the office takes the same
word twice as once. An end that only the visit process wrote down (`talk_time_log`) is said with them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk_firmware.visit.wire import paths, recording_upload, talk_time_log
from kiosk_firmware.visit.wire.local_auth import LocalAuth
from kiosk_firmware.visit.wire.messages import (
    ENCODE,
    Accepted,
    Answered,
    Down,
    Fetch,
    Invited,
    Left,
    Offered,
    OfficerCommand,
    Peer,
    SignedIn,
    StatusReport,
    Up,
    Withdrawn,
    decode_down,
)

log = logging.getLogger(__name__)
KEPT_MS = 14 * 24 * 3600 * 1000
"""So long after its begin a visit's files go, whatever became of it."""
WAITING = 32
"""Orders that may wait for a visit process."""
Lasting = SignedIn | StatusReport
_LASTING = msgspec.json.Decoder(tuple[Lasting, ...]).decode


class AgentBridge:
    """One unit's. `say` publishes on `call/up` and says whether it could; `write` replaces a file whole."""

    def __init__(
        self,
        folder: Path,
        say: Callable[[bytes], bool],
        write: Callable[[Path, bytes], None],
        now_ms: Callable[[], int],
    ) -> None:
        """Take `folder`, which is `calls` in the state; `now_ms` UTC. Nothing listens before the first `turn`."""
        self._folder, self._say, self._write, self._now_ms = folder, say, write, now_ms
        self._door = LocalAuth(folder, self._tell_what_stands, self._pass_up)
        self._peers: dict[tuple[str, str], Peer] = {}
        self._offers: dict[tuple[str, str], Offered] = {}
        self._commands: list[OfficerCommand] = []

    @property
    def busy(self) -> bool:
        """A visit process is there: words should not wait."""
        return bool(self._door.visit)

    # -- from the office --------------------------------------------------------------------------------------

    def heard(self, data: bytes) -> None:
        """Take one message of `call/down`; when this returns it is safe.

        Raises:
            msgspec.DecodeError: it is none. OSError: it could not be written down.
        """
        word = decode_down(data)
        if not paths.NUMBER.fullmatch(word.visit):
            raise msgspec.ValidationError(f"visit = {word.visit!r}: allowed are 1 to 32 of A-Z, a-z, 0-9 and -")
        match word:
            case Invited():
                self._invite(word)
            case Withdrawn():
                self._withdraw(word)
            case Fetch():
                self._fetch(word)
            case _:
                self._hand_on(word)

    def _invite(self, word: Invited) -> None:
        """Take an invitation; the same again changes nothing: the office asks how it stands, as when it was away.
        Another time, or what is left after a cut, is a new beginning.
        """
        path = self._path(word.visit, paths.INVITED)
        if paths.read_invitation(path) != word:
            self._path(word.visit, paths.TOLD).unlink(missing_ok=True)
            self._write(path, ENCODE(word))
        self._say_again(word)

    def _withdraw(self, word: Withdrawn) -> None:
        for suffix in (paths.INVITED, paths.TOLD):
            self._path(word.visit, suffix).unlink(missing_ok=True)
        self._forget(word.visit)
        self._door.say(word)

    def _fetch(self, word: Fetch) -> None:
        piece = recording_upload.answer_fetch(self._folder, word)
        if piece is not None:
            self._say(ENCODE(piece))

    def _hand_on(self, word: Down) -> None:
        """Hand a message on to its visit's visit process, now or as soon as there is one."""
        match word:
            case Peer(visit=visit, end=end, here=here):
                self._peers[visit, end] = word
                if not here:
                    self._offers.pop((visit, end), None)
            case Offered(visit=visit, end=end):
                self._offers[visit, end] = word
            case Left(visit=visit, end=end):
                self._peers.pop((visit, end), None)
                self._offers.pop((visit, end), None)
            case OfficerCommand() if word.visit != self._door.visit:
                self._commands = [*self._commands, word][-WAITING:]
        self._door.say(word)

    def _forget(self, visit: str) -> None:
        for kept in (self._peers, self._offers):
            for key in [key for key in kept if key[0] == visit]:
                del kept[key]
        self._commands = [one for one in self._commands if one.visit != visit]

    # -- from the visit process ----------------------------------------------------------------------------------------

    def turn(self) -> None:
        """Let a visit process in, move what it says and hears. Raises OSError as `LocalAuth.turn`."""
        self._door.turn()

    def _tell_what_stands(self) -> None:
        """Tell a new visit process all that its visit's ends have said and wait for."""
        standing: list[Down] = [*self._peers.values(), *self._offers.values(), *self._commands]
        for word in standing:
            self._door.say(word)
        self._commands = [one for one in self._commands if one.visit != self._door.visit]

    def _pass_up(self, word: Up, data: bytes) -> None:
        if isinstance(word, Answered):
            self._settle_offer(word)
        if _lasts(word) and self._path(word.visit, paths.INVITED).exists():
            self._keep(word)
        self._say(data)

    def _settle_offer(self, word: Answered) -> None:
        offer = self._offers.get((word.visit, word.end))
        if offer is not None and offer.session <= word.session:
            del self._offers[word.visit, word.end]

    def _keep(self, word: Up) -> None:
        """Write down what must reach the office, the newest of each kind. Another sign-in begins anew: an end that was
        told before it is of the time that the visit had before it was moved.
        """
        path = self._path(word.visit, paths.TOLD)
        known = self._read_lasting(path)
        if isinstance(word, SignedIn) and word not in known:
            known = ()
        after = (*(one for one in known if type(one) is not type(word)), word)
        try:
            if after != known:
                self._write(path, ENCODE(after))
        except OSError as error:  # a full disk: it is said once at least, and so are the words after it
            log.error("%s: %s", path, error)

    def _read_lasting(self, path: Path) -> tuple[Lasting, ...]:
        try:
            return _LASTING(path.read_bytes())
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.DecodeError) as error:
            log.error("%s: %s", path, error)
            return ()

    # -- the line to the office -------------------------------------------------------------------------------

    def up(self) -> None:
        """Report anew what lasts, and drop what is long past: the broker is there (again), or the office behind it."""
        for one in paths.list_invitations(self._folder):
            if one.begins_ms + KEPT_MS < self._now_ms():
                self._withdraw(Withdrawn(visit=one.visit))
                continue
            self._say_again(one)
        for kept in recording_upload.list_waiting(self._folder):
            self._say(ENCODE(kept))

    def _say_again(self, one: Invited) -> None:
        """Report that the unit knows of it, and what of it must not be lost."""
        self._say(ENCODE(Accepted(visit=one.visit, token=one.token)))
        lasting = self._read_lasting(self._path(one.visit, paths.TOLD))
        for word in lasting:
            self._say(ENCODE(word))
        if not any(isinstance(word, StatusReport) for word in lasting):
            self._say_unheard_end(one)

    def _say_unheard_end(self, one: Invited) -> None:
        """Tell the end that the visit process wrote down while no agent was there to hear it, and did not outlive."""
        left = talk_time_log.read_talk_time(self._folder, one.visit)
        if left is not None and left.end and left.begins_ms == one.begins_ms:
            over = StatusReport(visit=one.visit, phase="over", left_ms=left.left_ms, running=False, end=left.end)
            self._say(ENCODE(over))

    def close(self) -> None:
        """Let the visit process go, and the socket; twice is fine."""
        self._door.close()

    def _path(self, visit: str, suffix: str) -> Path:
        return self._folder / f"{visit}{suffix}"


def _lasts(word: Up) -> bool:
    """Return whether it must reach the office even if the agent dies now."""
    return isinstance(word, SignedIn) or (isinstance(word, StatusReport) and word.phase == "over")
