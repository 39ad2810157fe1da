"""From an order to a run: header, play, and the first event; and a run that is rebuilt from its journal."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kiosk_firmware.core.events import Started
from kiosk_firmware.core.languages import of_machine
from kiosk_firmware.core.lessons import LessonSetting
from kiosk_firmware.core.play import Play
from kiosk_firmware.unit.coach import progress
from kiosk_firmware.unit.coach.progress import RunRecord
from kiosk_firmware.unit.runtime import journal_reader, resume
from kiosk_firmware.unit.runtime.interfaces import LoadedMachineLike, Pace, RunRequest
from kiosk_firmware.unit.runtime.run import JournalHeader, Run
from kiosk_firmware.unit.runtime.run_facts import RunFact

log = logging.getLogger(__name__)


def fit_request(
    run_request: RunRequest, records: Sequence[RunRecord], now_ms: int, pace: Pace | None = None
) -> RunRequest:
    """Return the request as this learner's records want it: from where the coach's help begins, whether it is a retest,
    and how time-outs run: off until the lesson was done unaided three times, then gentle, real only in a retest. `pace`
    fixes that.
    """
    lesson, practised = run_request.lesson, progress.count_practice(records, run_request.machine)
    if lesson is None:
        return msgspec.structs.replace(run_request, pace=pace or "calm", practised=practised)
    skins = (run_request.skin,)
    again = run_request.purpose == "practice" and bool(
        progress.retest(records, run_request.machine, lesson, skins, now_ms)
    )
    steady = progress.unaided_runs(records, run_request.machine, lesson.id) >= progress.STEADY
    return msgspec.structs.replace(
        run_request,
        pace=pace or ("real" if again else "gentle" if steady else "calm"),
        retest=again,
        starts=tuple(progress.starts(records, run_request.machine).items()),
        practised=practised,
    )


def header_of(loaded: LoadedMachineLike, run_request: RunRequest, code: str) -> JournalHeader:
    """Return the header that opens the run's journal."""
    lesson = run_request.lesson.id if run_request.lesson else ""
    return JournalHeader(
        run_request.machine,
        run_request.skin,
        loaded.pack_id,
        loaded.content_hash,
        code,
        run_request.learner,
        lesson,
        run_request.purpose,
        run_request.language,
    )


def new_run(id_: str, loaded: LoadedMachineLike, run_request: RunRequest, header: JournalHeader, at: int) -> Run:
    """Make a run before its `CabinetFound`."""
    run = Run(id_, header, play_of(loaded, run_request), run_request.lesson, started_of(run_request, id_), at)
    run.recovery = loaded.recovery
    return run


def start_fact(run: Run) -> RunFact:
    """Return the fact that a run has begun."""
    names = ("machine", "skin", "lesson", "pack", "learner", "purpose")
    data: dict[str, object] = {"run": run.id, **{name: getattr(run.header, name) for name in names}}
    return RunFact("run.started", {**data, "armed": run.armed or ""}, 2)


def old_run(
    path: Path, found: journal_reader.OpenRun, header: JournalHeader, loaded: LoadedMachineLike, run_request: RunRequest
) -> Run | None:
    """Return the run as its journal left it; None where it cannot be replayed."""
    try:
        rows = journal_reader.events(path, found.run)
        run = resume.replay_run(found.run, header, play_of(loaded, run_request), run_request.lesson, rows)
    except Exception:  # whatever a journal cannot be replayed for, what is owed is given back all the same
        log.exception("run %s cannot be replayed", found.run)
        return None
    if run is not None:
        run.recovery = loaded.recovery
    return run


def play_of(loaded: LoadedMachineLike, run_request: RunRequest) -> Play:
    """Return the machine with its world, and what the lesson asks for."""
    return Play(loaded.machine, loaded.world, run_request.lesson.facts() if run_request.lesson else frozenset())


def started_of(run_request: RunRequest, run: str = "") -> Started:
    """Return the run's first event: as the lesson is set, with the fault that it draws in this run."""
    setting = run_request.lesson.setting if run_request.lesson else LessonSetting()
    now = datetime.datetime.fromisoformat(setting.now)
    armed = run_request.armed or setting.fault(run, run_request.practised)
    language = of_machine(run_request.language)
    return Started(int(now.timestamp() * 1000), run_request.persona, armed, language, setting.scene)
