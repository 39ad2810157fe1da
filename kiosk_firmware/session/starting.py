"""From an order to a run: header, play, and the first event; and a run that is rebuilt from its journal."""

from __future__ import annotations

import datetime
import logging
from pathlib import Path

from kiosk_firmware.core.events import Started
from kiosk_firmware.core.lessons import Setting
from kiosk_firmware.core.play import Play
from kiosk_firmware.session import history, resume
from kiosk_firmware.session.facts import Fact
from kiosk_firmware.session.outside import Loaded, Order
from kiosk_firmware.session.run import Header, Run

log = logging.getLogger(__name__)


def header_of(loaded: Loaded, order: Order, code: str) -> Header:
    """The header that opens the run's journal."""
    lesson = order.lesson.id if order.lesson else ""
    return Header(
        order.machine, order.skin, loaded.pack_id, loaded.content_hash, code, order.learner, lesson, order.purpose,
        order.language,
    )


def new_run(id_: str, loaded: Loaded, order: Order, header: Header, at: int) -> Run:
    """A run before its `CabinetFound`."""
    return Run(id_, header, _play(loaded, order), order.lesson, _started(order), at)


def told(run: Run) -> Fact:
    """The fact that a run has begun."""
    names = ("machine", "skin", "lesson", "pack", "learner", "purpose")
    data: dict[str, object] = {"run": run.id, **{name: getattr(run.header, name) for name in names}}
    return Fact("run.started", {**data, "armed": run.armed or ""}, 2)


def old_run(path: Path, found: history.OpenRun, header: Header, loaded: Loaded, order: Order) -> Run | None:
    """The run as its journal left it; None where it cannot be replayed."""
    try:
        rows = history.events(path, found.run)
        return resume.replayed(found.run, header, _play(loaded, order), order.lesson, rows)
    except Exception:  # whatever a journal cannot be replayed for, what is owed is given back all the same
        log.exception("run %s cannot be replayed", found.run)
        return None


def _play(loaded: Loaded, order: Order) -> Play:
    return Play(loaded.machine, loaded.world, order.lesson.facts() if order.lesson else frozenset())


def _started(order: Order) -> Started:
    setting = order.lesson.setting if order.lesson else Setting()
    now = datetime.datetime.fromisoformat(setting.now)
    return Started(int(now.timestamp() * 1000), order.persona, order.armed or setting.armed, order.language)
