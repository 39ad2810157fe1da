"""Write a run off: its record, the fact for the office, the row that closes its journal."""

from __future__ import annotations

import logging

import msgspec

from kiosk_firmware.core.events import Ended
from kiosk_firmware.core.facts import Hand
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.system import gc_pause
from kiosk_firmware.unit.coach.learner_slips import Moment
from kiosk_firmware.unit.coach.progress import Outcome, RunRecord
from kiosk_firmware.unit.coach.search import Ways
from kiosk_firmware.unit.runtime import journal_reader
from kiosk_firmware.unit.runtime.effect_dispatch import Dispatch
from kiosk_firmware.unit.runtime.liabilities import Liabilities
from kiosk_firmware.unit.runtime.run import JournalHeader, Run
from kiosk_firmware.unit.runtime.run_facts import RunFact, tellable_facts
from kiosk_firmware.unit.runtime.transition_batch import Row

log = logging.getLogger(__name__)


class RunResult(msgspec.Struct, frozen=True):
    """The end of a run: its record, its lesson, and the persona that outlives it (None where its machine raised). `by`:
    the facts that the run has changed, with whose act that was; `coached`: how many acts were the coach's; `moment`:
    the slip that tells most; `ways`: what the coach knows of the lesson, to look for what would have helped.
    """

    record: RunRecord
    lesson: Lesson | None
    persona: Persona | None
    moment: Moment | None = None
    ways: Ways | None = None
    by: tuple[tuple[str, Hand], ...] = ()
    coached: int = 0


def end(dispatch: Dispatch, run: Run, outcome: Outcome, now_ms: int, utc_ms: int) -> RunResult:
    """Write the end of a run that went on until now."""
    last = run.end_step(now_ms, "")
    facts, persona = _facts_at_end(run)
    header, ms = run.header, run.elapsed(now_ms)
    record = RunRecord(
        run.id,
        header.machine,
        header.skin,
        header.lesson,
        header.learner,
        header.purpose,
        header.pack,
        outcome,
        utc_ms - ms,
        ms,
        tuple(run.steps),
        facts,
    )
    rows: tuple[Row, ...] = ((run.rows, Ended(persona)),) if persona else ()
    _write(dispatch, record, run.owed, rows, (last,))
    gc_pause.resume_gc()
    ways = Ways(run.play, run.lesson) if run.lesson else None
    changes = run.changes
    return RunResult(record, run.lesson, persona, run.moment, ways, tuple(changes.by.items()), changes.coached)


def abandon(dispatch: Dispatch, found: journal_reader.OpenRun) -> None:
    """Write the end of a run that a crash left open and that is not taken up again; what it owes stays written."""
    header = found.decoded() or JournalHeader("", "", "", "", "", "guest", "", "practice", "zh")
    record = RunRecord(
        found.run,
        header.machine,
        header.skin,
        header.lesson,
        header.learner,
        header.purpose,
        header.pack,
        "abandoned",
        found.started_ms,
        max(0, found.last_ms - found.started_ms),
    )
    _write(dispatch, record, None, (), ())


def _write(
    dispatch: Dispatch, record: RunRecord, owed: Liabilities | None, rows: tuple[Row, ...], facts: tuple[RunFact, ...]
) -> None:
    names = ("run", "machine", "skin", "lesson", "learner", "purpose", "outcome", "ms", "slips", "prompt_max")
    data = {name: getattr(record, name) for name in names}
    ended = RunFact("run.ended", {**data, "facts": tellable_facts(record.facts)}, 2)
    dispatch.write(
        record.run,
        owed,
        rows,
        (*facts, ended),
        urgent=True,
        ended=record.outcome,
        record=(record.learner, msgspec.json.encode(record)),
    )


def _facts_at_end(run: Run) -> tuple[dict[str, int | str | bool], Persona | None]:
    """Return facts and persona at the end; nothing where a machine that raised cannot tell."""
    try:
        return run.facts(), run.play.world.persona(run.now.world)
    except Exception:  # the run was closed because of the same bug
        log.exception("machine %s cannot tell its facts", run.header.machine)
        return {}, None
