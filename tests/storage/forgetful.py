"""A disk that forgets: of recorded operations (`trace`) it makes what a power cut could leave, by POSIX's words alone.

A file's bytes are safe after its own fsync; a name (made, moved, removed) is safe after its folder's. Whatever is not
safe may be there, be missing, or be there in part: writes in any choice, torn at sectors; a file that was never synced
as long as it was and empty, or full of zeros (a journalling file system keeps names and sizes before data); names in
any choice that keeps the order of those that depend on each other. Shared memory of SQLite is never there.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from tests.storage.trace import Op

SECTOR = 512
HOW = ((0.0, 1.0), (0.0, 0.0), (1.0, 0.0), (0.5, 0.5), (0.8, 0.8), (1.0, 1.0))
"""Shares of data and of names that outlive a cut without having been synced."""


class File:
    """A file's bytes: now, safe, and what was done since the last sync."""

    def __init__(self, safe: bytes = b"") -> None:
        self.now, self.safe = bytearray(safe), bytes(safe)
        self.since: list[Op] = []

    def do(self, op: Op) -> None:
        self.since.append(op)
        _do(self.now, op)

    def sync(self) -> None:
        self.safe, self.since = bytes(self.now), []

    def after_cut(self, rng: random.Random, share: float) -> bytes:
        if not self.since:
            return self.safe
        if share == 0.0 and rng.random() < 0.3:  # the size is a name's sister, not the data's
            return self.safe[: len(self.now)].ljust(len(self.now), b"\0")
        left = bytearray(self.safe)
        for op in self.since:
            if rng.random() >= share:
                continue
            size = len(op.data)
            if op.kind == "write" and share < 1 and rng.random() < 0.3:
                size = SECTOR * rng.randrange(size // SECTOR + 1)
            _do(left, Op(op.kind, op.path, at=op.at, data=op.data[:size]))
        return bytes(left)


def _do(data: bytearray, op: Op) -> None:
    if op.kind == "truncate":
        del data[op.at :]
        data.extend(bytes(op.at - len(data)))
    elif op.data:
        data.extend(bytes(max(0, op.at - len(data))))
        data[op.at : op.at + len(op.data)] = op.data


class Folder:
    """Names: now, safe, and the changes since the last sync, each with what it leaves (None: nothing) at which name."""

    def __init__(self) -> None:
        self.now: dict[str, File | Folder] = {}
        self.safe: dict[str, File | Folder] = {}
        self.since: list[dict[str, File | Folder | None]] = []

    def do(self, change: dict[str, File | Folder | None]) -> None:
        self.since.append(change)
        _named(self.now, change)

    def sync(self) -> None:
        self.safe, self.since = dict(self.now), []

    def after_cut(self, rng: random.Random, share: float) -> dict[str, File | Folder]:
        left = dict(self.safe)
        lost: set[str] = set()
        for change in self.since:
            if lost & change.keys() or rng.random() >= share:
                lost |= change.keys()  # what came after it at these names is not there either
            else:
                _named(left, change)
        return left


def _named(names: dict[str, File | Folder], change: dict[str, File | Folder | None]) -> None:
    for name, node in change.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


class Disk:
    """The folder `root` as it is on the disk, operation by operation; `promised`: what was promised so far."""

    def __init__(self, root: Path) -> None:
        self._root, self.top = str(root), Folder()
        self.promised: list[bytes] = []

    @classmethod
    def of(cls, root: Path) -> Disk:
        """With what lies in the folder now."""
        made = cls(root)
        for path in sorted(root.rglob("*")):
            if path.is_dir():
                made.do(Op("mkdir", str(path)))
            elif path.is_file():
                made.do(Op("create", str(path)))
                made.do(Op("write", str(path), data=path.read_bytes()))
        made._settle(made.top)
        return made

    def _settle(self, folder: Folder) -> None:
        folder.sync()
        for node in folder.now.values():
            if isinstance(node, File):
                node.sync()
            else:
                self._settle(node)

    def do(self, op: Op) -> None:
        """The next operation."""
        if op.kind == "ack":
            self.promised.append(op.data)
            return
        folder, name = self._at(op.path)
        match op.kind:
            case "create":
                if name not in folder.now:
                    folder.do({name: File()})
            case "mkdir":
                folder.do({name: Folder()})
            case "remove":
                folder.do({name: None})
            case "rename":
                other, to = self._at(op.to)
                assert other is folder, f"{op}: moved between folders"
                folder.do({name: None, to: folder.now[name]})
            case "sync":
                node = folder.now.get(name) if name else folder
                if node is not None:  # one that was removed while it was open
                    node.sync()
            case _:
                file = folder.now.get(name)
                if isinstance(file, File):  # of one that was removed meanwhile nothing is left
                    file.do(op)

    def _at(self, path: str) -> tuple[Folder, str]:
        *folders, name = PurePosixPath(path).relative_to(self._root).parts or ("",)
        at = self.top
        for one in folders:
            found = at.now[one]
            assert isinstance(found, Folder), path
            at = found
        return at, name

    def cut(self, rng: random.Random, into: Path) -> None:
        """Write what a power cut leaves into a folder."""
        data, names = rng.choice(HOW)
        _written(self.top, into, rng, data, names)


def _written(folder: Folder, into: Path, rng: random.Random, data: float, names: float) -> None:
    into.mkdir()
    for name, node in folder.after_cut(rng, names).items():
        if isinstance(node, Folder):
            _written(node, into / name, rng, data, names)
        elif not name.endswith("-shm"):
            (into / name).write_bytes(node.after_cut(rng, data))


def cuts(ops: Sequence[Op], seeds: Sequence[int]) -> list[tuple[int, int]]:
    """Where each seed cuts: (how many operations, seed), in the order of the operations. Half of the cuts come right
    after a promise, since that is where a disk that forgets makes a liar of somebody.
    """
    acks = [n for n, op in enumerate(ops, start=1) if op.kind == "ack"]
    found = []
    for seed in seeds:
        rng = random.Random(seed)
        n = rng.choice(acks) if acks and rng.random() < 0.5 else rng.randrange(len(ops) + 1)
        found.append((n, seed))
    return sorted(found)
