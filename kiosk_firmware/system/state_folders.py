"""Name the folders in which a unit's processes keep their files, each a system user of its own.

    STATE/screen   written by the screen alone (`kiosk-screen`): people, money, practice, the site's key, `screen.db`
    STATE/agent    written by the network's side alone (`kiosk-agent`): trust, updates, content, `agent.db`
    STATE/shared   written by both: what one asks of the other, unit.toml
    STATE/calls    visits: written by these two and by the visit process (`kiosk-visit`), which comes into no other

`deploy/unit/lockdown/state.sh` makes them at each start and gives them their rights: nobody but their owner writes to
the first two, and of what lies there the other reads only files that were made `READABLE`. On a desk nobody is kept
from anybody: where STATE has no such folder, everything lies in STATE itself.

`calls` is the agent's; its group is that of the visit process and the screen, and new files take that group. So what
the visit process makes `AGENT_READABLE` the agent reads as one of the others (nobody else comes in), the screen not.
"""

from __future__ import annotations

from pathlib import Path

READABLE = 0o640
"""The mode of a file that the other side may read; everything else is its owner's alone (0600)."""
READABLE_FOLDER = 0o750
AGENT_READABLE = 0o604
"""The mode of a file of the visit process that the agent reads and the screen does not."""
RECORDINGS = "recordings"
"""The folder in the screen's own in which a technician's recordings of wires are kept."""


def screen_folder(state: Path) -> Path:
    """Return where the screen's files lie."""
    return _folder(state, "screen")


def agent_folder(state: Path) -> Path:
    """Return where the files of the network's side lie: agent, enrolment, renewal, USB drive."""
    return _folder(state, "agent")


def shared_folder(state: Path) -> Path:
    """Return where both sides write."""
    return _folder(state, "shared")


def calls_folder(state: Path) -> Path:
    """Return where a visit's files and sockets lie (`visit/wire/paths.py`)."""
    return state / "calls"


def facts_file(state: Path, name: str) -> Path:
    """Return the path of a file of facts, `screen.db` or `agent.db`."""
    return (screen_folder(state) if name == "screen.db" else agent_folder(state)) / name


def _folder(state: Path, name: str) -> Path:
    folder = state / name
    return folder if folder.is_dir() else state
