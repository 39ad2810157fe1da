"""A family's browser in a network of its own: aiortc, led by lines of JSON. A process, since a network is a process's.

In: {"offer": session}, {"answer": sdp}. Out: {"sdp": …}, and each second {"frames": pictures that came}.
"""

from __future__ import annotations

import asyncio
import json
import sys

from aiortc import RTCIceServer

from tests.visit.unit.rig import Browser


async def _lines() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def _say(**words) -> None:
    print(json.dumps(words), flush=True)


async def _count(browser: Browser) -> None:
    while True:
        await asyncio.sleep(0.2)
        _say(frames=browser.pictures)


async def main(url: str, username: str, credential: str) -> None:
    reader, browser, counting = await _lines(), None, None
    ice = [RTCIceServer([url], username, credential)] if url else []
    async for line in reader:
        words = json.loads(line)
        if "offer" in words:
            if browser is not None:
                counting.cancel()
                await browser.close()
            browser = Browser(ice)
            _say(sdp=await browser.offer())
        else:
            await browser.answered(words["answer"])
            counting = asyncio.create_task(_count(browser))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
