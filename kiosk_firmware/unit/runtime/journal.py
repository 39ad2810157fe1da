"""The unit's memory: one writer thread, one transaction per transition, nothing half written.

The engine's thread submits batches; each holds all that one transition leaves behind (events, facts, the run's header
or end, what the unit owes, a record) and is committed whole or not at all. Facts get their numbers at `submit`, in
order, and batches are committed in that order, so the numbers on disk never have a hole. The writer waits up to
`group_ms` for company (an SD card needs 5 to 50 ms for a sync), but goes at once for a batch that is `urgent`: money
and cards. `on_commit(durable)` is called on the writer's thread once the batch is on the disk. A full disk does not
lose batches: they wait in memory and are tried again; after `patience_ms` their callbacks hear `durable=False`, so that
a card is not held for ever by a disk, and `trouble` says why. The reserve is given up at once; a start without one goes
on in memory (`memory_copy.py`); a disk that stays full
makes facts go, looked at anew each time: as many as free the pages that are needed, none above what waits for them.

Only the writer touches its connection; who wants to read opens a reader of its own (`history.py`).
"""

from __future__ import annotations

import errno
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from kiosk_firmware.storage.high_water_mark import HighWaterMark, MarkFiles
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.runtime import retention, screen_db
from kiosk_firmware.unit.runtime.disk_reserve import Reserve
from kiosk_firmware.unit.runtime.memory_copy import MemoryCopy
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch, size_of, write, write_facts

log = logging.getLogger(__name__)
OnCommit = Callable[[bool], None]
AGE_EVERY_S = 3600.0
RESERVE_EVERY_S = 60.0
MOST_PAGES = 1 << 20
PAGE_BYTES = 3000
"""Bytes of rows that a page takes, cautiously."""
IN_MEMORY = "the disk is full; what is new is kept in memory until it has room"
Work = Callable[[sqlite3.Connection], dict[str, object] | None]


class _Queued(msgspec.Struct):
    batch: Batch
    first_seq: int
    since: float
    on_commit: OnCommit | None = None
    work: Work | None = None
    """Runs first in the transaction; what it returns is the data of the batch's only fact (evictions)."""
    stamp: str = ""
    """Both clocks when the batch was submitted, as its facts bear them."""


class Journal:
    """`screen.db`, written by one thread. `submit` is called on one thread only (the engine's)."""

    trouble = ""
    """Why the last commit failed; empty when all is well."""
    _full_since: float | None = None
    _needed = _granted = _highest = 0
    """Pages that a disk which stays full needs, those that this attempt may empty, and of facts up to which
    priority.
    """
    _next_reserve = 0.0
    _rows_kept = False
    """For one attempt after a row that was there already, which stays: a bug must not stop the unit's memory."""
    _busy = _stopping = _refused = False
    _tidied = _next_age = 0.0
    _thread: threading.Thread | None = None

    def __init__(
        self,
        path: Path,
        unit: str,
        *,
        agent_db: Path | None = None,
        machine: str = "",
        memory: Path | None = None,
        group_ms: int = 50,
        patience_ms: int = 3000,
        full_s: float = 30,
        limit_bytes: int = retention.LIMIT_BYTES,
        utc_ms: Callable[[], int] = utc_ms,
        stamp: Callable[[], str] = lambda: "",
    ) -> None:
        """Open (salvaging if need be) `path`; nothing is written by itself until `start`, tests call `commit_now`.
        `full_s`: how long a disk is full before any fact is let go of; `memory`: a folder in memory, for a start on a
        disk that is full and has no reserve.

        Raises:
            OSError, sqlite3.Error: the folder cannot be written at all, or the disk is full and has neither reserve
                nor `memory`.
        """
        self._marks, self._reserve = MarkFiles(path), Reserve(path.with_name("reserve"))
        self._utc_ms, self._stamp = utc_ms, stamp
        acked = retention.acks(agent_db) if agent_db else {}
        self.path = self._home = path
        self._copy = MemoryCopy(path, memory)
        self.found = self._open(
            lambda: screen_db.prepare(self.path, unit, utc_ms(), machine, self._marks.read(), acked)
        )
        self.epoch = self.found.epoch
        self._agent_db = agent_db
        self._group_s, self._patience_s, self._limit_bytes = group_ms / 1000, patience_ms / 1000, limit_bytes
        self._full_s = full_s
        self._last_seq, self._released = self.found.last_seq, 0
        self._submit_lock = threading.RLock()
        self._ready = threading.Condition()
        self._queue: list[_Queued] = []
        self._db = screen_db.connect(self.path)
        self._bytes = retention.size(self._db)
        self._witness()

    def _open(self, prepare: Callable[[], screen_db.OpenedDatabase]) -> screen_db.OpenedDatabase:
        """Return what opening found. On a full disk the reserve goes first; `trouble` says so until a commit."""
        if self._copy.is_there and not self._copy.bring_back(self._utc_ms()):
            self.path = self._copy.path
        try:
            return prepare()
        except (OSError, sqlite3.Error) as error:
            if self.is_in_memory or not screen_db.has_no_room(self.path, error):
                raise
            self._make_room(error)
        log.error("%s: %s", self.path, self.trouble or IN_MEMORY)
        return prepare()

    def _make_room(self, error: Exception) -> None:
        if self._reserve.release():
            self.trouble = "the disk is full; the reserve was given up"
        elif self._copy.begin():
            self.path = self._copy.path
        else:
            why = "the disk is full, and nothing can be written down; make room, then start the unit again"
            raise OSError(errno.ENOSPC, why, str(self.path)) from error

    @property
    def is_in_memory(self) -> bool:
        """Return whether the disk had no room at the start, so that what is new is in memory only."""
        return self.path == self._copy.path != self._home

    @property
    def is_to_return(self) -> bool:
        """Return whether the disk has room again for what is in memory; a new start writes it there."""
        return self.is_in_memory and self._copy.has_room_at_home()

    def start(self) -> None:
        """Start the writer."""
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 10) -> None:
        """Commit what waits and close; fine to call twice."""
        with self._ready:
            self._stopping = True
            self._ready.notify_all()
        if self._thread is not None:
            self._thread.join(timeout_s)
        elif self._queue:
            self.commit_now()
        self._marks.sync()
        self._db.close()
        if self.is_in_memory:
            with suppress(OSError, sqlite3.Error):  # it stands where it is, for the next start
                self._copy.bring_back(self._utc_ms())

    def next_run(self) -> str:
        """Return the id of the run whose `run.started` is the first fact of the next batch submitted."""
        return f"{self.epoch}-{self._last_seq + 1}"

    def submit(self, batch: Batch, on_commit: OnCommit | None = None) -> int:
        """Take a batch; returns the number of its first fact (or the next number when it has none). Never blocks
        long.
        """
        with self._submit_lock:
            return self._enqueue(_Queued(batch, self._last_seq + 1, time.monotonic(), on_commit))

    def flush(self, timeout_s: float = 10) -> bool:
        """Wait until all that was submitted is committed; False when it took longer."""
        deadline = time.monotonic() + timeout_s
        with self._ready:
            for queued in self._queue:
                queued.since = 0.0
            self._ready.notify_all()
            while self._queue or self._busy:
                if not self._ready.wait(max(0.0, deadline - time.monotonic())) and time.monotonic() >= deadline:
                    return False
        return True

    def renew(self, start: int = 0) -> str:
        """Open a new epoch and number anew all facts held from `start` on (the office found our numbers in use, and has
        committed what stands below); the new epoch.
        """
        with self._submit_lock:
            self.settle()
            renewed: list[screen_db.OpenedDatabase] = []
            self._now(lambda db: renewed.append(screen_db.renumber(db, start)))
            if renewed and not self.trouble:
                self.epoch, self._last_seq, self._released = renewed[-1].epoch, renewed[-1].last_seq, 0
                self._witness()
        return self.epoch

    def forget(self, learner: str) -> None:
        """Forget a learner, by pseudonym; done when this returns, unless there is trouble."""
        self._now(lambda db: retention.forget_learner(db, learner))

    def _now(self, work: Callable[[sqlite3.Connection], None]) -> None:
        with self._submit_lock:
            batch = Batch(self._utc_ms(), urgent=True)
            self._enqueue(_Queued(batch, self._last_seq + 1, time.monotonic(), None, work))
            self.settle()

    def settle(self, timeout_s: float = 10) -> None:
        """Wait until all that was submitted is committed, or so long."""
        if self._thread is not None:
            self.flush(timeout_s)
        else:
            self.commit_now()

    def status(self) -> dict[str, object]:
        """Return for health: facts' bytes and their share of the limit (percent), batches waiting, trouble, and whether
        what people did is being let go of because nothing else is left.
        """
        share = self._bytes * 100 // self._limit_bytes
        return {
            "bytes": self._bytes,
            "share": share,
            "waiting": len(self._queue),
            "trouble": self.trouble or (IN_MEMORY if self.is_in_memory else ""),
            "refused": self._refused,
            "in_memory": self.is_in_memory,
        }

    # -- the queue -----------------------------------------------------------------------------------------------------

    def _enqueue(self, queued: _Queued) -> int:
        self._last_seq += len(queued.batch.facts)
        queued.stamp = self._stamp() if queued.batch.facts else ""
        with self._ready:
            self._queue.append(queued)
            self._ready.notify_all()
        return queued.first_seq

    def _work(self) -> None:
        """Run the writer's thread: wait for company, commit, tidy; until told to stop and nothing waits."""
        while True:
            with self._ready:
                while not self._is_due():
                    if self._stopping and not self._queue:
                        return
                    if not self._ready.wait(self._pause_s()):
                        break
                group = list(self._queue) if self._is_due() else []
                self._busy = bool(group)
            if group:
                self._try(group)
            if not group or time.monotonic() - self._tidied >= 1:
                self.tidy()

    def _is_due(self) -> bool:
        if not self._queue:
            return False
        old = time.monotonic() - self._queue[0].since >= self._group_s
        return self._stopping or old or any(queued.batch.urgent for queued in self._queue)

    def _pause_s(self) -> float:
        if not self._queue:
            return 1.0
        return max(0.001, self._group_s - (time.monotonic() - self._queue[0].since))

    def commit_now(self) -> None:
        """Commit all that waits on this thread; only where no writer was started."""
        with self._ready:
            group = list(self._queue)
        if group:
            self._try(group)

    def _try(self, group: list[_Queued]) -> None:
        try:
            self._commit_or_evict(group)
        except sqlite3.Error as error:
            self._note_failure(group, error)
            return
        self.trouble, self._rows_kept, self._full_since, self._needed = "", False, None, 0
        with self._ready:
            del self._queue[: len(group)]
        for queued in group:
            if queued.on_commit is not None:
                queued.on_commit(True)
        given = [queued.first_seq + len(queued.batch.facts) - 1 for queued in group if queued.batch.facts]
        if given:
            self._marks.write(HighWaterMark(self.epoch, given[-1]))
        with self._ready:
            self._busy = False
            self._ready.notify_all()

    def _witness(self) -> None:
        self._marks.write(HighWaterMark(self.epoch, self._last_seq))

    def _note_failure(self, group: list[_Queued], error: sqlite3.Error) -> None:
        self.trouble = str(error)
        if isinstance(error, sqlite3.IntegrityError):
            log.error("a row is there already, it is left as it is: %s", error)
            self._rows_kept = True
        self._give_up_waiting(group)
        if screen_db.is_full(error):
            self._press(group)
        with self._ready:
            self._busy = False
            if self._stopping:
                self._queue.clear()
            self._ready.wait(0.2 if self._thread else 0)

    def _press(self, group: list[_Queued]) -> None:
        """Make room on a full disk: first the reserve goes, and the log is written over from its start, which needs no
        room; facts only where it stays full.
        """
        now = time.monotonic()
        self._full_since = now if self._full_since is None else self._full_since
        released = self._reserve.release()
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(RESTART)")
        if released or now - self._full_since < self._full_s:
            return
        first = sum(size_of(queued.batch) for queued in group) // PAGE_BYTES + 4
        self._needed = min(self._needed * 2, MOST_PAGES) or first
        waiting = [fact for queued in group if queued.work is None for fact in queued.batch.facts]
        self._highest = max((fact.prio for fact in waiting), default=0)
        self._evicting(lambda db: retention.evict_pages(db, self._granted, self._highest) if self._granted else None)

    def _give_up_waiting(self, group: list[_Queued]) -> None:
        """Tell those who waited longest that the disk stays full; their batches stay and are tried again."""
        for queued in group:
            if queued.on_commit is not None and time.monotonic() - queued.since >= self._patience_s:
                waiting, queued.on_commit = queued.on_commit, None
                waiting(False)

    # -- the transaction -----------------------------------------------------------------------------------------------

    def _commit_or_evict(self, group: list[_Queued]) -> None:
        """Look first whether the disk has room again; only where it has none, facts go."""
        self._granted = 0
        try:
            self._commit(group)
        except sqlite3.Error as error:
            if not (self._needed and screen_db.is_full(error)):
                raise
            self._granted = self._needed
            self._commit(group)

    def _commit(self, group: list[_Queued]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            told = [queued.work(self._db) if queued.work else None for queued in group]
            grown = sum(self._write(queued, said) for queued, said in zip(group, told, strict=True))
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._bytes += grown

    def _write(self, queued: _Queued, told: dict[str, object] | None) -> int:
        write(self._db, queued.batch, is_there_kept=self._rows_kept)
        return write_facts(self._db, queued.batch, queued.first_seq, self.epoch, queued.stamp, told)

    # -- tidying -------------------------------------------------------------------------------------------------------

    def tidy(self) -> None:
        """Delete what the office has; make room when facts take more than their share, or are too old. Called by the
        idle writer.
        """
        try:
            self._marks.sync()
            self._release()
            self._age()
        except sqlite3.Error as error:
            self.trouble = str(error)
        self._tidied = time.monotonic()
        if self._tidied >= self._next_reserve and not (self.trouble or self.is_in_memory):
            self._next_reserve = self._tidied + RESERVE_EVERY_S
            self._reserve.keep()
        if self._bytes > self._limit_bytes:
            self._evicting(self._evict_surplus)

    def _evict_surplus(self, db: sqlite3.Connection) -> retention.Eviction | None:
        size = retention.size(db)
        return retention.evict(db, size - self._limit_bytes * 9 // 10) if size > self._limit_bytes else None

    def _release(self) -> None:
        upto = retention.acknowledged_number(self._agent_db, self.epoch) if self._agent_db else 0
        if not self._released < upto <= self._last_seq:  # beyond what was ever given it means another file's facts
            return
        self._db.execute("BEGIN IMMEDIATE")
        retention.release(self._db, upto)
        retention.forget_runs(self._db)
        self._db.execute("COMMIT")
        self._released = upto
        self._bytes = retention.size(self._db)
        self._refused = self._refused and self._bytes * 10 > self._limit_bytes * 9

    def _age(self) -> None:
        """Evict what is too old, now and then, and only by a clock that can be trusted."""
        if time.monotonic() < self._next_age or not self._stamp().startswith("synced"):
            return
        self._next_age = time.monotonic() + AGE_EVERY_S
        now = self._utc_ms()
        retention.forget_commands(self._db, now)
        if retention.has_aged(self._db, now):
            self._evicting(lambda db: retention.evict_aged(db, now))

    def _evicting(self, evict: Callable[[sqlite3.Connection], retention.Eviction | None]) -> None:
        """Queue an eviction with its `storage.summarised`, where none waits already. Evictions run first in their
        transaction, so that on a full disk the rows behind them find the room.
        """
        with self._ready:
            if any(queued.work is not None for queued in self._queue):
                return

        def work(db: sqlite3.Connection) -> dict[str, object]:
            gone = evict(db)
            self._bytes = retention.size(db)
            if gone is None:
                return {"count": 0}
            self._refused = self._refused or gone.worst >= retention.LAST
            # The epoch is named: the file may be numbered anew before the office hears of this.
            return {"first": gone.first, "last": gone.last, "count": gone.count, "epoch": self.epoch}

        batch = Batch(self._utc_ms(), facts=(RunFact("storage.summarised", {}, retention.LAST),), urgent=True)
        if not self._submit_lock.acquire(blocking=False):  # renew() holds it and waits for us: the next look will do
            return
        try:
            self._enqueue(_Queued(batch, self._last_seq + 1, time.monotonic(), None, work))
        finally:
            self._submit_lock.release()
