"""A whole visit at the visit process's own sockets: signed, talked, looked on at, muted, cut, ended, recorded,
resumed.
"""

from __future__ import annotations

import asyncio
import io
import re

import av
import msgspec
import pytest

from kiosk_firmware.visit.unit import capture, synthetic_camera
from kiosk_firmware.visit.wire import paths, recording_upload
from kiosk_firmware.visit.wire.messages import (
    Answered,
    Kept,
    Left,
    Offered,
    OfficerCommand,
    Peer,
    Said,
    Shown,
    SignedIn,
    StatusReport,
    Withdrawn,
)
from kiosk_firmware.visit.wire.recording_encryption import Sealer, open_recording
from kiosk_firmware.visit.wire.shared_frames import FAR, SELF, Reader
from tests.visit.unit.rig import DESK, KEY, SEAL, VISIT, Browser, Unit, called, invited, now_ms, until


def played(folder):
    """The parts of the recording: (whole, seconds of picture, seconds of sound)."""
    found = []
    for part in open_recording(recording_upload.recording_path(folder, VISIT).read_bytes(), KEY, VISIT):
        with av.open(io.BytesIO(part.data)) as container:
            pictures = list(container.decode(video=0))
        with av.open(io.BytesIO(part.data)) as container:
            samples = sum(frame.samples for frame in container.decode(audio=0))
        found.append((part.whole, float(pictures[-1].time) if pictures else 0, samples / 48_000))
    return found


def test_a_visit_from_its_sign_in_to_its_recording(tmp_path):
    async def story():
        async with Unit(tmp_path, invited()) as unit:
            await unit.tells(SignedIn, signed=False, token="t0ken")
            await unit.shows(phase="waiting", camera=True)
            await unit.ready()
            await unit.tells(SignedIn, signed=True)
            async with called(unit) as station, called(unit, "officer", 7) as officer:
                shown = await unit.shows(phase="talking", running=True)
                assert 1_795_000 < shown.left_ms <= 1_800_000
                assert shown.sound > 0
                far, own = Reader(tmp_path / FAR), Reader(tmp_path / SELF)
                await until(lambda: far.newer(0) and own.newer(0), "frames for the screen")
                await until(lambda: all(len(frames) > 5 for _, frames in station.frames), "both come at the station")
                await until(lambda: all(len(frames) > 5 for _, frames in officer.frames), "all come at the officer")
                stamp = await until(
                    lambda: synthetic_camera.read_stamp(station.frames[1][1][-1]), "a stamp that can be read"
                )
                assert synthetic_camera.delay_ms(stamp, now_ms()) < 60_000
                unit.agent.say(OfficerCommand(visit=VISIT, act="warn", reason="words"))
                await unit.tells(StatusReport, notice="warned", phase="talking")
                unit.screen.say(Said("end"))
                await asyncio.wait_for(unit.task, 60)
                told = await unit.tells(StatusReport, phase="over")
                assert told.end == "unit"
                kept = await unit.tells(Kept)
            return kept

    kept = asyncio.run(story())
    assert recording_upload.list_waiting(tmp_path) == (kept,)
    assert recording_upload.recording_path(tmp_path, VISIT).stat().st_size == kept.bytes
    ((whole, pictures, sound),) = played(tmp_path)
    assert whole
    assert pictures > 0
    assert abs(pictures - sound) < 1
    assert not (tmp_path / FAR).exists()


def test_an_end_that_is_muted_is_silent_for_the_other_alone(tmp_path):
    async def story():
        async with Unit(tmp_path, invited(recorded=False)) as unit:
            await unit.ready()
            async with called(unit) as station, called(unit, "officer", 1) as officer:
                await unit.shows(phase="talking")
                heard, own, far = station.frames[0][1], officer.frames[0][1], officer.frames[2][1]
                await comes(heard)
                unit.agent.say(OfficerCommand(visit=VISIT, act="mute", end="unit"))
                await unit.tells(StatusReport, notice="muted", muted=("unit",))
                await until(lambda: len(heard) == heard.maxlen and not any(map(loud, heard)), "silence")
                await comes(own)
                unit.agent.say(OfficerCommand(visit=VISIT, act="unmute", end="unit"))
                await unit.tells(StatusReport, notice="heard_again", muted=())
                await comes(heard)
                ear = unit.visit_process._media.ear
                unit.agent.say(OfficerCommand(visit=VISIT, act="mute", end="station"))
                await until(lambda: ear.muted, "the station is muted")
                await unit.tells(StatusReport, muted=("station",))
                played = ear.played
                await comes(far)
                assert ear.played == played
                unit.agent.say(OfficerCommand(visit=VISIT, act="end", reason="phone"))
                assert (await unit.tells(StatusReport, phase="over")).end == "phone"

    asyncio.run(story())
    assert not list(tmp_path.glob("*.kvs"))


async def comes(frames):
    """New sound that is none of silence."""
    frames.clear()
    await until(lambda: any(map(loud, frames)), "sound")


def loud(frame):
    return max(memoryview(bytes(frame.planes[0])[: frame.samples * 4]).cast("h")) > 300


def test_a_cut_line_rests_the_clock_and_a_new_offer_mends_it(tmp_path):
    async def story():
        async with Unit(tmp_path, invited(rests_s=60, back_s=60)) as unit:
            await unit.ready()
            async with called(unit):
                await unit.shows(phase="talking")
            cut = await unit.shows(phase="cut", notice="line_cut", running=False)
            async with called(unit, session=2):
                back = await unit.shows(phase="talking", notice="line_back", running=True)
                assert cut.left_ms - 1_000 < back.left_ms <= cut.left_ms
                unit.agent.say(Offered(visit=VISIT, end="station", session=1, sdp="v=0"))  # of an attempt given up
                unit.agent.say(Left(visit=VISIT, end="station"))
                assert (await unit.tells(StatusReport, phase="over")).end == "station"
            await asyncio.wait_for(unit.task, 60)
            assert unit.visit_process._peers.session == 2

    asyncio.run(story())
    assert [whole for whole, _, _ in played(tmp_path)] == [True]


@pytest.mark.long
def test_what_was_left_outlives_the_process(tmp_path):
    """... and whoever starts it again when it is over hears that it is over."""

    invitation = invited()

    async def story():
        async with Unit(tmp_path, invitation) as unit:
            await unit.ready()
            async with called(unit):
                await until(lambda: (shown := unit.screen.last(Shown)) and shown.left_ms < 1_798_000, "two seconds")
                unit.visit_process.stop()
                await asyncio.wait_for(unit.task, 60)
                assert unit.agent.last(StatusReport).phase == "talking"
                left = unit.screen.last(Shown).left_ms
        async with Unit(tmp_path, invitation) as unit:
            await unit.tells(SignedIn, signed=True)
            shown = await unit.shows(phase="cut")
            assert left - 3_000 < shown.left_ms <= left + 3_000
            unit.agent.say(Peer(visit=VISIT, end="station", here=True))
            async with called(unit):
                await unit.shows(phase="talking", notice="line_back")
                unit.screen.say(Said("end"))
                kept = await unit.tells(Kept)
        async with Unit(tmp_path, invitation) as unit:
            assert (await unit.tells(StatusReport)).end == "unit"
            await asyncio.wait_for(unit.task, 60)
        again = msgspec.structs.replace(invitation, begins_ms=invitation.begins_ms + 86_400_000, left_s=600)
        async with Unit(tmp_path, again) as unit:  # the office gave the rest of it another day
            assert (await unit.shows(phase="waiting")).left_ms == 600_000
        return kept

    kept = asyncio.run(story())
    assert [whole for whole, _, _ in played(tmp_path)] == [True, True]
    assert kept.seconds >= 2


ENDS = (Withdrawn(visit=VISIT), OfficerCommand(visit=VISIT, act="end"))


@pytest.mark.parametrize("message", ENDS, ids=["withdrawn", "ordered"])
def test_it_ends_before_it_began(tmp_path, message):
    async def story():
        async with Unit(tmp_path, invited()) as unit:
            unit.agent.say(Withdrawn(visit="HJ999999"))  # another visit's
            unit.agent.say(message)
            assert (await unit.tells(StatusReport, phase="over")).end == "officer"

    asyncio.run(story())


def test_nobody_came_in_time(tmp_path):
    async def story():
        async with Unit(tmp_path, invited(late_s=0)) as unit:
            assert (await unit.tells(StatusReport, phase="over")).end == "late"

    asyncio.run(story())


def test_nobody_is_seen_before_the_undertaking_is_signed(tmp_path):
    async def story():
        async with Unit(tmp_path, invited()) as unit:
            browser = Browser()
            unit.agent.say(Offered(visit=VISIT, end="station", session=1, sdp=await browser.offer()))
            unit.agent.say(Offered(visit=VISIT, end="station", session=1, sdp="no SDP at all"))
            await until(lambda: len(unit.visit_process._offers) == 2, "the offers wait")
            assert not unit.visit_process._peers.links()
            unit.screen.say(Said("sign"))
            await until(unit.visit_process._peers.links, "the first is answered")
            await browser.close()

    asyncio.run(story())


def test_a_browser_that_hides_all_its_addresses_is_met_by_its_own_checks(tmp_path):
    async def story():
        async with Unit(tmp_path, invited(recorded=False)) as unit:
            await unit.ready()
            browser = Browser()
            hidden = re.sub(r"(a=candidate:\S+ 1 udp \d+) \S+", r"\1 0f1e2d3c.local", await browser.offer())
            assert ".local" in hidden
            unit.agent.say(Offered(visit=VISIT, end="station", session=1, sdp=hidden))
            await browser.answered((await unit.tells(Answered, session=1)).sdp)
            await unit.shows(phase="talking")
            await browser.close()

    asyncio.run(story())


@pytest.mark.long
def test_a_picture_that_stands_says_so_and_the_talk_goes_on(tmp_path):
    async def story():
        async with Unit(tmp_path, invited(recorded=False)) as unit:
            await unit.ready()
            async with called(unit) as station:
                await unit.shows(phase="talking", frozen=False)
                camera, _ = station._sources
                await camera.stop()
                shown = await unit.shows(frozen=True, notice="frozen", phase="talking")
                assert shown.running
                camera = capture.camera(DESK.camera, station.picture)
                camera.start()
                await unit.shows(frozen=False, notice="moving_again")
                await camera.stop()

    asyncio.run(story())


def test_a_visit_that_cannot_be_recorded_does_not_go_on(tmp_path):
    """Both were told that it is recorded; the disk says no."""

    async def story():
        recording_upload.recording_path(tmp_path, VISIT).mkdir()
        async with Unit(tmp_path, invited()) as unit:
            await unit.ready()
            async with called(unit):
                assert (await unit.tells(StatusReport, phase="over")).end == "line"
            await asyncio.wait_for(unit.task, 60)

    asyncio.run(story())


def test_what_the_others_say_wrongly_is_dropped(tmp_path):
    async def story():
        async with Unit(tmp_path, invited()) as unit:
            for end in (unit.agent, unit.screen):
                end._writer.write(b'{"type":"Nothing"}\nno JSON\n')
            await unit.ready()
            reader, writer = await asyncio.open_unix_connection(tmp_path / paths.SCREEN)
            assert b'"ready"' in await reader.readline()  # a screen that comes later is told at once
            writer.close()

    asyncio.run(story())


def test_a_recording_that_nobody_goes_on_with_is_whole_when_the_next_visit_begins(tmp_path):
    async def story():
        with Sealer(recording_upload.recording_path(tmp_path, "HJ000009"), "HJ000009", SEAL) as sealer:
            sealer.write(b"cut off")
        async with Unit(tmp_path, invited()) as unit:
            kept = await unit.tells(Kept)
        assert (kept.visit, recording_upload.list_waiting(tmp_path)) == ("HJ000009", (kept,))

    asyncio.run(story())


def test_whoever_has_another_key_than_the_offer_says_is_nobody(tmp_path):
    """Words come by the office, media do not: the fingerprint is what ties them together."""

    async def story():
        async with Unit(tmp_path, invited(recorded=False)) as unit:
            await unit.ready()
            browser = Browser()
            forged = re.sub(
                r"(a=fingerprint:\S+ )(\w\w)", lambda found: found[1] + OTHER[found[2] == "00"], await browser.offer()
            )
            unit.agent.say(Offered(visit=VISIT, end="station", session=1, sdp=forged))
            await browser.answered((await unit.tells(Answered, session=1)).sdp)
            link = unit.visit_process._peers._station
            await until(lambda: link.pc.connectionState in ("failed", "closed"), "the line to be refused")
            assert unit.visit_process.course.phase == "ready"
            await browser.close()

    asyncio.run(story())


OTHER = ("00", "11")


def test_an_agent_that_died_is_told_again_who_is_there_and_how_it_stands(tmp_path):
    async def story():
        async with Unit(tmp_path, invited()) as unit:
            await unit.ready()
            unit.agent.heard.clear()
            unit.agent._writer.close()
            await unit.tells(SignedIn, signed=True)
            await unit.tells(StatusReport, phase="ready")

    asyncio.run(story())


@pytest.mark.parametrize("watched", [True, False])
def test_an_officer_is_shown_where_nobody_may_look_on_unseen(tmp_path, watched):
    async def story():
        async with Unit(tmp_path, invited(watched=watched)) as unit:
            unit.agent.say(Peer(visit=VISIT, end="officer", here=True))
            await unit.ready()
            assert (await unit.shows(phase="ready")).officer is not watched
            unit.agent.say(Peer(visit=VISIT, end="officer", here=False))
            await unit.shows(officer=False)

    asyncio.run(story())
