"""A line of 300 kbit/s with 2 % loss and 200 ms there and back: the sound comes, the picture is what the line bears.

A desk's drawn picture needs too few bits to fill a line; one with grain, as a real camera's, fills each.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from deploy.bench.weak_line import Shape, WeakLine
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.visit_media import CountingEarpiece, Tone, V4l2Camera
from kiosk_firmware.visit.unit import capture
from kiosk_firmware.visit.unit.bandwidth_control import RUNGS
from kiosk_firmware.visit.wire.messages import Said, StatusReport
from tests.visit.unit.rig import Unit, called, invited, until

pytestmark = pytest.mark.long
NOISY_S = 25
GRAINY = "testsrc2=size=640x480:rate=10,noise=alls=4:allf=t,realtime"


@pytest.fixture
def grainy(monkeypatch):
    """Devices whose V4L2 camera is a moving picture with grain."""
    read = capture.pictures
    monkeypatch.setattr(capture, "pictures", lambda device, form, options: read(GRAINY, "lavfi", {}))
    return DeviceTables(camera=V4l2Camera(), microphone=Tone(), earpiece=CountingEarpiece())


@asynccontextmanager
async def weak(shape):
    line = WeakLine(shape)
    await line.start()
    try:
        yield line
    finally:
        line.close()


async def received(browser, kind):
    """Packets that came and that did not, of what the unit sent."""
    found = [
        stats
        for receiver in browser.pc.getReceivers()
        if receiver.track.kind == kind
        for stats in (await receiver.getStats()).values()
        if stats.type == "inbound-rtp"
    ]
    return sum(one.packetsReceived for one in found), sum(one.packetsLost for one in found)


async def missing(browser):
    """The share of the sound that does not come."""
    before = await received(browser, "audio")
    end = asyncio.get_running_loop().time() + NOISY_S  # the line's own time: this is how long it is looked at
    await until(lambda: asyncio.get_running_loop().time() > end, "the line was looked at")
    after = await received(browser, "audio")
    came, lost = after[0] - before[0], max(0, after[1] - before[1])
    return lost / (came + lost)


@pytest.mark.parametrize("bps", [150_000, 300_000])
def test_sound_is_never_sacrificed_for_picture(tmp_path, grainy, bps):
    """... from the first picture on; 300 kbit/s bear more than the least one."""

    async def story():
        async with Unit(tmp_path, invited(recorded=False), grainy) as unit, weak(Shape(bps=bps)) as line:
            await unit.ready()
            async with called(unit, line=line) as browser:
                await unit.shows(phase="talking")
                leads = unit.visit_process._peers._station.line
                await until(lambda: browser.pictures, "a picture")
                assert await missing(browser) < 0.08
                assert RUNGS[leads.budget.rung].bps < bps
                await until(lambda: bps < 300_000 or leads.budget.rung, "more than the least picture")
                assert unit.agent.last(StatusReport).phase == "talking"
                unit.screen.say(Said("end"))
                await asyncio.wait_for(unit.task, 60)

    asyncio.run(story())


def test_a_line_that_breaks_and_comes_back_goes_on_without_a_new_call(tmp_path):
    """... where the same one mends: it is the newest offer's as long as none is made."""

    async def story():
        whole = Shape(bps=2_000_000, delay_ms=20, lost=0.0)
        async with Unit(tmp_path, invited(recorded=False)) as unit, weak(whole) as line, weak(whole) as other:
            await unit.ready()
            async with called(unit, line=line):
                await unit.shows(phase="talking")
                line.broken = True
                await unit.shows(phase="cut", notice="line_cut", running=False)
                line.broken = False
                await unit.shows(phase="talking", notice="line_back")
                line.broken = True
                await unit.shows(phase="cut")
                async with called(unit, session=2, line=other):
                    await unit.shows(phase="talking", notice="line_back")

    asyncio.run(story())
