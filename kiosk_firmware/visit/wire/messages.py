"""Define what the ends of a visit say to each other; all JSON, one object with a `type`, one message at a time.

Three ends speak through the office: the **unit** inside (topics `call/up` and `call/down`, carried by the agent), the
**station** outside and the **officer** (WebSockets of the office's pages). The office passes on what is for another
end and writes down what moves the visit. Media goes from end to end, never through the office.

Both browsers offer and the unit answers: SDP travels whole (no trickle), and `session` numbers the attempts of an end,
so what belongs to an attempt that was given up is dropped. A connection is never mended but made anew: aiortc knows no
ICE restart. The unit alone has the clock, the recording and the last word on the phase.

On the unit the visit process and the screen speak over a socket in the run-time folder with `Said` and `Shown`; the
screen has no network, the visit process no glass.
"""

from __future__ import annotations

from typing import Literal

import msgspec

End = Literal["unit", "station", "officer"]
Phase = Literal["waiting", "ready", "talking", "cut", "over"]
"""waiting: nobody on the line yet; ready: both are there and have signed; talking: the clock runs; cut: the line is
gone, the clock rests or runs on by rule; over: nothing more comes."""
Ending = Literal["", "time", "unit", "station", "officer", "line", "late", "words", "language", "phone", "recording"]
"""Why it is over: the half hour is, one of the ends left, the line did not come back, nobody came in time; or the
breach for which an officer ended it."""
Notice = Literal[
    "",
    "five_left",
    "one_left",
    "warned",
    "muted",
    "heard_again",
    "frozen",
    "moving_again",
    "line_cut",
    "line_back",
    "teacher_called",
]


class IceServer(msgspec.Struct, frozen=True):
    """A relay within the authority's network; short-lived credentials (TURN REST API)."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = ""


class CallRules(msgspec.Struct, frozen=True):
    """The office's settings that the unit keeps. seconds: of talk; early_s: so long before its time one may come in;
    late_s: who comes later has waived it; rests_s: how long a cut line may rest the clock (0: it runs on); back_s: a
    cut that lasts longer ends the visit; recorded: both sides are; watched: an officer may be there unseen. Both are
    said before anybody speaks.
    """

    seconds: int = 1800
    late_s: int = 900
    rests_s: int = 300
    back_s: int = 300
    recorded: bool = True
    watched: bool = True
    early_s: int = 1800


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """visit: its number, as on the slip."""

    visit: str


# -- from the office --------------------------------------------------------------------------------------------------


class Invited(_Message, frozen=True):
    """To the unit, until it has answered `Accepted`: a visit stands here. begins_ms: UTC; learner: the pseudonym that
    must sign in; people: how many come; seal: PEM of the office's public key for recordings; token: of this visit and
    this end alone. left_s: what is left of it where it was begun before (a power cut), else -1.
    """

    begins_ms: int
    learner: str
    language: str
    people: int
    rules: CallRules
    ice: tuple[IceServer, ...]
    seal: str
    token: str
    left_s: int = -1


class Withdrawn(_Message, frozen=True):
    """To the unit: that visit will not be (taken back, moved, lapsed)."""

    reason: str = ""


class Peer(_Message, frozen=True):
    """To an end: another end is there (has signed, may be offered to) or not."""

    end: End
    here: bool


class OfficerCommand(_Message, frozen=True, tag="Ordered"):
    """To the unit, of an officer: warn (words/language/phone/recording), mute or unmute an end, end with a reason."""

    act: Literal["warn", "mute", "unmute", "end"]
    end: Literal["unit", "station"] = "station"
    reason: Ending = ""


# -- between the ends -------------------------------------------------------------------------------------------------


class Offered(_Message, frozen=True):
    """An SDP offer of a browser, to the unit. `end`: whose. A station offers sound and picture, both ways; an officer
    only receives, four streams in this order: sound and picture of the unit, sound and picture of the station.
    """

    end: End
    session: int
    sdp: str


class Answered(_Message, frozen=True):
    """The unit's SDP answer to that end's offer of that session."""

    end: End
    session: int
    sdp: str


class Left(_Message, frozen=True):
    """An end is gone for good (the page was closed, the learner pressed *end*). `end`: who."""

    end: End


# -- from the unit ----------------------------------------------------------------------------------------------------


class Accepted(_Message, frozen=True):
    """The unit knows of the visit; it need not be told again. token: proves that it is the one invited."""

    token: str


class SignedIn(_Message, frozen=True):
    """The learner was there with the card; signed: the undertaking too, so the unit may be called."""

    token: str
    learner: str
    signed: bool = False


class StatusReport(_Message, frozen=True, tag="Told"):
    """The state of the call, at each change and every few seconds while talking: for the other ends and the office's
    books. muted: the ends that the unit keeps from being heard, now; a unit of before says nothing of it.
    """

    phase: Phase
    left_ms: int
    running: bool
    notice: Notice = ""
    end: Ending = ""
    muted: tuple[Literal["unit", "station"], ...] = ()


class Kept(_Message, frozen=True):
    """The recording (`visit.wire.recording_encryption`) is ended at the unit: its bytes and SHA-256, to be fetched in
    pieces. seconds: what it holds.
    """

    bytes: int
    sha256: str
    seconds: int


class Fetch(_Message, frozen=True):
    """From the office to the unit: a piece of the recording, from `offset`; `last`: all of it is here, it may go."""

    offset: int
    length: int = 32_768
    last: bool = False


class Piece(_Message, frozen=True):
    """The piece (base64 in JSON), still sealed."""

    offset: int
    data: bytes


Down = Invited | Withdrawn | Peer | OfficerCommand | Offered | Left | Fetch
"""Office to unit."""
Up = Accepted | SignedIn | Answered | StatusReport | Kept | Piece | Left
"""Unit to office."""
ToStation = Peer | Answered | StatusReport | Left | Withdrawn
ToOffice = Offered | Left
"""A browser to the office; `OfficerCommand` too where it is the officer's."""


# -- on the unit, between visit process and screen -------------------------------------------------------------------


class Said(msgspec.Struct, frozen=True):
    """The screen to the visit process: the learner's wishes. check: camera and sound, before; sign: the undertaking
    is; end: enough; teacher: somebody is called; leave: they turned away before signing, so the visit process may go
    and the visit stands.
    """

    do: Literal["check", "sign", "end", "teacher", "leave"]


class Shown(msgspec.Struct, frozen=True):
    """The visit process to the screen, at each change and once a second: what is to be seen. station: somebody is
    there; frozen: the picture stands; camera, sound: 0..100 what comes from one's own, -1 none; visit: whose this is;
    officer: one looks on, and the rules let nobody do so unseen.
    """

    phase: Phase
    left_ms: int
    running: bool
    station: bool
    notice: Notice = ""
    end: Ending = ""
    frozen: bool = False
    camera: bool = False
    sound: int = -1
    visit: str = ""
    officer: bool = False


ENCODE = msgspec.json.Encoder().encode
decode_down = msgspec.json.Decoder(Down).decode
up = msgspec.json.Decoder(Up)
decode_up = up.decode
