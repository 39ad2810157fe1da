"""What a process does to the files of one folder, as the kernel sees it: `strace` of the real one, read as operations.

Whatever writes is seen, SQLite's own code like ours: no library is replaced and no assumption made about who syncs.
What the process promises to others it writes as a line into the file `acks` beside the folder; such a line is an
operation, too, so that it is known which writes stood before which promise.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

CALLS = (
    "open,openat,creat,write,pwrite64,writev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,"
    "mkdir,mkdirat,rmdir,lseek,sendfile,copy_file_range,link,linkat,symlink,symlinkat,truncate,fallocate,close"
)
ACKS = "acks"
_LINE = re.compile(r"(\d+) +(.*)")
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_FD = re.compile(r"(?:(\d+)|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)(?:\(deleted\))?>")


class Op(msgspec.Struct, frozen=True):
    """One operation. `path`, `to`: as the process named them; `at`: the offset of a write, or the size of a truncation.

    kinds: create, mkdir, write, truncate, sync, rename, remove, ack (`data` is the promise).
    """

    kind: str
    path: str
    to: str = ""
    at: int = 0
    data: bytes = b""


def recorded(folder: Path, module: str, *words: str) -> list[Op]:
    """Run a module as a process of its own under `strace`, and what it did to the files below `folder`."""
    if shutil.which("strace") is None:
        pytest.skip("no strace; on Debian: apt-get install strace")
    log = folder.parent / f"{folder.name}.strace"
    command = ["strace", "-f", "-qq", "-y", "-xx", "-s", "99999999", "-e", f"trace={CALLS}", "-e", "signal=none"]
    done = subprocess.run(
        [*command, "-o", str(log), sys.executable, "-m", module, str(folder), *words],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        check=False,
        timeout=300,
    )
    if "ptrace" in done.stderr and "not permitted" in done.stderr:
        pytest.skip("no process may be traced here")
    assert done.returncode == 0, done.stderr[-3000:]
    return list(_Reader(str(folder)).read(log))


class _Reader:
    """Follows descriptors, since `write` does not say where."""

    def __init__(self, root: str) -> None:
        self._root, self._acks = root, f"{root}/{ACKS}"
        self._at: dict[tuple[int, str], int] = {}
        self._appends: set[tuple[int, str]] = set()
        self._size: dict[str, int] = {}

    def read(self, log: Path) -> Iterator[Op]:
        for line in _whole(log):
            call = _CALL.match(line)
            if call is None or call[3].startswith("-"):
                continue
            for op in self._ops(call[1], call[2], int(call[3])):
                self._note(op)
                if op.path == self._acks:
                    if op.kind == "write":
                        yield Op("ack", "", data=op.data)
                elif f"{op.path}/".startswith(f"{self._root}/"):
                    yield op

    def _note(self, op: Op) -> None:
        match op.kind:
            case "create" | "truncate":
                self._size[op.path] = op.at
            case "write":
                self._size[op.path] = max(self._size.get(op.path, 0), op.at + len(op.data))
            case "rename":
                self._size[op.to] = self._size.pop(op.path, 0)
            case "remove":
                self._size.pop(op.path, None)

    def _ops(self, name: str, words: str, result: int) -> Iterator[Op]:
        texts = [_bytes(text) for text in _TEXT.findall(words)]
        paths = [_bytes(text).decode() for _, text in _FD.findall(words)]
        if name in ("open", "openat", "creat"):
            yield from self._opened(_under(paths, texts[0]), words, result)
        elif name in ("write", "pwrite64", "ftruncate", "fsync", "fdatasync", "lseek", "sendfile", "copy_file_range"):
            found = _FD.match(words)
            if found is not None and found[1]:
                yield from self._on(name, (int(found[1]), _bytes(found[2]).decode()), words, texts, result, paths)
        elif name.startswith("rename"):
            yield Op("rename", _under(paths[:1], texts[0]), _under(paths[-1:], texts[1]))
        elif name in ("unlink", "unlinkat", "rmdir"):
            yield Op("remove", _under(paths, texts[0]))
        elif name.startswith("mkdir"):
            yield Op("mkdir", _under(paths, texts[0]))
        elif name != "close":
            said = (*paths, *(text.decode("utf-8", "replace") for text in texts))
            assert not any(self._root in one for one in said), f"{name} is not followed: {words[:200]}"

    def _opened(self, path: str, words: str, fd: int) -> Iterator[Op]:
        key = fd, path
        self._at[key] = 0
        self._appends.discard(key)
        if "O_APPEND" in words:
            self._appends.add(key)
        if "O_CREAT" in words and path not in self._size:
            yield Op("create", path)
        elif "O_TRUNC" in words:
            yield Op("truncate", path)

    def _on(
        self, name: str, key: tuple[int, str], words: str, texts: list[bytes], result: int, paths: list[str]
    ) -> Iterator[Op]:
        path = key[1]
        if name in ("fsync", "fdatasync"):
            yield Op("sync", path)
        elif name == "ftruncate":
            yield Op("truncate", path, at=int(words.rsplit(",", 1)[1]))
        elif name == "lseek":
            self._at[key] = result
        elif name == "pwrite64":
            yield Op("write", path, at=int(words.rsplit(",", 1)[1]), data=texts[0][:result])
        else:
            at = self._size.get(path, 0) if key in self._appends else self._at.get(key, 0)
            data = texts[0][:result] if name == "write" else Path(paths[1]).read_bytes()[at : at + result]
            self._at[key] = at + len(data)
            yield Op("write", path, at=at, data=data)


def _whole(log: Path) -> Iterator[str]:
    """Lines without their process, those that were parted by another's put together."""
    begun: dict[str, str] = {}
    with log.open(encoding="ascii", errors="replace") as file:
        for line in file:
            found = _LINE.match(line)
            if found is None:
                continue
            process, rest = found[1], found[2]
            if rest.endswith("<unfinished ...>"):
                begun[process] = rest.removesuffix("<unfinished ...>")
            elif rest.startswith("<... "):
                yield begun.pop(process, "") + rest.partition("resumed>")[2]
            else:
                yield rest


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _under(folders: list[str], path: bytes) -> str:
    """A path as the call named it, below the folder that its descriptor is."""
    name = path.decode("utf-8", "replace")
    return name if name.startswith("/") or not folders else f"{folders[0]}/{name}"
