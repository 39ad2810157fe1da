"""A disk in memory that keeps only what was synced: a power cut leaves the rest out, in part, or torn.

SQLite's own code runs on it through `apsw`, and ours on that through a connection that looks like `sqlite3`'s. A cut is
taken at any operation without ending anything: it is a copy of what the platters would hold at that moment.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from kiosk_firmware.office.database.connection import in_parts

SECTOR = 512


class File:
    """What is read now, what is safe, and what was written in between."""

    def __init__(self, safe: bytes = b"") -> None:
        self.now, self.safe = bytearray(safe), bytearray(safe)
        self.since: list[tuple[int, bytes]] = []

    def write(self, data: bytes, at: int) -> None:
        self.since.append((at, data))
        _put(self.now, data, at)

    def truncate(self, size: int) -> None:
        self.since.append((size, b""))
        del self.now[size:]

    def sync(self) -> None:
        self.safe, self.since = bytearray(self.now), []

    def torn(self, rng: random.Random, share: float) -> bytes:
        """After a cut: of each write that was not synced all, nothing, or some first sectors. `share`: how many."""
        left = bytearray(self.safe)
        for at, data in self.since:
            if not data:
                del left[at:]
            elif rng.random() < share:
                kept = len(data) if rng.random() < 0.5 else SECTOR * rng.randrange(len(data) // SECTOR + 1)
                _put(left, data[:kept], at)
        return bytes(left)


def _put(into: bytearray, data: bytes, at: int) -> None:
    if data and len(into) < at:
        into.extend(bytes(at - len(into)))
    into[at : at + len(data)] = data


class Disk(apsw.VFS):
    """`at_each` is called before each write and sync, with how many there were."""

    def __init__(self, name: str) -> None:
        self.name, self.files = name, dict[str, File]()
        self.count = 0
        self.at_each: Callable[[int], None] = lambda count: None
        super().__init__(name, "")

    def step(self) -> None:
        self.count += 1
        self.at_each(self.count)

    def cut(self, rng: random.Random, share: float) -> dict[str, bytes]:
        return {name: file.torn(rng, share) for name, file in self.files.items()}

    def become(self, files: dict[str, bytes]) -> None:
        self.files, self.at_each = {name: File(data) for name, data in files.items()}, lambda count: None

    def xOpen(self, name: Any, flags: list[int]) -> Opened:
        wanted = name if isinstance(name, str) or name is None else name.filename()
        flags[1] = flags[0]
        return Opened(self, self.files.setdefault(wanted or f"temporary-{self.count}", File()))

    def xDelete(self, name: str, sync: bool) -> None:
        self.files.pop(name, None)

    def xAccess(self, name: str, flags: int) -> bool:
        return name in self.files

    def xFullPathname(self, name: str) -> str:
        return name


class Opened:
    """One open file."""

    def __init__(self, disk: Disk, file: File) -> None:
        self._disk, self._file = disk, file

    def xRead(self, amount: int, at: int) -> bytes:
        return bytes(self._file.now[at : at + amount])

    def xWrite(self, data: bytes, at: int) -> None:
        self._disk.step()
        self._file.write(bytes(data), at)

    def xTruncate(self, size: int) -> None:
        self._disk.step()
        self._file.truncate(size)

    def xSync(self, flags: int) -> None:
        self._disk.step()
        self._file.sync()

    def xFileSize(self) -> int:
        return len(self._file.now)

    def xSectorSize(self) -> int:
        return SECTOR

    def xDeviceCharacteristics(self) -> int:
        return 0

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xCheckReservedLock(self) -> bool:
        return False

    def xLock(self, level: int) -> None: ...
    def xUnlock(self, level: int) -> None: ...
    def xClose(self) -> None: ...


class Done:
    """A statement that ran."""

    def __init__(self, cursor: apsw.Cursor, rowcount: int) -> None:
        self._rows, self.rowcount = list(cursor), rowcount

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[Any]:
        return self._rows

    def __iter__(self) -> Any:
        return iter(self._rows)


class Connection:
    """`sqlite3`'s words for a database on the disk; shared memory is not there, so it is locked as a whole."""

    def __init__(self, disk: Disk, path: Path, synchronous: str = "FULL") -> None:
        self._db = apsw.Connection(str(path), vfs=disk.name)
        how = ("locking_mode=EXCLUSIVE", "journal_mode=WAL", f"synchronous={synchronous}", "wal_autocheckpoint=40")
        for what in how:
            self.execute(f"PRAGMA {what}")

    @property
    def in_transaction(self) -> bool:
        return self._db.in_transaction

    def execute(self, sql: str, values: Any = ()) -> Done:
        with _errors():
            before = self._db.total_changes()
            cursor = self._db.execute(sql, values)
            done = Done(cursor, 0)
            done.rowcount = self._db.total_changes() - before
            return done

    def executemany(self, sql: str, rows: Any) -> Done:
        with _errors():
            before = self._db.total_changes()
            for row in rows:
                self._db.execute(sql, row)
            done = Done(iter(()), self._db.total_changes() - before)  # type: ignore[arg-type]
            return done

    def copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.executemany(f"INSERT INTO {table}({', '.join(columns)}) VALUES({', '.join('?' * len(columns))})", rows)

    def merge(self, sql: str, rows: Sequence[Sequence[str | int]]) -> int:
        return sum(self.execute(statement, values).rowcount for statement, values in in_parts(sql, rows))

    def look(self, sql: str, rows: Sequence[Sequence[str | int]]) -> list[Any]:
        return [row for statement, values in in_parts(sql, rows) for row in self.execute(statement, values)]

    def exclude(self, table: str) -> None:
        """One writer at a time anyway."""

    def begin(self) -> None:
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.execute("COMMIT")

    def rollback(self) -> None:
        if self.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        self._db.close()


@contextmanager
def _errors():
    try:
        yield
    except apsw.ConstraintError as error:
        raise sqlite3.IntegrityError(str(error)) from error
    except apsw.Error as error:
        raise sqlite3.OperationalError(str(error)) from error
