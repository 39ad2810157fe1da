"""A line of 300 kbit/s with 2 % loss and 200 ms there and back: the sound comes, the picture is what the line bears."""

from __future__ import annotations

import asyncio

import pytest

from deploy.bench.weak import Shape, WeakLine
from kiosk_firmware.calls.messages import Answered, Offered, Said, Told
from kiosk_firmware.visit.budget import RUNGS
from tests.visit.rig import VISIT, Browser, Unit, invited, until

pytestmark = pytest.mark.long
NOISY_S = 25


async def called(unit, line, session):
    browser = Browser()
    sdp = line.offered(await browser.offer())
    unit.agent.say(Offered(visit=VISIT, end="station", session=session, sdp=sdp))
    answer = await unit.tells(Answered, end="station", session=session)
    await browser.answered(line.answered(answer.sdp))
    return browser


async def received(browser, kind):
    """Packets that came and that did not, of what the unit sent."""
    found = [
        stats for receiver in browser.pc.getReceivers() if receiver.track.kind == kind
        for stats in (await receiver.getStats()).values() if stats.type == "inbound-rtp"
    ]
    return sum(one.packetsReceived for one in found), sum(one.packetsLost for one in found)


@pytest.mark.parametrize("bps", [150_000, 300_000])
def test_sound_is_never_sacrificed_for_picture(tmp_path, bps):
    async def story():
        async with Unit(tmp_path, invited(recorded=False)) as unit:
            await unit.ready()
            line = WeakLine(Shape(bps=bps))
            await line.start()
            browser = await called(unit, line, 1)
            await unit.shows(phase="talking")
            link = unit.roof._peers._station
            await until(lambda: len(browser.frames[1][1]) > 3, "a picture")
            before = await received(browser, "audio")
            end = asyncio.get_running_loop().time() + NOISY_S  # the line's own time: this is how long it is looked at
            await until(lambda: asyncio.get_running_loop().time() > end, "the line was looked at")
            after = await received(browser, "audio")
            came, missing = after[0] - before[0], max(0, after[1] - before[1])
            assert missing / (came + missing) < 0.08, (came, missing)
            assert RUNGS[link.line.budget.rung].bps < bps
            assert unit.agent.last(Told).phase == "talking"
            unit.screen.say(Said("end"))
            await asyncio.wait_for(unit.task, 60)
            await browser.close()
            line.close()

    asyncio.run(story())


def test_a_line_that_breaks_and_comes_back_goes_on_without_a_new_call(tmp_path):
    """... where the same one mends: it is the newest offer's as long as none is made."""

    async def story():
        async with Unit(tmp_path, invited(recorded=False)) as unit:
            await unit.ready()
            line = WeakLine(Shape(bps=2_000_000, delay_ms=20, lost=0.0))
            await line.start()
            browser = await called(unit, line, 1)
            await unit.shows(phase="talking")
            line.broken = True
            await unit.shows(phase="cut", notice="line_cut", running=False)
            line.broken = False
            await unit.shows(phase="talking", notice="line_back")
            line.broken = True
            await unit.shows(phase="cut")
            other = WeakLine(Shape(bps=2_000_000, delay_ms=20, lost=0.0))
            await other.start()
            again = await called(unit, other, 2)
            await unit.shows(phase="talking", notice="line_back")
            for end in (browser, again):
                await end.close()
            for one in (line, other):
                one.close()

    asyncio.run(story())
