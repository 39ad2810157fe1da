"""A new system or new content, ordered by the office: fetched, checked, asked for, and what becomes of it told.

    update.start (signed) ──► downloading ──► waiting ──► installing ──► trying ──► kept | returned (why)
                   └─► refused (why)   └─► refused           └─► failed (why)
    update.stop ──► stopped, while nothing is installed

The agent has no right to change the system. It looks at signature, size, hash and version, lays the bundle down, and
writes `update/request`; root's `update.sh` waits for the window, installs and tries (deploy/unit/update), and leaves
what it does in `update/progress`, which is told on from here. So a bundle from a USB drive is told of as well. Content
needs no root and no restart: `kiosk content install` takes it, the screen takes it up between two turns.

The command stands in `agent.db` with the last stage, each in the transaction of its fact.
"""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from kiosk_firmware.catalogue import site_content
from kiosk_firmware.system.durable_files import move_whole, write_whole
from kiosk_firmware.system.state_folders import agent_folder
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.wire.facts import OVER, Stage, UpdateStaged

log = logging.getLogger(__name__)
RAUC = ("rauc", "--conf=/etc/rauc/system.conf")
BOOT = Path("/proc/sys/kernel/random/boot_id")
LOOK_S = 0.5
RETRY_S = 15.0, 600.0
"""Between tries at the office: at first, and at most."""
STICK = "stick"
"""The update's name where the office sent no command."""
_ID = re.compile(r"[a-z0-9-]{3,64}")
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}")
_WINDOW = re.compile(r"([01]\d|2[0-3]):[0-5]\d ([01]\d|2[0-4]):[0-5]\d")
Kind = Literal["system", "content"]
_STAGES = frozenset({"waiting", "installing", "trying", "kept", "returned", "failed", "refused"})
"""What root may say; `refused` is always of a USB drive's bundle, and ends no command."""


class UpdateCommand(msgspec.Struct, frozen=True):
    """The content of a signed command, kept as it is needed; see `wire.enrolment_messages.Update`."""

    order: str
    kind: Kind
    version: str
    size: int
    sha256: str
    address: str
    until_ms: int


class UpdateState(msgspec.Struct, frozen=True):
    """The last command, how far it is, and how many lines of root's progress were told on."""

    command: UpdateCommand | None = msgspec.field(default=None, name="order")  # the name in agent.db
    stage: Stage = "stopped"
    lines: int = 0

    @property
    def is_over(self) -> bool:
        """Return whether nothing is under way by it."""
        return self.command is None or self.stage in OVER


def numbers(version: str) -> tuple[int, ...]:
    """Return a version as numbers, to be compared. Raises ValueError: it is none."""
    if not _VERSION.fullmatch(version):
        raise ValueError(f"version = {version!r}: allowed are numbers with dots, as in 0.2.1")
    return tuple(int(part) for part in version.split("."))


class UpdateService:
    """One unit's: a command for its system and one for its content, each for itself."""

    def __init__(
        self, unit: str, state: Path, db: AgentDb, now_ms: Callable[[], int], version: str, rng: random.Random
    ) -> None:
        """Go on with what is under way. `now_ms`: UTC; `version`: of the system that runs."""
        self.system, self.content = (
            UpdateQueue(kind, unit, state, db, now_ms, version, rng) for kind in ("system", "content")
        )
        self.folder = agent_folder(state) / "update"
        self._is_reached: bool | None = None

    def start_update(self, args: dict[str, Any]) -> str:
        """Start an update (`update.start`); return why not, or ""."""
        data = str(args.get("document", "")).encode()
        claimed = _claimed_command(data)
        return (self.content if claimed is not None and claimed.kind == "content" else self.system).start_update(data)

    def stop_update(self, args: dict[str, Any]) -> str:
        """Stop an update (`update.stop`); return why not, or ""."""
        return self.system.stop_update(args.get("order")) or self.content.stop_update(args.get("order"))

    def turn(self, now: float, is_reached: bool = True) -> None:
        """Do what is due; `now` in seconds of a monotonic clock. `is_reached`: whether the broker is."""
        self._note(is_reached)
        self.system.turn(now)
        self.content.turn(now)

    def _note(self, is_reached: bool) -> None:
        """Note for root that the unit was reached: a trial that cuts it off is no good one (health.sh)."""
        if is_reached == self._is_reached:
            return
        path = self.folder / "reached"
        if is_reached:
            write_whole(path, BOOT.read_bytes())
        else:
            path.unlink(missing_ok=True)
        self._is_reached = is_reached

    def close(self) -> None:
        """Let go of what is being fetched; it goes on in the next life."""
        self.system.close()
        self.content.close()


class UpdateQueue:
    """The commands of one kind; everything but fetching and looking happens in the agent's own thread."""

    def __init__(
        self,
        kind: Kind,
        unit: str,
        state: Path,
        db: AgentDb,
        now_ms: Callable[[], int],
        version: str,
        rng: random.Random,
    ) -> None:
        """See `UpdateService`."""
        self._kind, self._unit, self._state, self._db, self._now_ms = kind, unit, state, db, now_ms
        self._version, self._rng = version, rng
        self.folder, self._key = agent_folder(state) / "update", f"update.{kind}"
        self.held = msgspec.json.decode(db.noted(self._key) or "{}", type=UpdateState)
        self._done: queue.SimpleQueue[tuple[str, Stage, str]] = queue.SimpleQueue()
        self._job: threading.Thread | None = None
        self._halt = threading.Event()
        self._next_look = self._next_try = 0.0
        self._tries = 0
        if kind == "content" and self.held.stage == "kept":
            self._look_over()

    def _look_over(self) -> None:
        """Fetch kept content that is damaged now once more, while its command stands; the office hears of it."""
        command = self.held.command
        if (
            command is None
            or numbers(command.version) != (site_content.number(self._state),)
            or site_content.is_whole(self._state)
        ):
            return
        self.held = msgspec.structs.replace(self.held, stage="downloading")
        if command.until_ms > self._now_ms():
            self._tell("downloading", "it is damaged on the disk, and is fetched again")
        else:
            self._end("failed", "it is damaged on the disk: it must be ordered again")

    # -- what the office says

    def start_update(self, data: bytes) -> str:
        """Take a signed command: why not, or "". The same command again changes nothing."""
        from kiosk_firmware.unit.identity.unit_identity import UnitTrust
        from kiosk_firmware.wire import (
            signed_document,  # what a signature needs weighs much, and most days bring no command
        )
        from kiosk_firmware.wire.enrolment_messages import UPDATE, Update

        try:
            member = UnitTrust(self._state)
            _, update = signed_document.open_document(
                data, UPDATE, Update, member.root(), self._now_ms(), "signer", member.crl()
            )
            if update.unit != self._unit:
                raise ValueError(f"unit = {update.unit!r}: this is {self._unit}")
            if self.held.command is not None and self.held.command.order == update.order:
                return ""
            if not self.held.is_over and self.held.stage in ("installing", "trying"):
                raise ValueError(f"version {self.held.command.version} is being tried" if self.held.command else "")
            self._take(update)
        except ValueError as error:
            self._refuse(_claimed_command(data), str(error))
            return str(error)
        return ""

    def _take(self, update: Any) -> None:
        """Begin with a command. Raises ValueError: it says what cannot be."""
        there = numbers(str(site_content.number(self._state)) if self._kind == "content" else self._version)
        if not _ID.fullmatch(update.order) or update.until_ms <= self._now_ms():
            raise ValueError("the order has no name, or its time is over")
        if update.window and not _WINDOW.fullmatch(update.window):
            raise ValueError(f"window = {update.window!r}: allowed is as in '18:00 07:00'")
        if numbers(update.version) < there:
            raise ValueError(f"version = {update.version}: allowed is none older than what runs")
        if not self.held.is_over:
            self._tell("stopped", "another order came")
        self._clear()
        if self._kind == "system":
            self._set_window(update.window)
        made = UpdateCommand(
            update.order, update.kind, update.version, update.size, update.sha256, update.address, update.until_ms
        )
        self.held = UpdateState(made, "downloading", self.held.lines)
        self._next_try, self._tries = 0.0, 0
        same = numbers(update.version) == there and (self._kind == "system" or site_content.is_whole(self._state))
        self._tell(*(("kept", "it runs already") if same else ("downloading", "")))

    def stop_update(self, name: object) -> str:
        """Leave the update of that name: why not, or "". One that was left already is left."""
        held = self.held
        if held.command is None or held.command.order != name or held.stage == "stopped":
            return ""
        if held.stage not in ("downloading", "waiting"):
            return f"it is {held.stage} already"
        self._end("stopped", "by the office")
        return ""

    # -- what is due

    def turn(self, now: float) -> None:
        """Do what is due; `now` in seconds of a monotonic clock."""
        if now < self._next_look:
            return
        self._next_look = now + LOOK_S
        if self._kind == "system":
            self._follow()
        while not self._done.empty():
            self._finish(now, *self._done.get())
        command = self.held.command
        if command is None or self.held.stage not in ("downloading", "waiting"):
            return
        if command.until_ms <= self._now_ms():
            self._end("stopped", "its time is over")
        elif self.held.stage == "downloading" and self._job is None and now >= self._next_try:
            self._begin(command)

    def _begin(self, command: UpdateCommand) -> None:
        self._halt.clear()
        self._job = threading.Thread(target=self._work, args=(command,), name="update", daemon=True)
        self._job.start()

    def _finish(self, now: float, name: str, stage: Stage, detail: str) -> None:
        """Take the other thread's result; `downloading`: it was cut off, and is tried again later."""
        self._job = None
        if self.held.command is None or self.held.command.order != name or self.held.stage != "downloading":
            return
        if stage == "downloading":
            wait = min(RETRY_S[1], RETRY_S[0] * 2**self._tries)
            self._next_try, self._tries = now + self._rng.uniform(wait / 2, wait), self._tries + 1
            log.warning("the update: %s", detail)
        elif stage == "waiting":
            write_whole(self.folder / "request", f"{name}\n".encode())
            self._tell(stage, detail)
        else:
            self._end(stage, detail)

    def close(self) -> None:
        """See `UpdateService.close`."""
        self._halt.set()
        if self._job is not None:
            self._job.join(5)

    # -- the other thread: bytes, and what they are

    def _work(self, command: UpdateCommand) -> None:
        from kiosk_firmware.unit.agent.file_download import CutError

        stage: Stage
        try:
            stage, detail = self._fetch(command), ""
        except CutError as error:
            stage, detail = "downloading", str(error)
        except (ValueError, OSError, subprocess.SubprocessError) as error:
            stage, detail = "refused", str(error)
        except Exception as error:  # nobody else hears of it: the agent would wait for this thread for ever
            log.exception("the update")
            stage, detail = "refused", repr(error)
        self._done.put((command.order, stage, detail[:200]))

    def _fetch(self, command: UpdateCommand) -> Stage:
        """Fetch what was ordered and look at it. Raises ValueError: it is not to be had; CutError: not yet."""
        from kiosk_firmware.unit.agent.file_download import CutError, fetch
        from kiosk_firmware.unit.identity.unit_identity import UnitTrust

        part = self.folder / f"{self._kind}.part"
        if command.address:
            fetch(UnitTrust(self._state), command.address, command.sha256, command.size, part, self._halt)
        else:
            raise CutError("a stick is to bring it")
        if self._kind == "content":
            self._content_taken(part)
            return "kept"
        self._system_checked(part, command.version)
        move_whole(part, self.folder / "system.raucb")
        return "waiting"

    def _content_taken(self, part: Path) -> None:
        """Install content in a process of its own: it reads machines' rules, which the agent has no use for."""
        command = [sys.executable, "-P", "-m", "kiosk_firmware.cli", "content", "install", str(part)]
        done = subprocess.run(
            [*command, "--state", str(self._state)], capture_output=True, text=True, timeout=300, check=False
        )
        part.unlink(missing_ok=True)
        if done.returncode:
            raise ValueError(done.stderr.strip().removeprefix("refused: ")[-200:])

    def _system_checked(self, part: Path, version: str) -> None:
        """Let RAUC look at the makers' signature; its installing service looks again."""
        try:
            command = [*RAUC, "info", "--output-format=json", str(part)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        except FileNotFoundError:
            raise ValueError("there is no RAUC here: this unit has one system only") from None
        if done.returncode:
            part.unlink(missing_ok=True)
            raise ValueError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "RAUC refuses it")
        said = json.loads(done.stdout).get("version")
        if said != version:
            part.unlink(missing_ok=True)
            raise ValueError(f"the bundle is version {said}: ordered was {version}")

    # -- what root says

    def _follow(self) -> None:
        """Tell on what update.sh and health.sh left; a file that is shorter than what was told is a new one."""
        lines = list(self._progress())
        told = self.held.lines if self.held.lines <= len(lines) else 0
        for n, (stage, detail) in enumerate(lines[told:], start=told + 1):
            self.held = msgspec.structs.replace(self.held, lines=n)
            command = self.held.command
            if stage == "refused":
                self._note(UpdateStaged(STICK, "system", "", stage, detail))
                continue
            if stage == "kept" and command is not None and not self.held.is_over and command.version != self._version:
                self._tell("stopped", "a stick brought another one")
            self._tell(stage, detail)
            if stage in OVER:
                self._clear(progress=False)

    def _progress(self) -> Iterator[tuple[Stage, str]]:
        """Yield whole lines alone: the last one may be half written."""
        try:
            text = (self.folder / "progress").read_text("utf-8", "replace")
        except OSError:
            return
        for line in text.split("\n")[:-1]:
            _, _, said = line.partition(" ")
            stage, _, detail = said.partition(" ")
            if stage in _STAGES:
                yield msgspec.convert(stage, Stage), detail.strip()[:200]

    # -- books

    def _tell(self, stage: Stage, detail: str) -> None:
        """Write the stage down, and the fact of it. What root does while no command stands came on a USB drive."""
        command = self.held.command
        if command is None or self.held.is_over:
            fact = UpdateStaged(STICK, "system", self._version if stage == "kept" else "", stage, detail)
        else:
            self.held = msgspec.structs.replace(self.held, stage=stage)
            fact = UpdateStaged(command.order, command.kind, command.version, stage, detail)
        self._note(fact)

    def _note(self, fact: UpdateStaged) -> None:
        self._db.note(self._key, msgspec.json.encode(self.held).decode(), "update.staged", fact, self._now_ms())

    def _refuse(self, claimed: Any, why: str) -> None:
        """Say so under the update's claimed name, so that the office sees which one it was; the same again is said."""
        if claimed is not None and _ID.fullmatch(claimed.order):
            fact = UpdateStaged(claimed.order, claimed.kind, claimed.version[:32], "refused", why[:200])
            key, refused = f"{self._key}.refused", f"{claimed.order} {why}"
            if self._db.noted(key) != refused:
                self._db.note(key, refused, "update.staged", fact, self._now_ms())

    def _end(self, stage: Stage, detail: str) -> None:
        self._halt.set()
        self._clear(progress=False)
        self._tell(stage, detail)

    def _clear(self, progress: bool = True) -> None:
        """Delete what lies there for a command that is no more. A request is taken back by a word: root may have armed
        what it was for.
        """
        if self._kind == "system" and (self.folder / "request").exists():
            write_whole(self.folder / "request", b"stop\n")
        names = ["content.part"] if self._kind == "content" else ["system.raucb", "system.part"]
        for name in [*names, *(["progress"] if progress and self._kind == "system" else [])]:
            with contextlib.suppress(FileNotFoundError):
                (self.folder / name).unlink()
        if progress:
            self.held = msgspec.structs.replace(self.held, lines=0)

    def _set_window(self, window: str) -> None:
        if window:
            write_whole(self.folder / "window", f"{window}\n".encode())
        else:
            (self.folder / "window").unlink(missing_ok=True)


def _claimed_command(data: bytes) -> Any:
    """Return the command that a document claims to be; nothing is believed of it. None: it is none."""
    from kiosk_firmware.wire import signed_document
    from kiosk_firmware.wire.enrolment_messages import Update

    try:
        return signed_document.read_claimed(data, Update)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
