"""The technician's side of the unit: what the lobby's technician asks for is found out and done here, and written down.

Finding out and works have threads of their own; what they tell goes through the inbox. A wire is watched and recorded
through the unit's own technician's socket. Testing, teaching and probing are the shell's verbs and want the devices for
themselves: the unit lets go of all of them, and starts again when the technician leaves.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from hardware.diagnostics.cli import monitor
from hardware.diagnostics.cli.device_access import UnitConnection, UnitError, reach, tty
from hardware.drivers.settings.coins import Pulse
from hardware.drivers.settings.hardware_settings import MEDIA, HardwareSettings
from hardware.transport import port_names
from kiosk_firmware.core.pages import Row, Text, text
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import READABLE, RECORDINGS, screen_folder
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.lobby.phases import technician as t
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.shell import technician_lines as lines
from kiosk_firmware.unit.shell.supervisor_lock import LockVerdict

RECORD_S = 60.0
KEPT = 5
NO_PARTS = ("pins", "payment_host", *MEDIA)
RECORD_BYTES = 512 * 1024
"""What one recording may take."""
WAIT_S = 30.0
"""How long a guided test waits for a person."""
TIMES = 3
"""How often each token is dropped when a coin acceptor is taught."""
Tell = Callable[[str], None]


class WorkStopped(Exception):  # noqa: N818 - nothing went wrong
    """The technician has gone on to something else."""


class TechnicianBench:
    """See the file's head. `is_released`: the unit has let go of its devices, and has to be started again."""

    def __init__(
        self,
        state: Path,
        hardware: HardwareSettings,
        release: Callable[[], None],
        tell: Callable[[RunFact], None],
        post: Callable[[object], None],
    ) -> None:
        """Take `release`, which lets go of the unit's devices; `tell`, which takes facts; `post`, the inbox's."""
        self.is_released = False
        self._state, self._places = state, screen_folder(state)
        self._devices, self._money = hardware.devices, hardware.money
        self._release, self._tell, self._post = release, tell, post
        self._one = threading.Lock()
        self._job = Job(0, post)
        self._who = 0

    def parts(self) -> tuple[t.PartOffer, ...]:
        """Return every device that a technician can look at, and what can be done with it."""
        lamps = self._devices.lights.slots if self._devices.lights is not None else ()
        return tuple(
            t.PartOffer(name, frozenset(_works(table)), name in lamps)
            for name, table in self._devices.named()
            if name not in NO_PARTS
        )

    def admitted(self, verdict: LockVerdict) -> None:
        """Know who is let in, where a technician is."""
        self._who = verdict.who if verdict.by == "technician" else 0

    def serve(self, request: t.AnyTechnicianRequest) -> None:
        """Do it, write it down; what comes of it goes through the inbox."""
        match request:
            case t.FindOut(subject=subject, device=device):
                self._acted("look", device or subject)
                threading.Thread(target=partial(self._find, subject, device), daemon=True).start()
            case t.BeginWork():
                self._acted(request.work, request.device)
                self._begin(request)
            case t.AnswerWork(yes=yes):
                self._job.answer(yes)
            case t.EndWork():
                self._job.stop()
            case t.LeaveTechnician(who=who, reason=reason):
                self._who = 0
                self._tell(RunFact("technician.left", {"who": who, "reason": reason}, 2))

    def _acted(self, act: str, detail: str) -> None:
        self._tell(RunFact("technician.acted", {"who": self._who, "act": act, "detail": detail}, 2))

    def _find(self, subject: t.Subject, device: str) -> None:
        from kiosk_firmware.unit.shell import technician_findings as findings  # brings all codecs

        self._post(t.Findings(subject, device, findings.find_troubles(subject, device, self._state, self._devices)))

    # -- works --------------------------------------------------------------------------------------------------------

    def _begin(self, wanted: t.BeginWork) -> None:
        self._job.stop()
        self._job = Job(wanted.number, self._post)
        if wanted.work in t.RELEASES and not self.is_released:
            self.is_released = True
            self._release()
        threading.Thread(target=partial(self._run, self._job, wanted), name="technician's work", daemon=True).start()

    def _run(self, job: Job, wanted: t.BeginWork) -> None:
        """Run one job at a time: a test that was left waits for its person a little longer."""
        with contextlib.suppress(WorkStopped):
            if self._one.locked():
                job.row(Row(Text("tech.ended.busy"), None, "warn"))
            with self._one:
                self._tried(job, wanted)

    def _tried(self, job: Job, wanted: t.BeginWork) -> None:
        try:
            job.end(self._work(job, wanted))
        except (UnitError, OSError, ValueError) as error:
            job.row(Row(Text("tech.ended.stopped"), None, "bad"))
            job.rows(lines.rows(str(error)))
            job.end(False)

    def _work(self, job: Job, wanted: t.BeginWork) -> bool:
        match wanted.work:
            case "watch":
                return self._watch(job, wanted.device)
            case "record":
                return self._record(job, wanted.device)
            case "test":
                return self._test(job, wanted)
            case "teach":
                return self._teach(job, wanted)
            case "probe":
                return self._probe(job)

    def _watch(self, job: Job, device: str) -> bool:
        with self._wire(job, device) as line:
            for row in monitor.fresh(map(monitor.redacted_row, line.watch([device]))):
                job.rows(_said(row))
        return True

    @contextlib.contextmanager
    def _wire(self, job: Job, device: str) -> Iterator[UnitConnection]:
        """Yield a connection to the unit's technician's socket, closed when the work is stopped."""
        with reach(self._devices, self._money, self._places, [device]) as line:
            job.on_stop = line.close
            yield line

    def _record(self, job: Job, device: str) -> bool:
        """Record a minute of a wire as `kiosk devices record` writes it; the oldest recordings go."""
        with self._wire(job, device) as line:
            told = monitor.recording_lines(line, {device: dict(self._devices.named())[device]}, RECORD_S)
            data, count = b"", -1
            for one in told:
                if len(data) + len(one) > RECORD_BYTES:
                    break
                data, count = data + one.encode() + b"\n", count + 1
        folder = self._places / RECORDINGS
        write_whole(folder / f"{device}-{utc_ms()}.jsonl", data, READABLE)
        for path in sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)[:-KEPT]:
            path.unlink()
        job.row(Row(text("tech.record.kept", n=count), None, "ok"))
        return True

    def _test(self, job: Job, wanted: t.BeginWork) -> bool:
        from hardware.diagnostics.cli.sentences import writer
        from hardware.diagnostics.cli.test_and_teach import guide_tests

        write = writer(wanted.language)
        at = (wanted.device,)
        return guide_tests(self._devices, self._money, self._places, at, GlassPerson(job), WAIT_S, write).ok

    def _teach(self, job: Job, wanted: t.BeginWork) -> bool:
        from hardware.diagnostics.cli.sentences import writer
        from hardware.diagnostics.cli.test_and_teach import taught

        say, write = GlassPerson(job).say, writer(wanted.language)
        table, good = taught(self._devices, self._money, self._places, wanted.device, TIMES, say, write)
        for one in table.splitlines() if good else ():
            job.row(Row(Text("tech.teach.wants"), lines.plain(one), "ok"))
        return good

    def _probe(self, job: Job) -> bool:
        """Ask at each port of this unit and of this machine."""
        named = {port for _, table in self._devices.named() if (port := getattr(table, "port", ""))}
        wanted = {tty(port, self._places): port for port in sorted(named)}
        wanted = {path: port for path, port in wanted.items() if path} | {
            port.device: port.device for port in port_names.ports()
        }
        for path, port in wanted.items():
            for row in _answering(path, port):
                job.row(row)
        if not wanted:
            job.row(Row(Text("tech.probe.none"), None, "warn"))
        return bool(wanted)


def _answering(path: str, port: str) -> Iterator[Row]:
    from hardware.setup import port_probing

    yield from lines.rows(port, "next")
    try:
        answers = port_probing.probe(path)
    except port_probing.PortError as error:
        yield from lines.rows(str(error), "bad")
        return
    for one in answers:
        said = " ".join(part for part in (one.driver, one.maker, one.model) if part)
        yield Row(Text(f"device.{one.role}"), lines.plain(said), "ok")
    if not answers:
        refusal = port_probing.refusal(path)
        yield from lines.rows(refusal, "warn") if refusal else (Row(Text("tech.probe.nobody"), None, "warn"),)


def _works(table: Any) -> Iterator[t.Work]:
    yield "test"
    if isinstance(table, Pulse):
        yield "teach"
    if getattr(table, "port", ""):
        yield from ("watch", "record")


def _said(row: dict[str, Any]) -> Iterator[Row]:
    """Yield a message on a wire: by whom, and in words; what may be somebody's own by its length."""
    if "hidden" in row:
        yield Row(text("tech.line.hidden", n=row["hidden"]))
    else:
        yield from lines.rows(f"{'unit' if row['host'] else 'device'}: {'; '.join(row['words'])}")


class Job:
    """One work: its lines go to the inbox until it is stopped. `on_stop` ends what it waits for."""

    def __init__(self, number: int, post: Callable[[object], None]) -> None:
        """Take the job's number, as the lobby has given it."""
        self.on_stop: Callable[[], None] = lambda: None
        self._number, self._post = number, post
        self._answers: queue.SimpleQueue[bool | None] = queue.SimpleQueue()
        self._stopped = threading.Event()

    def row(self, row: Row) -> None:
        """Tell a line. Raises WorkStopped where nobody listens any more."""
        self._go_on()
        self._post(t.WorkLine(self._number, row))

    def rows(self, rows: Iterable[Row]) -> None:
        """Tell several. Raises as `row`."""
        for row in rows:
            self.row(row)

    def ask(self, question: Text) -> bool:
        """Ask, and wait for the answer. Raises WorkStopped where nobody will give one."""
        self._go_on()
        self._post(t.WorkAsked(self._number, question))
        answer = self._answers.get()
        self._go_on()
        return bool(answer)

    def end(self, ok: bool) -> None:
        """Tell that the work has ended."""
        if not self._stopped.is_set():
            self._post(t.WorkEnded(self._number, ok))

    def answer(self, yes: bool) -> None:
        """Give the answer of whoever looks."""
        self._answers.put(yes)

    def stop(self) -> None:
        """End it, as far as it can be ended; twice is fine."""
        self._stopped.set()
        self._answers.put(None)
        self.on_stop()

    def _go_on(self) -> None:
        if self._stopped.is_set():
            raise WorkStopped


class GlassPerson:
    """The person before the glass."""

    def __init__(self, job: Job) -> None:
        """Take the job by whose lines it speaks."""
        self._job = job

    def say(self, told: str) -> None:
        """Show a line."""
        if told.strip():
            self._job.rows(lines.rows(told, "next"))

    def saw(self, seen: str, ok: bool) -> None:
        """Show a line with its verdict."""
        self._job.rows(lines.rows(seen, "ok" if ok else "bad"))

    def agrees(self, question: str) -> bool:
        """Ask for yes or no, by a key."""
        return self._job.ask(lines.plain(question))
