"""Proofs that stand: a test marked `proof` is not run again while every byte that it can read is what it was.

Walks, mutants and lessons' proofs are dear, and depend on nothing but the repository. Which of them passed is kept in
`.proofs/`, a file for each test file, machine and fingerprint of all inputs; whoever loses the folder proves everything
anew. Only what passed is kept, and what a proof reads besides its inputs makes it fail.
"""

from __future__ import annotations

import ast
import hashlib
import platform
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kiosk_firmware.catalogue import machine_loader

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".proofs"
OURS = ("kiosk_firmware", "hardware", "screens", "deploy", "tests")
"""Where inputs of a proof may lie. Other people's packages count by the lock that names them."""
ALWAYS = ("tests/conftest.py", "tests/clock.py", "tests/proofs.py", "requirements-test.lock", "pyproject.toml")
OF_ALL_MACHINES = ("entry.toml", "personas.toml")
MOST_KEPT = 4
"""Fingerprints of one file and machine: some branches to go back and forth between."""
LINE = 33
"""Of a file of the store: 32 digits and the end of a line. A torn line is as none."""


class Proofs:
    """Leave out what stands, keep what passed; `again`: leave nothing out."""

    def __init__(self, folder: Path, words: tuple[str, ...], again: bool) -> None:
        """`words`: what was asked for besides the tests (counts, instant), of which an outcome depends, too."""
        self.folder, self.words, self.again = folder, words, again
        self._told: set[pytest.Item] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Count a proof that stands as passed, without running it."""
        if not is_proof(pyfuncitem) or self.again or digest(pyfuncitem.nodeid) not in lines(self._file(pyfuncitem)):
            return None
        pyfuncitem.user_properties.append(("stands", True))
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Fail a proof that reads what its fingerprint does not hold."""
        if not is_proof(item):
            return (yield)
        with Reads() as reads:
            done = yield
        foreign = sorted(reads.ours() - inputs(item.path, machine_of(item)))
        assert not foreign, f"a proof reads what is not among its inputs (tests/proofs.py): {foreign}"
        self._told.add(item)
        return done

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
        """Keep it when everything of it has passed, its fixtures' end included."""
        report = yield
        passed = call.when == "teardown" and report.passed and item in self._told
        if passed and ("stands", True) not in item.user_properties:
            keep(self._file(item), digest(item.nodeid))
        return report

    def _file(self, item: pytest.Item) -> Path:
        machine = machine_of(item)
        name = f"{item.path.stem}-{machine or 'all'}-{fingerprint(inputs(item.path, machine), self.words)}"
        return self.folder / name

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Forget what was proved of older bytes."""
        if not hasattr(session.config, "workerinput"):
            forget(self.folder)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say how many proofs were not run."""
        passed = terminalreporter.stats.get("passed", ())
        if count := sum(("stands", True) in report.user_properties for report in passed):
            terminalreporter.write_line(f"proofs: {count} stand, as no byte of theirs has changed (--anew runs them)")


def is_proof(item: pytest.Item) -> bool:
    return item.get_closest_marker("proof") is not None


def machine_of(item: pytest.Item) -> str | None:
    """The machine that the test is about; None: any, so that all of them are its inputs."""
    params = getattr(getattr(item, "callspec", None), "params", {})
    line = params.get("machine", params.get("line"))
    return getattr(line, "id", line)


# -- what a proof can read ---------------------------------------------------------------------------------------------


@cache
def inputs(test: Path, machine: str | None) -> frozenset[Path]:
    """Every file that decides about the tests of a file: what it imports, however far away, and the data beside it."""
    ids = [line.id for line in machine_loader.describe()] if machine is None else _with_opened(machine)
    folders = [machine_loader.folder(one) for one in ids]
    mutants = [ROOT / "tests" / "mutants" / f"{folder.name}.py" for folder in folders]
    own = {
        path for folder in folders for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
    kits = (ROOT / "kiosk_firmware" / "kits").rglob("*.py")  # a machine's hash is over the whole kit that it shares
    sources = closure([test, *mutants, *kits, *(path for path in own if path.suffix == ".py")])
    always = {ROOT / name for name in ALWAYS}
    return frozenset({*sources, *own, *shared_data(), *always})


def _with_opened(machine: str) -> list[str]:
    return [machine, *machine_loader.entry(machine).opens]


@cache
def shared_data() -> frozenset[Path]:
    """The tables that stand outside of machines' folders, and those of each machine that all are known by."""
    machines = ROOT / "kiosk_firmware" / "machines"
    tables = (ROOT / "kiosk_firmware").rglob("*.toml")
    return frozenset(path for path in tables if machines not in path.parents or path.name in OF_ALL_MACHINES)


def closure(starts: list[Path]) -> set[Path]:
    """These files, and every file of ours that one of them imports, anywhere in it."""
    met: set[Path] = set()
    left = [path for path in starts if path.exists()]
    while left:
        path = left.pop()
        if path not in met:
            met.add(path)
            left += imported(path)
    return met


@cache
def imported(path: Path) -> frozenset[Path]:
    """Every file of ours that an import in it runs: modules, and the packages that they stand in."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    parts = {tuple(name.split(".")[:count]) for name in names for count in range(1, name.count(".") + 2)}
    return frozenset(found for part in parts if (found := source(part)))


def source(parts: tuple[str, ...]) -> Path | None:
    """The file of a module or package of ours."""
    base = ROOT.joinpath(*parts)
    places = (base.with_suffix(".py"), base / "__init__.py") if parts[0] in OURS else ()
    return next((path for path in places if path.exists()), None)


@cache
def fingerprint(paths: frozenset[Path], words: tuple[str, ...]) -> str:
    """Sixteen digits that are others as soon as a byte, a name or a word is."""
    whole = hashlib.sha256(repr((words, sys.version, platform.machine())).encode())
    for path in sorted(paths):
        whole.update(str(path.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


class Reads:
    """Which files are opened while it is entered, by whatever means of this process."""

    now: set[str] | None = None

    def __enter__(self) -> Reads:
        listen()
        self.paths: set[str] = set()
        Reads.now = self.paths
        return self

    def __exit__(self, *_: object) -> None:
        Reads.now = None

    def ours(self) -> set[Path]:
        """Those of the repository, compiled ones by their source."""
        paths = {source_of(Path(path)) for path in self.paths}
        return {path for path in paths if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in OURS}


@cache
def listen() -> None:
    """Begin to hear what is opened; a process cannot stop it."""

    def hear(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and Reads.now is not None and isinstance(args[0], str):
            Reads.now.add(args[0])

    sys.addaudithook(hear)


def source_of(path: Path) -> Path:
    """The source of a compiled file; any other file is itself."""
    if path.parent.name != "__pycache__":
        return path
    return path.parent.parent / f"{path.name.partition('.')[0]}.py"


# -- the store ---------------------------------------------------------------------------------------------------------


def digest(node: str) -> str:
    return hashlib.sha256(node.encode()).hexdigest()[: LINE - 1]


def lines(file: Path) -> frozenset[str]:
    """The whole lines of a file of the store; none where it is not there."""
    try:
        text = file.read_bytes().decode("ascii", "replace")
    except FileNotFoundError:
        return frozenset()
    return frozenset(line[:-1] for line in text.splitlines(keepends=True) if len(line) == LINE)


def keep(file: Path, line: str) -> None:
    """One write, so that workers side by side do not tear each other's lines."""
    file.parent.mkdir(exist_ok=True)
    with file.open("ab", buffering=0) as kept:
        kept.write(f"{line}\n".encode())


def forget(folder: Path) -> None:
    """Keep the newest files of each test file and machine."""
    by_name: dict[str, list[Path]] = {}
    for path in folder.glob("*"):
        by_name.setdefault(path.name.rpartition("-")[0], []).append(path)
    for files in by_name.values():
        for path in sorted(files, key=lambda file: file.stat().st_mtime_ns)[:-MOST_KEPT]:
            path.unlink(missing_ok=True)
