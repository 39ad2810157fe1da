"""The places of a visit's files and sockets on the unit: the folder `calls` in its state, and the run-time folder.

    calls/<visit>.json   Invited, as the office said it last: the agent writes it, visit process and screen read it
    calls/<visit>.told   what this unit has said of the visit and must not be lost; the agent's own
    calls/<visit>.state  what is left of the talk (`talk_time_log`): the visit process's; the agent reads its end
    calls/agent.sock     the agent listens, the visit process connects; lines are Down and Up, raw
    calls/screen.sock    the visit process listens, the screen connects; lines are Said in, Shown out
    calls/start          the visit's number: the visit process is wanted for it, and takes the file away once read
    calls/unit.toml      on a unit: the settings, which kiosk-visit.service lays down, since its user reads no others
    far.frames, self.frames   in the run-time folder: `calls` on a desk, /run/kiosk-visit on a unit (memory)

The visit process is wanted by the screen, once the learner has signed in with the card: that it runs for a visit that
is not over *is* the sign-in. A start that nobody read before the unit was switched off is void: the screen takes it
away when it begins, so no power cut lets anybody in unseen. Recordings (`recordings.py`) lie here, too; the agent
answers for them, so no visit process is needed once a visit is over.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

import msgspec

from kiosk_firmware.visit.wire.messages import Invited

log = logging.getLogger(__name__)
FOLDER, AGENT, SCREEN, START = "calls", "agent.sock", "screen.sock", "start"
INVITED, TOLD = ".json", ".told"
NUMBER = re.compile(r"[A-Za-z0-9-]{1,32}")
"""What a visit's number may be: it names files."""
_DECODE = msgspec.json.Decoder(Invited).decode


def list_invitations(folder: Path) -> tuple[Invited, ...]:
    """Return every visit that stands here, the next one first; `folder` is `calls`. A file that cannot be read is left
    out.
    """
    found = (read_invitation(path) for path in folder.glob(f"*{INVITED}"))
    return tuple(sorted((one for one in found if one), key=lambda one: (one.begins_ms, one.visit)))


def read_invitation(path: Path) -> Invited | None:
    """Read the invitation in a file, or None where there is none (any more)."""
    try:
        return _DECODE(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        log.error("%s: %s", path, error)
        return None
