"""One visit, from the learner's sign-in to its end: what happens goes into the course, what the course says goes out.

Ten times a second the visit process looks at what comes over the line and at its clock. The office hears how it stands
at each change and every five seconds of talk, the screen once a second too. What was left is on the disk before it is
told that the visit talks, is cut, or is over; so whatever dies, nobody was told of something that is forgotten.
"""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial
from pathlib import Path

from hardware.drivers.settings.hardware_settings import DeviceTables
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.visit.unit import call_state as courses
from kiosk_firmware.visit.unit.call_state import CallState
from kiosk_firmware.visit.unit.media_devices import MediaDevices
from kiosk_firmware.visit.unit.peer_connections import CallMedia, PeerConnections
from kiosk_firmware.visit.unit.recording import SIDES, Recorder
from kiosk_firmware.visit.unit.sockets import AgentLine, ScreenLine
from kiosk_firmware.visit.wire import paths, recording_upload, talk_time_log
from kiosk_firmware.visit.wire.messages import (
    Down,
    End,
    Ending,
    Fetch,
    Invited,
    Kept,
    Offered,
    OfficerCommand,
    Peer,
    Said,
    Shown,
    SignedIn,
    StatusReport,
    Withdrawn,
)
from kiosk_firmware.visit.wire.messages import Left as Gone
from kiosk_firmware.wire.systemd_watchdog import Watchdog

log = logging.getLogger(__name__)

TURN_S = 0.1
SHOW_S, TELL_S, KEEP_S, MEASURE_S = 1.0, 5.0, 2.0, 1.0
LOST_S, STANDS_S = courses.UNSEEN_MS / 1000, 2.0
"""Nothing came for so long: the line is cut; no picture did: it stands."""
GOODBYE_S = 5.0
ALIVE = "loop"


class VisitProcess:
    """A visit that stands here. `course` is how it stands."""

    def __init__(self, invited: Invited, folder: Path, run: Path, devices: DeviceTables) -> None:
        """Take `folder`: of calls; `run`: in memory, for frames."""
        self._invited, self._folder = invited, folder
        self._sides = CallMedia()
        self._media = MediaDevices(devices, run, self._sides)
        self._peers = PeerConnections(self._sides, invited.ice)
        self._agent = AgentLine(folder / paths.AGENT, self._handle_message, self._met)
        self._screen = ScreenLine(folder / paths.SCREEN, self._on_learner_request)
        before = talk_time_log.read_talk_time(folder, invited.visit)
        self._before = before if before is not None and before.begins_ms == invited.begins_ms else None
        self.course = _initial_state(invited, self._before)
        self._recorder: Recorder | None = None
        self._recording_since = 0
        self._told: courses.CallStatus | None = None
        self._due = dict.fromkeys(("show", "tell", "keep", "measure"), 0.0)
        self._offers: list[Offered] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._watchdog = Watchdog((ALIVE,))
        self._stopped = self._officer = False

    async def run(self) -> Ending:
        """Run until it is over, or `stop`; return why it is over, or "" where it is not."""
        await self._screen.start()
        self._agent.start()
        self._media.start()
        for kept in talk_time_log.tidy(self._folder, self._invited.visit):
            self._agent.say(kept)
        self._watchdog.ready()
        try:
            while not self._stopped:
                await self._turn()
                if self._told is not None and self._told.phase == "over":
                    break
                await asyncio.sleep(TURN_S)
        finally:
            await self._close()
        return self.course.end

    def stop(self) -> None:
        """End this process, not the visit: it goes on from there when the visit process is started again."""
        self._stopped = True

    def _met(self) -> None:
        """Tell an agent that is there (again) that the learner is, and how it stands."""
        self._sign_in()
        self._due["tell"] = 0.0

    # -- what happens --------------------------------------------------------------------------------------------------

    def _report_change(self, *happened: courses.Happened) -> None:
        for one in happened:
            self.course = courses.update(self.course, one, _now())

    def _handle_message(self, message: Down) -> None:
        """Handle the office's message; ignore what is for another visit."""
        if message.visit != self._invited.visit:
            return
        match message:
            case Withdrawn():
                self._report_change(courses.Ended("officer"))
            case Peer(end=end, here=here):
                self._came(end, here)
            case OfficerCommand():
                self._carry_out(message)
            case Offered():
                self._offers.append(message)
                self._due["tell"] = 0.0  # whoever comes shall not look at a clock of some seconds ago
                self._answer()
            case Gone(end=end):
                self._report_change(*([courses.Ended("station")] if end == "station" else []))
            case Fetch() | Invited():
                pass  # the agent's own

    def _came(self, end: End, here: bool) -> None:
        """Note that another end is there, or not any more; where the rules let no officer be unseen, the learner is
        told.
        """
        if end == "station":
            self._report_change(courses.StationHere(here))
        elif end == "officer" and not self._invited.rules.watched:
            self._officer, self._due["show"] = here, 0.0

    def _carry_out(self, command: OfficerCommand) -> None:
        match command.act:
            case "warn":
                self._report_change(courses.Warned())
            case "mute" | "unmute":
                self._mute(command.end, command.act == "mute")
            case "end":
                self._report_change(courses.Ended(command.reason or "officer"))

    def _mute(self, end: str, muted: bool) -> None:
        if end == "station":
            self._media.ear.muted = muted
        else:
            self._peers.mute(muted)
        self._report_change(courses.Muted("station" if end == "station" else "unit", muted))

    def _on_learner_request(self, said: Said) -> None:
        match said.do:
            case "sign":
                if not self.course.signed:
                    self._report_change(courses.Signed())
                    self._sign_in()
                    self._answer()
            case "end":
                self._report_change(courses.Ended("unit"))
            case "teacher":
                self._report_change(courses.TeacherCalled())
            case "leave":
                self._stopped = self._stopped or not self.course.signed
            case "check":
                pass  # camera and sound are told with each second

    def _sign_in(self) -> None:
        token, learner = self._invited.token, self._invited.learner
        self._agent.say(SignedIn(visit=self._invited.visit, token=token, learner=learner, signed=self.course.signed))

    def _answer(self) -> None:
        """Answer what was offered, once the undertaking is signed: before, nobody is seen."""
        if not self.course.signed or self.course.phase == "over":
            return
        offers, self._offers = self._offers, []
        for offer in offers:
            task = asyncio.get_running_loop().create_task(self._answer_offer(offer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer_offer(self, offer: Offered) -> None:
        if (answer := await self._peers.offered(offer)) is not None:
            self._agent.say(answer)

    # -- ten times a second --------------------------------------------------------------------------------------------

    async def _turn(self) -> None:
        self._listen()
        told = courses.call_status(self.course)
        changed = self._told is None or _shape(told) != _shape(self._told)
        await self._record()
        if self._is_due("keep", KEEP_S, self.course.begun) or (changed and self.course.begun):
            await asyncio.to_thread(self._keep)
        self._told = told
        if changed or self._is_due("tell", TELL_S, told.phase == "talking" or not self._due["tell"]):
            self._tell(told)
        if changed or self._is_due("show", SHOW_S):
            self._show(told)
        if self._is_due("measure", MEASURE_S):
            await self._peers.measure()
        if self._watchdog.due(time.monotonic()):
            self._watchdog.proved(ALIVE)

    def _listen(self) -> None:
        """Hear what the line says by itself."""
        heard = self._sides.far_sound.is_fresh(LOST_S) or self._sides.far_picture.is_fresh(LOST_S)
        moving = self._sides.far_picture.is_fresh(STANDS_S)
        self._report_change(courses.Ticked(), courses.Heard(heard), courses.Moving(moving))

    def _is_due(self, what: str, every_s: float, wanted: bool = True) -> bool:
        if not wanted or time.monotonic() < self._due[what]:
            return False
        self._due[what] = time.monotonic() + every_s
        return True

    def _tell(self, told: courses.CallStatus) -> None:
        visit = self._invited.visit
        self._agent.say(
            StatusReport(
                visit=visit,
                phase=told.phase,
                left_ms=told.left_ms,
                running=told.running,
                notice=told.notice,
                end=told.end,
                muted=told.muted,
            )
        )

    def _show(self, told: courses.CallStatus) -> None:
        frozen = self.course.phase == "talking" and not self.course.moving
        self._screen.show(
            Shown(
                told.phase,
                told.left_ms,
                told.running,
                self.course.station,
                told.notice,
                told.end,
                frozen,
                self._media.has_camera(),
                self._media.loudness(),
                self._invited.visit,
                self._officer,
            )
        )

    # -- what stays ----------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        clock, end = self.course.clock, self.course.end
        now = talk_time_log.TalkTime(self._invited.begins_ms, clock.left_ms, clock.rest_ms, self._recorded_ms(), end)
        try:
            talk_time_log.keep(self._folder, self._invited.visit, now)
        except OSError:
            log.exception("what is left of the visit cannot be written down")

    def _recorded_ms(self) -> int:
        before = self._before.recorded_ms if self._before is not None else 0
        return before + (_now() - self._recording_since if self._recording_since else 0)

    async def _record(self) -> None:
        """Record from the first word on; a visit that must be recorded and cannot be does not go on."""
        if self._recorder is not None and self._recorder.failed:
            self._report_change(courses.Ended("line"))
        if self._recorder is not None or self.course.phase != "talking" or not self._invited.rules.recorded:
            return
        try:
            path = recording_upload.recording_path(self._folder, self._invited.visit)
            recorder = await asyncio.to_thread(Recorder, path, self._invited.visit, self._invited.seal)
        except (OSError, ValueError):
            log.exception("the visit cannot be recorded")
            self._report_change(courses.Ended("line"))
            return
        self._recorder, self._recording_since = recorder, _now()
        sides = self._sides
        feeds = ((sides.own_picture, sides.own_sound), (sides.far_picture, sides.far_sound))
        for side, (picture, sound) in zip(SIDES, feeds, strict=True):
            picture.listen(partial(recorder.picture, side))
            sound.listen(partial(recorder.sound, side))

    async def _close(self) -> None:
        """Hang up, end the recording, say what it holds, and go."""
        await self._peers.close()
        await self._media.close()
        if self._recorder is not None:
            await asyncio.to_thread(self._recorder.close)
        if self.course.phase == "over" and (kept := await asyncio.to_thread(self._finish_recording)) is not None:
            self._agent.say(kept)
        await self._agent.close(GOODBYE_S)
        await self._screen.close()

    def _finish_recording(self) -> Kept | None:
        """Mark the recording as whole; return None where there is none."""
        visit = self._invited.visit
        if visit not in recording_upload.list_unfinished(self._folder):
            return None
        try:
            return recording_upload.mark_finished(self._folder, visit, self._recorded_ms() // 1000)
        except OSError:  # the next visit says that it is whole
            log.exception("what was recorded cannot be read")
            return None


def _initial_state(invited: Invited, before: talk_time_log.TalkTime | None) -> CallState:
    """Return how it stands when the visit process begins: new, parted by the power, or over already."""
    now, rules = _now(), invited.rules
    if before is None:
        late_ms = invited.begins_ms + rules.late_s * 1000 - utc_ms()
        left_s = invited.left_s if invited.left_s >= 0 else rules.seconds
        return courses.open_call(rules, now, now + max(0, late_ms), left_s * 1000)
    course = courses.resume_call(rules, now, before.left_ms, before.rest_ms)
    return courses.update(course, courses.Ended(before.end), now) if before.end else course


def _shape(told: courses.CallStatus) -> tuple[object, ...]:
    """Return all of a status but the time that passes."""
    return told.phase, told.running, told.notice, told.end, told.muted


def _now() -> int:
    return time.monotonic_ns() // 1_000_000
