"""The visit process under the strictest word of its service, which no test without systemd would meet: two talk."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from kiosk_firmware.settings import unit_toml
from kiosk_firmware.settings.unit_toml import UnitSettings, UnitTable
from kiosk_firmware.visit.wire import paths
from kiosk_firmware.visit.wire.messages import ENCODE, Answered, Offered, Said, StatusReport, decode_up
from tests.visit.unit.hardened import NOT_HERE
from tests.visit.unit.rig import DESK, VISIT, Browser, End, invited, until

ROOT = Path(__file__).parents[3]


def test_two_talk_where_no_memory_may_be_written_and_run(tmp_path):
    async def story():
        folder, agent = tmp_path / paths.FOLDER, End(decode_up)
        folder.mkdir()
        unit = tmp_path / "unit.toml"
        unit.write_text(unit_toml.settings_toml(UnitSettings(UnitTable("jia-visit-01", "jia", "visit"), devices=DESK)))
        (folder / f"{VISIT}{paths.INVITED}").write_bytes(ENCODE(invited()))
        (folder / paths.START).write_text(VISIT)
        listening = await asyncio.start_unix_server(agent.met, folder / paths.AGENT, limit=1 << 20)
        words = "kiosk_firmware.cli", "visit", "--unit", str(unit), "--state", str(tmp_path)
        visit_process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.visit.unit.hardened", *words, cwd=ROOT
        )
        try:
            await until(lambda: agent.heard or visit_process.returncode is not None, "the roof at its agent")
            if visit_process.returncode == NOT_HERE:
                pytest.skip("the kernel knows no such rule")
            await talked(agent, folder)
        finally:
            if visit_process.returncode is None:
                visit_process.terminate()
                await visit_process.wait()
            listening.close()

    asyncio.run(story())


async def talked(agent, folder):
    """The learner signs, the family calls, both are seen."""
    await until((folder / paths.SCREEN).is_socket, "the screen's socket")
    _, screen = await asyncio.open_unix_connection(folder / paths.SCREEN)
    screen.write(ENCODE(Said("sign")) + b"\n")
    browser = Browser()
    try:
        agent.say(Offered(visit=VISIT, end="station", session=1, sdp=await browser.offer()))
        answer = await until(lambda: agent.last(Answered, session=1), "an answer")
        await browser.answered(answer.sdp)
        await until(lambda: agent.last(StatusReport, phase="talking"), "they talk")
        await until(lambda: browser.pictures > 2, "pictures of the unit")
        await until(lambda: (folder / f"{VISIT}.kvs").stat().st_size > 1000, "the recording")
    finally:
        await browser.close()
        screen.close()
