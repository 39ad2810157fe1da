"""A link whose socket has a number that `select` cannot take connects, hears and tells as any other."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator

import pytest

from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import BrokerLink
from tests.wire.rig import Processes, wait

pytestmark = pytest.mark.broker
BEYOND = 1100
"""Files that are open already; `select` ends at 1024."""


@pytest.fixture
def crowded() -> Iterator[None]:
    """A process in which the next file is numbered beyond what `select` takes."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] < 2 * BEYOND:
        pytest.skip("this user may not open that many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], 2 * BEYOND), before[1]))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(BEYOND)]
    yield
    for number in held:
        os.close(number)
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_link_beyond_selects_numbers_stays_up_and_is_heard(tmp_path, crowded):
    processes, heard = Processes(tmp_path), []
    link = BrokerLink(
        BrokerSettings(port=processes.broker(), retry_s=0.2), "far-out", ("a/b",), lambda one: heard.append(one.payload)
    )
    try:
        wait(lambda: link.turn(0.02) or link.up, "the connection")
        link.publish("a/b", b"said")
        wait(lambda: link.turn(0.02) or heard, "what was said")
        assert (heard, link.reconnects) == ([b"said"], 1)
    finally:
        link.close()
        processes.close()
