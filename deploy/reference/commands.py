"""Make the reference of the `kiosk` command from what each command says of itself with `--help`."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from functools import cache

from kiosk_firmware import cli
from kiosk_firmware.cli import COMMANDS

OFFICE = (
    "audit",
    "backup",
    "ca",
    "diagnose",
    "enrol",
    "import",
    "init",
    "metrics",
    "proof",
    "restore",
    "sums",
    "up",
    "update",
    "verify",
)
"""Words after `kiosk office` that are commands of their own; without one it is the office itself."""
LAUNCHER = {
    "demo": "sets up what is missing, then runs everything on this machine",
    "test": "sets up what the tests need, then runs them; `--long` full counts, `--rig` the image in a virtual machine",
    "setup": "only sets up: `run`, `bench`, `test`, `docs` or `assets`; without a word for everything",
    "docs": "builds these pages as a site, `build/site/index.html`",
}
"""What the launcher in a checkout does by itself; any other word goes to the `kiosk` command."""
_OPTION = re.compile(r"\[(--?[\w-]+)(?: ([^]]+))?\]|(?<=\s)(--[\w-]+) ([A-Z][\w.:]*)")


@cache
def usage(*words: str) -> str:
    """Return what a command says of itself."""
    said = io.StringIO()
    with _width(), contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        cli.main([*words, "--help"])
    return said.getvalue()


@contextlib.contextmanager
def _width() -> Iterator[None]:
    """Keep argparse from breaking lines as the terminal has it."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "500"
    try:
        yield
    finally:
        os.environ.pop("COLUMNS") if before is None else os.environ.update(COLUMNS=before)


def verbs(*words: str) -> dict[str, str]:
    """Return the verbs that a command takes, with what each is said to do."""
    said = usage(*words)
    group = re.search(r"\{([\w,-]+)\}", _OPTION.sub("", _head(said)))
    told = dict(re.findall(r"^    ([\w-]+) {2,}(\S.*)$", said, re.MULTILINE))
    return {verb: told.get(verb, "") for verb in group[1].split(",")} if group else {}


def options(*words: str) -> list[str]:
    """Return the options that a command takes, each with the word for its value."""
    found = ("".join(groups[::2]) + " " + "".join(groups[1::2]) for groups in _OPTION.findall(_head(usage(*words))))
    return [one.strip() for one in found if one != "-h "]


def arguments(*words: str) -> str:
    """Return what must be said after a command beside options and verbs, as its usage names it."""
    left = re.sub(r"\{[^}]*\}( \.\.\.)?", "", _OPTION.sub("", _head(usage(*words)))).split()
    for word in ("usage:", "kiosk", "office", *words):
        if left[:1] == [word]:
            left.pop(0)
    return " ".join(left).upper().replace(" ...", " …")


def _head(said: str) -> str:
    """Return the usage line of a help text."""
    return " ".join(said.partition("\n\n")[0].split())


def paths() -> Iterator[tuple[str, ...]]:
    """Yield every command with its verbs, as words."""
    for command in COMMANDS:
        for path in [(command,)] if command != "office" else [(command,), *((command, word) for word in OFFICE)]:
            yield path
            yield from ((*path, verb) for verb in verbs(*path))


def lines() -> Iterator[str]:
    """Yield the page."""
    yield "# Commands\n"
    yield "Written by `python -m deploy.generate_reference` from the code; do not edit.\n"
    yield "`kiosk COMMAND --help` tells more of each. In a checkout it is `./kiosk COMMAND`, which sets up what is"
    yield "missing.\n"
    yield "| command | what it is |\n|---|---|"
    yield from (f"| [`kiosk {name}`](#kiosk-{name}) | {what} |" for name, (_, what) in COMMANDS.items())
    yield "\n## The launcher of a checkout\n\n| command | what it does |\n|---|---|"
    yield from (f"| `./kiosk {name}` | {what} |" for name, what in LAUNCHER.items())
    for name, (_, what) in COMMANDS.items():
        yield f'\n<a id="kiosk-{name}"></a>\n\n## `kiosk {name}`\n\n{what[0].upper()}{what[1:]}.\n'
        yield "| command | what it does | options |\n|---|---|---|"
        yield from (_row(path, what) for path in paths() if path[0] == name)


def _row(path: tuple[str, ...], what: str) -> str:
    told = verbs(*path[:-1]).get(path[-1], "") if len(path) > 1 else what
    shared = len(path) > 1 and usage(*path) == usage(*path[:-1])
    shown = (told or (what if shared else _described(usage(*path)))).rstrip(".")
    said = " ".join(("kiosk", *path, arguments(*path))).strip()
    own = " ".join(f"`{one}`" for one in options(*path)).replace("|", "\\|")
    return f"| `{said}` | {shown} | {own} |"


def _described(said: str) -> str:
    """Return the first sentence under the usage, without the command's own name before it."""
    text = " ".join(said.split("\n\n")[1].split())
    return re.split(r"(?<=[.?])\s", re.sub(r"^`[^`]+`: ", "", text))[0].replace("|", "·")
