"""Name the folders in which a unit's processes keep their files, each a system user of its own.

    STATE/screen   written by the screen alone (`kiosk-screen`): people, money, practice, the site's key, `screen.db`
    STATE/agent    written by the network's side alone (`kiosk-agent`): trust, updates, content, `agent.db`
    STATE/shared   written by both: what one asks of the other, unit.toml, visits

`deploy/unit/lockdown/state.sh` makes them at each start and gives them their rights: nobody but their owner writes to
the first two, and of what lies there the other reads only files that were made `READABLE`. On a desk nobody is kept
from anybody: where STATE has no such folder, everything lies in STATE itself.
"""

from __future__ import annotations

from pathlib import Path

READABLE = 0o640
"""The mode of a file that the other side may read; everything else is its owner's alone (0600)."""
READABLE_FOLDER = 0o750
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


def facts_file(state: Path, name: str) -> Path:
    """Return the path of a file of facts, `screen.db` or `agent.db`."""
    return (screen_folder(state) if name == "screen.db" else agent_folder(state)) / name


def _folder(state: Path, name: str) -> Path:
    folder = state / name
    return folder if folder.is_dir() else state
