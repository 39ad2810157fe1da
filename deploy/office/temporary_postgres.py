"""A PostgreSQL of our own for a test or a measurement: a private folder, a free port on loopback, an own user.

PostgreSQL refuses root, so where we are root it runs as `nobody` in a folder that is theirs. Its disk is as durable as
in life: `fsync` and `synchronous_commit` stay on.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from kiosk_firmware.tools.demo.mosquitto import free_port

START_S = 60.0
USER = "office"
OPTIONS = ("listen_addresses=127.0.0.1", "shared_buffers=128MB", "max_wal_size=1GB", "max_connections=40")


class ClusterError(RuntimeError):
    """PostgreSQL is not installed or did not start; says what to do or what it said."""


def programs() -> Path:
    """Return the folder of PostgreSQL's programs; Debian keeps them by version.

    Raises:
        ClusterError: it is not installed.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise ClusterError("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    return found[-1]


class Cluster:
    """A server that runs until `close`, which also removes its folder."""

    def __init__(self) -> None:
        """Make a cluster, start it, make the database.

        Raises:
            ClusterError: not installed, or it did not start.
        """
        self._bin, self.port = programs(), free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="office-pg-"))
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        made = ("--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        self._run("initdb", "-D", str(self.folder / "data"), *made)
        self._process = self._start()
        self._wait()

    def url(self, name: str) -> str:
        """Return the address of database `name`, made anew and empty."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, name)
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def close(self) -> None:
        """Stop it; twice is fine."""
        if self._process.poll() is None:
            self._process.send_signal(2)  # SIGINT: PostgreSQL's "fast"
            self._process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def processor_s(self) -> float:
        """Return what it has spent of the processor so far, its connections' processes included, those that have ended
        too.
        """
        found = [_stat(Path(f"/proc/{self._process.pid}"))]
        found += [one for one in map(_stat, Path("/proc").glob("[0-9]*")) if one[0] == self._process.pid]
        own = sum(sum(ticks[:2]) for _, *ticks in found)
        return (own + sum(found[0][3:])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """Kill it as a power cut would leave it, but for the disk."""
        self._process.send_signal(3)  # SIGQUIT: at once, recovery at the next start
        self._process.wait(30)

    @property
    def is_down(self) -> bool:
        """Return whether it was killed and not started again."""
        return self._process.poll() is not None

    def restart(self) -> None:
        """Start it again after `kill`."""
        self._process = self._start()
        self._wait()

    def _as(self, words: Sequence[str]) -> list[str]:
        as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        return [*as_nobody, str(self._bin / words[0]), *words[1:]]

    def _run(self, *words: str) -> None:
        done = subprocess.run(self._as(words), cwd=self.folder, capture_output=True, text=True, env=self._env())
        if done.returncode:
            raise ClusterError(f"{words[0]}: {done.stderr.strip() or done.stdout.strip()}")

    def _env(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(self.folder)}

    def _start(self) -> subprocess.Popen[bytes]:
        options = [f"-c{option}" for option in OPTIONS]
        words = ["postgres", "-D", str(self.folder / "data"), "-p", str(self.port), "-k", str(self.folder), *options]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(self._as(words), cwd=self.folder, stdout=log, stderr=log, env=self._env())

    def _wait(self) -> None:
        deadline = time.monotonic() + START_S
        ready = self._as(["pg_isready", "-h", "127.0.0.1", "-p", str(self.port), "-q"])
        while subprocess.run(ready, env=self._env()).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "log").read_text(errors="replace")[-500:]
                self._process.kill()
                raise ClusterError(f"PostgreSQL did not start on port {self.port}: {said}")
            time.sleep(0.05)


def _stat(process: Path) -> tuple[int, int, int, int, int]:
    """Return a process's parent and its ticks: own, the system's for it, and both of children that have ended; zeros
    where it is gone.
    """
    try:
        words = (process / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return (0, 0, 0, 0, 0)
    parent, ticks = int(words[1]), list(map(int, words[11:15]))
    return (parent, ticks[0], ticks[1], ticks[2], ticks[3])
