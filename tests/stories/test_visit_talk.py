"""A real visit at a whole unit with somebody on the line: agent, screen and visit process are processes, the words
travel over a real broker, and the family's browser is aiortc. Short; the whole with Chromium and the office is
`test_visit_whole.py`.
"""

from __future__ import annotations

import asyncio
import io
import threading
import time

import av
import pytest

from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.visit.wire import paths, recording_upload
from kiosk_firmware.visit.wire.recording_encryption import open_recording
from kiosk_firmware.visit.wire.shared_frames import FAR, Reader
from tests.stories.test_visit_unit import VISIT, come_in, office, port, unit
from tests.visit.unit.rig import KEY, SEAL, Browser
from tests.wire.rig import wait

pytestmark = [pytest.mark.glass, pytest.mark.broker]
__all__ = ["office", "port", "unit"]


class Family:
    """A browser in a loop of its own, so that the test may wait for other things."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.browser: Browser | None = None

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def call(self, office, session):
        """Offer, through the office, and take the answer."""
        self.hang_up()
        self.browser = self._run(self._made())
        offer = self._run(self.browser.offer())
        office.say(m.Offered(visit=VISIT, end="station", session=session, sdp=offer))
        self._run(self.browser.answered(office.hears(m.Answered, end="station", session=session).sdp))

    async def _made(self):
        return Browser()

    def hang_up(self):
        if self.browser is not None:
            self._run(self.browser.close())
            self.browser = None

    def close(self):
        self.hang_up()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def family():
    made = Family()
    yield made
    made.close()


def talking(unit, office, family):
    """Both are there and talk; the picture moves on the glass."""
    come_in(unit, office, unit.invitation(recorded=True, seal=SEAL))
    office.say(m.Peer(visit=VISIT, end="station", here=True))
    office.hears(m.StatusReport, phase="ready")
    family.call(office, 1)
    office.hears(m.StatusReport, phase="talking", running=True)
    unit.wait_title("visiting.title.talking")
    moves(unit, family)


def moves(unit, family):
    """The family's picture for the glass, the learner's at the family's."""
    far = Reader(unit.state / paths.FOLDER / FAR)
    wait(lambda: (picture := far.newer(0)) is not None and picture.count > 3, "the family's picture")
    wait(lambda: family.browser.pictures > 3, "the learner's picture")


def test_both_talk_and_the_learner_ends_it(unit, office, family):
    talking(unit, office, family)
    unit.tap("visit.end")
    unit.tap("visit.stop")
    office.hears(m.StatusReport, phase="over", end="unit")
    unit.wait_step("visit-over")
    kept = office.hears(m.Kept)
    assert recording_upload.list_waiting(unit.state / paths.FOLDER) == (kept,)


@pytest.mark.long
def test_the_roof_is_killed_and_the_talk_goes_on_with_what_was_left(unit, office, family):
    """As if the power had been cut: nothing of it had time to say goodbye."""
    talking(unit, office, family)
    folder = unit.state / paths.FOLDER
    path = recording_upload.recording_path(folder, VISIT)
    begun = time.monotonic()
    wait(lambda: path.stat().st_size > 60_000, "some seconds of it on the disk")
    unit.kill("roof")
    talked_s = time.monotonic() - begun
    (part,) = open_recording(path.read_bytes(), KEY, VISIT)
    assert not part.whole
    assert seconds(part.data) > 1
    unit.start_visit_process()
    cut = office.hears(m.StatusReport, phase="cut")
    assert cut.left_ms >= 1_800_000 - (talked_s + 30) * 1000
    family.call(office, 2)
    office.hears(m.StatusReport, phase="talking")
    moves(unit, family)
    unit.tap("visit.end")
    unit.tap("visit.stop")
    kept = office.hears(m.Kept)
    assert kept.bytes == path.stat().st_size
    assert [part.whole for part in open_recording(path.read_bytes(), KEY, VISIT)] == [False, True]


def seconds(film):
    """How long a film is, to its last picture that can be read."""
    with av.open(io.BytesIO(film)) as container:
        return float([frame.time for frame in container.decode(video=0)][-1])
