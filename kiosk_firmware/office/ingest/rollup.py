"""Update the sums that a new fact changes: runs, devices, alerts, losses, commands.

Each fact passes here exactly once, in the transaction that stores it, but not always in order: a fact that was lost
on the way comes late. So what is newer wins by the unit's own instant, and a run's row is made by whichever fact
names it first.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.office.database.connection import Database
from kiosk_firmware.office.learning.learning_sums import LearningSums, RunTotals
from kiosk_firmware.wire import facts as f
from kiosk_firmware.wire.envelope import Fact

_NAMED, _OVER = "machine, skin, lesson, learner, purpose", "ended_ms, outcome, ms, slips, prompt_max"
_RUN = (
    f"WITH told(unit, run, {_NAMED}, started_ms, {_OVER}) AS ({{rows}})"
    f" INSERT INTO runs(unit, run, {_NAMED}, started_ms, {_OVER})"
    f" SELECT unit, run, {_NAMED}, started_ms, {_OVER} FROM told WHERE true ON CONFLICT(unit, run) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _NAMED.split(", "))
    + "".join(
        f", {name} = CASE WHEN excluded.ended_ms > 0 THEN excluded.{name} ELSE runs.{name} END"
        for name in _OVER.split(", ")
    )
)
_BEGUN = f"{_RUN}, started_ms = excluded.started_ms"
_ENDED = f"{_RUN}, started_ms = CASE runs.started_ms WHEN 0 THEN excluded.started_ms ELSE runs.started_ms END"
_ANSWERED = (
    "WITH told(unit, run, closed_ms) AS ({rows}) UPDATE alerts SET closed_ms = told.closed_ms FROM told WHERE"
    " alerts.unit = told.unit AND kind = 'teacher' AND about = told.run AND alerts.closed_ms = 0"
)
_STEPS = (
    "WITH told(unit, run, steps, step, step_ms) AS ({rows}) INSERT INTO runs(unit, run, steps, step, step_ms)"
    " SELECT unit, run, steps, step, step_ms FROM told WHERE true ON CONFLICT(unit, run) DO UPDATE SET"
    " steps = runs.steps + excluded.steps,"
    " step = CASE WHEN excluded.step_ms >= runs.step_ms THEN excluded.step ELSE runs.step END,"
    " step_ms = CASE WHEN excluded.step_ms >= runs.step_ms THEN excluded.step_ms ELSE runs.step_ms END"
)
_UPDATE = (
    "INSERT INTO updates(unit, name, kind, version, stage, detail, at_ms) VALUES(?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT(unit, name) DO UPDATE SET kind = excluded.kind, version = excluded.version, stage = excluded.stage,"
    " detail = excluded.detail, at_ms = excluded.at_ms WHERE excluded.at_ms >= updates.at_ms"
)
_UPDATED = "UPDATE alerts SET closed_ms = ? WHERE unit = ? AND kind = 'update' AND closed_ms = 0"
MOST_ALERTS, ABOUT = 100, 200
"""Of one unit and kind at a time; characters of what one is about."""
CODES_MS = 90 * 86_400_000
_CLEAR = "UPDATE alerts SET closed_ms = ? WHERE unit = ? AND kind = 'clash' AND closed_ms = 0"


class _Run(msgspec.Struct):
    """A batch's news of a run: its names in `_NAMED`'s order; its end in `_OVER`'s, and when that was heard."""

    named: tuple[str, ...]
    started_ms: int = 0
    ended: tuple[int, str, int, int, int] = (0, "", 0, 0, 0)
    heard_ms: int = 0

    def row(self, unit: str, run: str, started_ms: int) -> tuple[str | int, ...]:
        """Return the row as `_RUN` takes it."""
        return (unit, run, *self.named, started_ms, *self.ended)


class Rollup:
    """Folds facts of units into the office's tables, on the store's own connection."""

    def __init__(self, db: Database) -> None:
        """Take `db`: within a transaction whenever a method is called."""
        self._db, self._sums = db, LearningSums(db)
        self._steps: dict[tuple[str, str], tuple[int, str, int]] = {}
        self._told: dict[tuple[str, str], RunTotals] = {}
        self._runs: dict[tuple[str, str], _Run] = {}

    def take(self, unit: str, fact: Fact, data: msgspec.Struct, heard_ms: int) -> None:
        """Fold one new fact."""
        match data:
            case f.UnitStarted():
                self._unit_started(unit, fact, data)
            case f.RunStarted():
                self._run(unit, data).started_ms = fact.at_ms
            case f.RunEnded():
                self._run_ended(unit, fact, data, heard_ms)
            case f.StepEnded():
                self._step(unit, fact, data)
            case f.DeviceLost(at=at):
                self._device(unit, at, True, fact.at_ms)
            case f.DeviceBack(at=at):
                self._device(unit, at, False, fact.at_ms)
            case f.TeacherCalled(run=run):
                self._teacher(unit, run, fact.at_ms)
            case f.SupervisorBarred():
                self.open(unit, "barred", "", fact.at_ms)
            case f.CustodyCounted(complete=complete):
                (self.close if complete else self.open)(unit, "custody", "", fact.at_ms)
            case f.StorageSalvaged(file=file):  # stands until a person has seen to the card
                self.open(unit, "salvaged", file, fact.at_ms)
            case f.ContactChanged(contact=contact, on=True):
                self.open(unit, contact, "", fact.at_ms)
            case f.ContactChanged(contact="door"):  # that somebody touched it stands until a person has seen to it
                self.close(unit, "door", "", fact.at_ms)
            case f.CodeMet(code=code, word="taken"):
                self._code(unit, code, fact.at_ms, heard_ms)
            case f.UpdateStaged():
                self._update(unit, fact, data)
            case f.CommandEnded():
                self._command_ended(unit, fact, data)
            case _:
                pass  # the fact itself says all

    def _unit_started(self, unit: str, fact: Fact, data: f.UnitStarted) -> None:
        self._db.execute("UPDATE units SET kind = ?, fw = ? WHERE unit = ?", (data.kind, data.fw, unit))
        for device in {*data.devices, *data.missing}:
            self._device(unit, device, device in data.missing, fact.at_ms)

    def _run(self, unit: str, data: f.RunStarted | f.RunEnded) -> _Run:
        """Gather a run like steps: a statement for each run would cost more than all the rest."""
        named = (data.machine, data.skin, data.lesson, data.learner, data.purpose)
        run = self._runs.setdefault((unit, data.run), _Run(named))
        run.named = named
        return run

    def _run_ended(self, unit: str, fact: Fact, data: f.RunEnded, heard_ms: int) -> None:
        run = self._run(unit, data)
        run.ended = (fact.at_ms, data.outcome, data.ms, data.slips, data.prompt_max)
        run.heard_ms = heard_ms
        self._told.setdefault((unit, data.run), RunTotals()).take(data)

    def _step(self, unit: str, fact: Fact, data: f.StepEnded) -> None:
        """Sum up a step: steps are most of all facts, so they are written down once a batch and run."""
        count, step, at_ms = self._steps.get((unit, data.run), (0, "", 0))
        newest = (data.step, fact.at_ms) if fact.at_ms >= at_ms else (step, at_ms)
        self._steps[unit, data.run] = (count + 1, *newest)
        self._told.setdefault((unit, data.run), RunTotals()).take(data)

    def write(self) -> None:
        """Write down what was gathered, and the sums with it; at the end of a batch."""
        with self._sums.changed((*self._runs, *self._steps), self._told):
            self._write()
        self.forget()

    def _write(self) -> None:
        runs = sorted(self._runs.items())
        self._db.merge(_BEGUN, [run.row(*name, run.started_ms) for name, run in runs if run.started_ms])
        # Its beginning may never come: it began as long ago as it lasted.
        over = [run.row(*name, run.ended[0] - run.ended[2]) for name, run in runs if not run.started_ms]
        self._db.merge(_ENDED, over)
        self._db.merge(_ANSWERED, [(*name, run.heard_ms) for name, run in runs if run.heard_ms])
        self._db.merge(_STEPS, [(*name, *sums) for name, sums in sorted(self._steps.items())])

    def forget(self) -> None:
        """Forget the batch: it is written, or failed."""
        self._steps, self._runs, self._told = {}, {}, {}

    def _device(self, unit: str, device: str, lost: bool, at_ms: int) -> None:
        done = self._db.execute(
            "INSERT INTO devices(unit, device, lost, at_ms) VALUES(?, ?, ?, ?) ON CONFLICT(unit, device) DO UPDATE"
            " SET lost = excluded.lost, at_ms = excluded.at_ms WHERE excluded.at_ms >= devices.at_ms",
            (unit, device, int(lost), at_ms),
        )
        if done.rowcount:
            (self.open if lost else self.close)(unit, "device", device, at_ms)

    def _teacher(self, unit: str, run: str, at_ms: int) -> None:
        told = self._runs.get((unit, run))
        ended = "SELECT 1 FROM runs WHERE unit = ? AND run = ? AND ended_ms > 0"
        if not (told and told.heard_ms) and self._db.execute(ended, (unit, run)).fetchone() is None:
            self.open(unit, "teacher", run, at_ms)

    def _code(self, unit: str, code: str, at_ms: int, heard_ms: int) -> None:
        """Note a phone's code, which is good once: what two units of a site took is an alert at both, until each has
        taken another one that is in order. Codes are remembered as long as a unit's facts may be late.
        """
        self._db.execute("DELETE FROM codes WHERE heard_ms < ?", (heard_ms - CODES_MS,))
        self._db.execute(
            "INSERT INTO codes(site, code, unit, heard_ms) SELECT site, ?, unit, ? FROM units WHERE unit = ?"
            " ON CONFLICT DO NOTHING",
            (code, heard_ms, unit),
        )
        found = self._db.execute(
            "SELECT c.unit FROM codes c JOIN units u ON u.site = c.site WHERE u.unit = ? AND c.code = ?", (unit, code)
        ).fetchall()
        if len(found) > 1:
            for row in found:
                self.open(row[0], "code_twice", code, at_ms)
        else:
            done = "UPDATE alerts SET closed_ms = ? WHERE unit = ? AND kind = 'code_twice' AND closed_ms = 0"
            self._db.execute(done, (at_ms, unit))

    def _update(self, unit: str, fact: Fact, data: f.UpdateStaged) -> None:
        """Write how far it is, the newest wins; one that went wrong is an alert until another one is kept."""
        self._db.execute(_UPDATE, (unit, data.order, data.kind, data.version, data.stage, data.detail, fact.at_ms))
        if data.stage in ("returned", "failed"):
            self.open(unit, "update", data.version, fact.at_ms)
        elif data.stage == "kept":
            self._db.execute(_UPDATED, (fact.at_ms, unit))

    def _command_ended(self, unit: str, fact: Fact, data: f.CommandEnded) -> None:
        ended = "UPDATE commands SET state = ?, detail = ? WHERE id = ? AND unit = ?"
        self._db.execute(ended, ("done" if data.ok else "failed", data.detail, data.id, unit))
        if data.name == "epoch.renew" and data.ok:
            self._db.execute(_CLEAR, (fact.at_ms, unit))

    # -- alerts

    def open(self, unit: str, kind: str, about: str, now_ms: int) -> None:
        """Raise an alert, unless it stands already, or so many of its kind that a further one tells nothing."""
        stands = "SELECT about FROM alerts WHERE unit = ? AND kind = ? AND closed_ms = 0"
        about = about[:ABOUT]
        there = {row[0] for row in self._db.execute(stands, (unit, kind)).fetchall()}
        if about not in there and len(there) < MOST_ALERTS:
            row = (unit, kind, about, now_ms)
            self._db.execute(
                "INSERT INTO alerts(unit, kind, about, opened_ms) VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING", row
            )

    def close(self, unit: str, kind: str, about: str, now_ms: int) -> None:
        """End an alert that stands; nothing if there is none."""
        ended = "UPDATE alerts SET closed_ms = ? WHERE unit = ? AND kind = ? AND about = ? AND closed_ms = 0"
        self._db.execute(ended, (now_ms, unit, kind, about[:ABOUT]))
