"""The rig runs only where it is asked for (`./kiosk test --rig`): it needs QEMU and minutes."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config, items):
    if config.getoption("--rig"):
        return
    for item in items:
        if "/rig/" in str(item.path):
            item.add_marker(pytest.mark.skip(reason="only with --rig"))
