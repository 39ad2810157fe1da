"""Processes that one process keeps going, and ends with everything that they started.

Each child leads a process group of its own, so Ctrl-C in a terminal reaches the keeper alone and the keeper reaches
whole groups; should the keeper itself be killed, the kernel tells the children (where `setpriv` is installed). A child
that dies before it has proved itself was never going to work: that is an error with the child's own last words. One
that dies later is started again, later and later while it keeps dying, until it has died so often in a row that it will
not get well by itself. Nothing here knows what the children are.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import msgspec

PROVED_S = 3.0
CALM_S = 60.0
"""A child that lived so long begins again with the shortest pause."""
LIVES = 6
"""So many lives in a row, none of them as long: it cannot run (a slow machine makes any death look like a late one)."""
LONGEST_S = 30.0
PATIENCE_S = 8.0
LOG_LIMIT = 4 * 1024 * 1024
LAST_LINES = 12


class ChildSpec(msgspec.Struct, frozen=True):
    """A child to be: its name, the command, the codes at which it wants to be started at once, and those that mean
    that all shall end. `last`: ended only after the others, which still need it. `when`: it lives only where somebody
    wants it by this file, which it takes away; however it ends, that is no error.
    """

    name: str
    command: tuple[str, ...]
    again: Collection[int] = ()
    ends_all: Collection[int] = ()
    last: bool = False
    when: Path | None = None


class StartError(RuntimeError):
    """A child could not be started, or died before it had proved itself; the message carries its last words."""


class Child:
    """One part through all its lives."""

    def __init__(self, part: ChildSpec, log: Path, env: dict[str, str]) -> None:
        """Take the child's spec; nothing runs yet; what the child says is appended to `log`."""
        self.part, self.log = part, log
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None
        self._born = self._due = 0.0
        self._proved = False
        self._lives = 0

    @property
    def pid(self) -> int:
        """Of the present life; 0 between two."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Begin a life. Raises StartError when there is no such program."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".old"))
        with self.log.open("ab") as out:
            try:
                self._process = subprocess.Popen(
                    [*_orphan_guard(), *self.part.command],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    env=self._env,
                    start_new_session=True,
                )
            except OSError as error:
                raise StartError(f"{self.part.name}: {error}") from error
        self._born = time.monotonic()

    def look(self, now: float) -> int | None:
        """Return the exit code of a life that has just ended, or None. Starts the next life when it is due.

        Raises:
            StartError: it died before it had proved itself, or again and again.
        """
        if self._process is None:
            if now >= self._due and self._is_wanted():
                self.start()
            return None
        code = self._process.poll()
        if code is None:
            self._proved = self._proved or now - self._born >= PROVED_S
            return None
        self._kill_rest()
        self._process = None
        self._after(code, now)
        return code

    def _is_wanted(self) -> bool:
        return self.part.when is None or self.part.when.exists()

    def _after(self, code: int, now: float) -> None:
        if code in self.part.ends_all or self.part.when is not None:
            return
        if code in self.part.again:
            self._due = now
            return
        self._lives = 1 if now - self._born >= CALM_S else self._lives + 1
        if not self._proved or self._lives >= LIVES:
            raise StartError(f"{self.part.name} ended with code {code}:\n{self.last_words()}")
        self._due = now + self._pause

    @property
    def _pause(self) -> float:
        """Before the next life."""
        return min(LONGEST_S, 0.5 * 2.0 ** (self._lives - 1))

    def ask_to_end(self) -> None:
        """Send SIGTERM to its group."""
        self._signal(signal.SIGTERM)

    def end(self, until: float) -> None:
        """Wait until `until`, then kill what is left of the group."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()
        self._kill_rest()
        self._process = None

    def last_words(self) -> str:
        """Return the end of its log."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        return "\n".join(lines[-LAST_LINES:]) or "(it said nothing)"

    def _kill_rest(self) -> None:
        """Kill whatever the dead leader left in its group; nobody else can be in it."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):  # the whole group is gone already
                os.killpg(self._process.pid, number)


def _orphan_guard() -> Sequence[str]:
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "TERM", "--") if setpriv else ()


class ProcessSupervisor:
    """Keeps children going until told to end."""

    def __init__(self, folder: Path, env: dict[str, str], say: Callable[[str, int, bool], None]) -> None:
        """Take `folder`, which gets a log a child; `say(name, code, at_once)` hears of every death that is followed by
        a life.
        """
        self._folder, self._env, self._say = folder, env, say
        self.children: list[Child] = []

    def start(self, parts: Sequence[ChildSpec]) -> None:
        """Start all, in this order, waiting for none."""
        for part in parts:
            child = Child(part, self._folder / f"{part.name}.log", self._env)
            self.children.append(child)
            if part.when is None:
                child.start()

    def look(self) -> bool:
        """Look after all once; False when a child's end means the end of all. Raises StartError as `Child.look`."""
        now = time.monotonic()
        for child in self.children:
            code = child.look(now)
            if code is None:
                continue
            if code in child.part.ends_all:
                return False
            if child.part.when is not None:
                continue
            self._say(child.part.name, code, code in child.part.again)
        return True

    def end(self) -> None:
        """End all: first those that still want to say goodbye to others, then the others. Twice is fine."""
        for last in (False, True):
            leaving = [child for child in self.children if child.part.last is last]
            for child in leaving:
                child.ask_to_end()
            until = time.monotonic() + PATIENCE_S
            for child in leaving:
                child.end(until)
