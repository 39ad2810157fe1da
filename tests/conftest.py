"""What every test may ask for: full counts.

`--long` runs the tests marked `long` and sets full counts (fixture `long`, hypothesis' profile `long`); without it
counts are reduced, seeds stay fixed. Every file begins at a fixed instant (`tests/clock.py`), with `--at` at that one.
"""

from __future__ import annotations

import gc
from itertools import zip_longest
from zlib import crc32

import pytest
from hypothesis import settings

from kiosk_firmware.core.texts import UNKNOWN
from tests import clock
from tests.proofs import FOLDER, Proofs

settings.register_profile("short", deadline=None)  # how long an example takes decides nothing
settings.register_profile("long", max_examples=1000, deadline=None)
settings.load_profile("short")


def pytest_configure(config):
    if config.getoption("--long"):
        settings.load_profile("long")
    try:
        clock.go_to(config.getoption("--at") or clock.USUAL)  # what a file reads as it is imported
    except ValueError as error:
        raise pytest.UsageError(error) from None
    at = config.getoption("--at")
    words = (f"long: {config.getoption('--long')}", f"at: {at}")
    config.pluginmanager.register(Proofs(FOLDER, words, config.getoption("--anew") or at == "now"), "proofs")


def pytest_addoption(parser):
    parser.addoption("--rig", action="store_true", help="the image in a virtual machine: minutes")
    parser.addoption("--long", action="store_true", help="full counts; several times as long")
    parser.addoption("--anew", action="store_true", help="run also the proofs that stand (tests/proofs.py)")
    parser.addoption("--at", metavar="TIME", help="where tests take place: 'YYYY-MM-DD HH:MM' in UTC+8, or a name")


def pytest_generate_tests(metafunc):
    """A file marked `every_instant` takes place at each; in short at the usual one and at one that its name chooses."""
    config = metafunc.config
    if metafunc.definition.get_closest_marker("every_instant") is None or config.getoption("--at"):
        return
    names = list(clock.INSTANTS)
    if not config.getoption("--long"):
        others = names[1:]
        names = [clock.USUAL, others[crc32(metafunc.module.__name__.encode()) % len(others)]]
    metafunc.parametrize("_clock", names, indirect=True, scope="module")


@pytest.fixture(autouse=True)
def _no_unknown_text(monkeypatch):
    """A text that is not there is a fault of ours, wherever a test meets it: on the glass, paper, voice or web."""
    monkeypatch.setattr(UNKNOWN, "tell", raise_unknown)


def raise_unknown(key, language):
    """In place of telling the office."""
    raise LookupError(f"no text {key} in {language}")


@pytest.fixture(scope="module", autouse=True)
def _clock(request):
    """Where this file takes place: it and what it starts."""
    told = request.config.getoption("--at") or getattr(request, "param", clock.USUAL)
    clock.go_to("now" if clock.is_around_now(request.path) else told)


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="only with --long"))
    items[:] = _mixed(items)


def pytest_collection_finish():
    """Set aside what lives to the end, and collect garbage less often: else a quarter of a walk's time goes there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


WAIT = ("stories", "hardware", "office", "wire")
RECKON = ("mutants", "machines", "screens", "runtime", "lobby")


def _mixed(items):
    """Files that wait (whole units, wires, the office) and files that reckon, by turns and before all others: side by
    side they fill the cores, and nobody waits for a long one at the end.
    """
    files = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    waits, reckons = (
        [file for folder in folders for file in files if file.parent.name == folder] for folders in (WAIT, RECKON)
    )
    first = [file for pair in zip_longest(reckons, waits) for file in pair if file]
    return [item for file in dict.fromkeys([*first, *files]) for item in files[file]]


def pytest_terminal_summary(terminalreporter, config):
    """Print how long files and functions are: judged by people, never by a limit."""
    if not hasattr(config, "workerinput") and not config.getoption("collectonly"):
        from tests.house import sizes

        first, *rest = sizes.report()
        terminalreporter.write_line(f"sizes: {first}; {len(rest)} files are long (python -m tests.house.sizes)")


@pytest.fixture(scope="session")
def long(request) -> bool:
    """Whether to use full counts."""
    return request.config.getoption("--long")
