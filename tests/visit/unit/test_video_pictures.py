"""Pictures on their way: the stamp that is read back, the glass that fits any shape, sources that come and go."""

from __future__ import annotations

import asyncio
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import av
import pytest
from av import AudioFrame, CodecContext, VideoFrame
from av.video.reformatter import VideoReformatter
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.drivers.settings.visit_media import CountingEarpiece, DrawnCamera, Earpiece
from kiosk_firmware.visit.unit import capture, media_playback, media_tracks, synthetic_camera
from kiosk_firmware.visit.wire.shared_frames import Reader
from tests.visit.unit.rig import until

SIZES = st.sampled_from([(640, 480), (320, 240), (160, 120), (1280, 720), (480, 360)])


@given(st.integers(0, 2**40), SIZES, SIZES)
@settings(max_examples=40, deadline=None)
def test_a_stamp_is_read_at_any_size(stamp, drawn, seen):
    frame = synthetic_camera.draw_frame(*drawn, stamp).reformat(width=seen[0], height=seen[1])
    assert synthetic_camera.read_stamp(frame) == stamp % 2**32
    assert synthetic_camera.delay_ms(stamp % 2**32, stamp + 250) == 250


@pytest.mark.long
def test_a_stamp_outlives_a_thin_codec():
    """... at the second lowest rung; and a grey picture has none."""
    encoder = CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.bit_rate = 320, 240, "yuv420p", 50_000
    encoder.options = {"deadline": "realtime", "cpu-used": "6"}
    encoder.framerate = 5
    decoder, read = CodecContext.create("libvpx", "r"), []
    for number in range(20):
        frame = synthetic_camera.draw_frame(640, 480, number * 200).reformat(width=320, height=240)
        frame.pts = number
        read += [synthetic_camera.read_stamp(one) for packet in encoder.encode(frame) for one in decoder.decode(packet)]
    assert read[5:] == [number * 200 for number in range(5, len(read))]
    grey = VideoFrame(640, 480, "yuv420p")
    for plane in grey.planes:
        plane.update(bytes([128]) * plane.buffer_size)
    assert synthetic_camera.read_stamp(grey) is None


@given(st.integers(2, 400), st.integers(2, 400))
@settings(max_examples=40, deadline=None)
def test_any_shape_fits_the_glass(width, height):
    frame = VideoFrame(width * 2, height * 2, "yuv420p")
    assert len(media_playback.fit_frame(frame, 64, 48, VideoReformatter())) == 64 * 48 * 3


def test_the_glass_shows_the_newest_and_leaves_nothing_behind(tmp_path):
    async def story():
        workers = ThreadPoolExecutor(1)
        glass = media_playback.FrameOutput(tmp_path / "far.frames", workers)
        reader = Reader(tmp_path / "far.frames")
        glass.show(synthetic_camera.draw_frame(1280, 720, 1))
        picture = await until(lambda: reader.newer(0))
        assert (picture.width, picture.height) == (640, 480)
        assert not any(picture.rgb[: 640 * 3])  # black above what is wide
        workers.shutdown()
        glass.close()
        assert not (tmp_path / "far.frames").exists()

    asyncio.run(story())


def test_the_desks_camera_is_as_fast_as_it_says():
    async def story():
        feed, frames = media_tracks.MediaFeed(), []
        feed.listen(frames.append)
        camera = capture.camera(DrawnCamera(rate=20), feed)
        camera.start()
        await until(lambda: len(frames) > 5)
        assert feed.is_fresh(60)
        await camera.stop()
        assert synthetic_camera.read_stamp(frames[0]) is not None
        assert capture.camera(None, feed) is None

    asyncio.run(story())


def test_a_device_that_was_not_there_is_found_when_it_comes(tmp_path, monkeypatch):
    """The device is a file here: what reads it is what reads V4L2."""
    monkeypatch.setattr(capture, "AGAIN_S", 0.05)
    path = tmp_path / "camera.mjpeg"

    async def story():
        feed, frames = media_tracks.MediaFeed(), []
        feed.listen(frames.append)
        camera = capture.CaptureThread("camera", feed, lambda: capture.pictures(str(path), "mjpeg", {}))
        camera.start()
        await until(lambda: camera._thread.is_alive())
        assert not feed.is_fresh(60)
        with av.open(str(tmp_path / "new.mjpeg"), "w", "mjpeg") as container:
            stream = container.add_stream("mjpeg", rate=10)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
            for number in range(5):
                frame = synthetic_camera.draw_frame(64, 48, number).reformat(format="yuvj420p")
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        (tmp_path / "new.mjpeg").rename(path)
        await until(lambda: len(frames) > 7)  # and again, when it has ended
        await camera.stop()

    asyncio.run(story())


PLAYER = "#!/bin/sh\necho $$ >>{folder}/players\nexec dd bs=3840 count=3 of={folder}/$$ 2>/dev/null\n"


def test_the_earpiece_is_heard_and_a_player_that_went_is_made_anew(tmp_path, monkeypatch):
    """The player is a program in its stead: what arrives at its standard input is what would be heard."""
    player = tmp_path / "aplay"
    player.write_text(PLAYER.format(folder=tmp_path))
    player.chmod(player.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(media_playback, "PLAYER", str(player))
    monkeypatch.setattr(media_playback, "AGAIN_S", 0.05)

    async def story():
        ear = media_playback.AudioOutput(Earpiece())
        ear.start()
        players = tmp_path / "players"

        def second():
            ear.hear(media_tracks.silence(960))
            return players.exists() and len(players.read_text().split()) > 1

        await until(second)
        ear.stop()
        first = tmp_path / players.read_text().split()[0]
        assert first.stat().st_size > 0
        assert ear.failed >= 1

    asyncio.run(story())


STANDS = "#!/bin/sh\n>{folder}/met\nwhile [ ! -e {folder}/go ]; do sleep 0.02; done\nexec cat >{folder}/heard\n"


def test_hardly_any_sound_waits_for_a_player_that_stands_and_it_is_the_newest(tmp_path, monkeypatch):
    """Whatever waits there is heard as much later than lips move: 4 sounds are 80 ms."""
    player = tmp_path / "aplay"
    player.write_text(STANDS.format(folder=tmp_path))
    player.chmod(player.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(media_playback, "PLAYER", str(player))
    mark = AudioFrame(format="s16", layout="mono", samples=960)
    mark.sample_rate = media_tracks.SAMPLE_RATE
    mark.planes[0].update(b"\x11" * mark.planes[0].buffer_size)

    async def story():
        ear = media_playback.AudioOutput(Earpiece())
        ear.start()
        await until((tmp_path / "met").exists)
        for _ in range(60):
            ear.hear(media_tracks.silence(960))
            await asyncio.sleep(0.005)
        (tmp_path / "go").touch()
        await until(ear._sounds.empty, "the player goes on")
        ear.hear(mark)
        heard = tmp_path / "heard"
        await until(lambda: heard.exists() and heard.read_bytes().strip(b"\0"), "what came last is heard")
        ear.stop()
        data = heard.read_bytes()
        return (len(data) - len(data.lstrip(b"\0"))) // 3840

    assert asyncio.run(story()) <= media_playback.AHEAD + 2


def test_an_earpiece_without_a_player_falls_silent_in_order(monkeypatch):
    monkeypatch.setattr(media_playback, "PLAYER", "/nowhere/aplay")
    ear, begun = media_playback.AudioOutput(Earpiece()), time.monotonic()
    ear.start()
    ear.hear(media_tracks.silence(960))
    ear.stop()
    assert time.monotonic() - begun < 60
    assert ear._thread is None


@pytest.mark.parametrize("table", [None, CountingEarpiece()])
def test_a_desks_earpiece_counts(table):
    ear = media_playback.AudioOutput(table)
    ear.start()
    ear.hear(media_tracks.silence(960))
    ear.muted = True
    ear.hear(media_tracks.silence(960))
    ear.stop()
    assert ear.played == 1


@given(st.integers(5, 30), st.integers(3, 30))
@settings(max_examples=40, deadline=None)
def test_as_many_pictures_are_sent_as_the_line_bears(camera, line):
    """... of a camera with another measure: the nearest number, not the next divisor."""
    sent, now = [], [0.0]

    async def story():
        feed = media_tracks.MediaFeed()
        tap = media_tracks.PictureTap(feed, lambda: (120, line))
        for number in range(camera * 20):
            now[0] = number / camera
            feed.put(VideoFrame(160, 120, "yuv420p"))
            if not tap._queue.empty():
                sent.append(tap._queue.get_nowait())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(media_tracks, "time", SimpleNamespace(monotonic=lambda: now[0]))
        asyncio.run(story())
    assert abs(len(sent) - 20 * min(camera, line)) <= 0.1 * 20 * min(camera, line) + 1


def test_sound_that_nobody_fetched_is_let_go_of_and_the_clock_goes_on():
    async def story():
        feed = media_tracks.MediaFeed()
        tap = media_tracks.SoundTap(feed)
        for _ in range(media_tracks.WAITING_SOUNDS * 3):
            feed.put(media_tracks.silence(960))
        stamps = [(await tap.recv()).pts for _ in range(media_tracks.WAITING_SOUNDS)]
        assert stamps == sorted(set(stamps))
        tap.stop()
        feed.put(AudioFrame(format="s16", layout="mono", samples=960))
        assert tap._queue.empty()

    asyncio.run(story())
