"""The launcher installs what is missing, once, and nothing the second time.

It is run whole, in a folder of its own, with stand-ins for the programs that would reach out (apt-get behind sudo,
pip, npm); each stand-in writes down how it was called. The real installation is what every fresh machine and CI does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest

from kiosk_firmware.office.web import vendored_assets
from tests.house.tree import ROOT, files

NODE_HOMES = ("tests/office/asyncapi", "tests/office/axe", "tests/hardware/peers")
ASSETS, SUMS = "deploy/office/assets", "kiosk_firmware/office/web/vendor.sha256"
VENDOR = "kiosk_firmware/office/web/static/vendor"
COPIED = (
    "kiosk",
    "requirements.lock",
    "requirements-test.lock",
    "requirements-docs.lock",
    *(f"{home}/package-lock.json" for home in NODE_HOMES),
    f"{ASSETS}/package.json",
    f"{ASSETS}/package-lock.json",
    SUMS,
    "screens/pictures/pictures.toml",
    "screens/pictures/own/tea.svg",
    "deploy/person_svg.py",
    "deploy/document_svg.py",
)
PACKAGE = re.compile(r"(@[^/]+/)?[^/]+")
STANDINS = {
    "id": "echo 1000",
    "sudo": 'echo "sudo $*" >>"$CALLS"',
    "apt-get": 'echo "apt-get $*" >>"$CALLS"',
    "dpkg-query": '[ "${!#}" != "$LACKING" ] && printf installed',
    "npm": 'echo "npm $*" >>"$CALLS"; mkdir -p "${!#}/node_modules"; cp -r "$BROUGHT"/. "${!#}/node_modules"',
    **dict.fromkeys(
        (
            "mosquitto",
            "espeak-ng",
            "Xvfb",
            "chromium",
            "chromedriver",
            "node",
            "gcc",
            "make",
            "swig",
            "nft",
            "udevadm",
            "usbguard-rule-parser",
            "rauc",
            "mksquashfs",
        ),
        "exit 0",
    ),
}
PYTHON = """case "$*" in
    "-m pip --version") ;;
    "-c import sysconfig"*) echo "$SITE" ;;
    *) echo "python $*" >>"$CALLS" ;;
esac
case "$*" in
    "-m pip install"*) exit "${PIP_EXIT-0}" ;;
    "-P -m kiosk_firmware.cli"*) exit "${CLI_EXIT-0}" ;;
    "-m pytest"*) exit "${PYTEST_EXIT-0}" ;;
esac"""


class Clone:
    """A fresh copy of what the launcher needs, with every door to the outside replaced."""

    def __init__(self, root):
        self.root, self.calls = root / "clone", root / "calls"
        for name in COPIED:
            target = self.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
        self.standins = root / "bin"
        for name, body in STANDINS.items():
            self.program(self.standins / name, body)
        self.program(self.root / ".venv" / "bin" / "python", PYTHON)
        self.site = self.root / ".venv" / "site"
        self.site.mkdir()

    @staticmethod
    def program(path, body):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def run(self, *arguments, lacking="", **environment):
        """Exit code, and what was called meanwhile."""
        self.calls.write_text("", encoding="utf-8")
        own = {"CALLS": str(self.calls), "LACKING": lacking, "SITE": str(self.site), "BROUGHT": str(ROOT / VENDOR)}
        variables = {**own, **environment}
        path = f"{self.standins}:{os.environ['PATH']}"
        done = subprocess.run(
            [self.root / "kiosk", *arguments],
            env={**os.environ, **variables, "PATH": path},
            capture_output=True,
            text=True,
        )
        return done.returncode, self.calls.read_text(encoding="utf-8")


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


def test_first_start_installs_and_second_does_not(clone):
    code, calls = clone.run("play", "atm")
    assert code == 0
    assert "pip install" in calls
    assert "--require-hashes" in calls
    assert calls.count("python -m deploy.generate_pictures") == 1
    assert calls.count("npm ci") == 1, "what the office's pages need in a browser"
    assert (clone.site / "training-kiosk.pth").read_text(encoding="utf-8").strip() == str(clone.root)
    assert clone.run("play", "atm") == (0, "python -P -m kiosk_firmware.cli play atm\n")


def test_a_missing_package_is_asked_of_apt(clone):
    code, calls = clone.run("setup", "run", lacking="libegl1")
    assert code == 0
    assert calls.splitlines()[0].startswith("sudo env DEBIAN_FRONTEND=noninteractive bash")
    assert " kiosk libegl1\n" in calls


def test_what_pages_need_is_fetched_once_checked_and_fetched_again_when_it_is_not_there(clone, tmp_path):
    names = [line.split()[1] for line in (ROOT / SUMS).read_text(encoding="ascii").splitlines()]
    licensed = {name.removesuffix("/LICENSE") for name in names if name.endswith("/LICENSE")}
    assert licensed == {"htmx.org", "uplot", "@tabler/icons"}, "Fluent Emoji's lies in screens/pictures"
    assert clone.run("setup", "assets")[1].count("npm ci") == 1
    assert sorted(
        path.relative_to(clone.root / VENDOR).as_posix() for path in (clone.root / VENDOR).rglob("*") if path.is_file()
    ) == sorted(names)
    assert clone.run("setup", "assets") == (0, "")
    for spoil in (lambda path: path.unlink(), lambda path: path.write_bytes(b"another's")):
        spoil(clone.root / VENDOR / names[1])
        code, calls = clone.run("play", "atm")
        assert (code, calls.count("npm ci")) == (0, 1)
    other = tmp_path / "other"
    shutil.copytree(ROOT / VENDOR, other)
    (other / names[1]).write_bytes(b"what nobody chose")
    (clone.root / VENDOR / names[1]).unlink()
    assert clone.run("play", "atm", BROUGHT=str(other))[0] == 1
    assert not (clone.root / VENDOR / names[1]).exists(), "it is not taken"


def test_others_work_is_not_in_the_repository_and_is_what_was_chosen():
    """Neither names where it was fetched from; the versions are the lock's, to the bit."""
    assert not [path for path in files() if "vendor/" in str(path) or str(path).endswith((".min.js", ".min.css"))]
    lock = json.loads((ROOT / ASSETS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert all(row["integrity"].startswith("sha512-") and "resolved" not in row for name, row in lock.items() if name)
    assert vendored_assets.wrong() == []
    assert {name.partition("node_modules/")[2] for name in lock if name} == {
        PACKAGE.match(line.split()[1])[0] for line in (ROOT / SUMS).read_text(encoding="ascii").splitlines()
    }


def test_what_only_full_counts_need_comes_with_them(clone):
    assert "rabbitmq" not in clone.run("test", lacking="rabbitmq-server")[1]
    code, calls = clone.run("test", "--long", lacking="rabbitmq-server")
    assert code == 0
    assert " kiosk rabbitmq-server\n" in calls
    assert calls.endswith("--long\n")
    assert "apt-get" not in clone.run("test", "--long")[1]


def test_tests_need_more_and_include_the_rest(clone):
    code, calls = clone.run("setup")
    assert code == 0
    assert "requirements-test.lock" in calls
    assert all(any("npm ci" in line and line.endswith(home) for line in calls.splitlines()) for home in NODE_HOMES)
    for job in ("run", "bench", "test"):
        assert clone.run("setup", job) == (0, "")


def test_a_changed_pin_is_installed(clone):
    clone.run("setup", "run")
    with (clone.root / "requirements.lock").open("a", encoding="utf-8") as lock:
        lock.write("# changed\n")
    assert "pip install" in clone.run("setup", "run")[1]


def test_a_failed_install_is_tried_again(clone):
    assert clone.run("setup", "run", PIP_EXIT="1")[0] == 1
    code, calls = clone.run("setup", "run")
    assert code == 0
    assert "pip install" in calls


def test_documents_are_built_from_a_lock_of_their_own_and_without_a_network_the_second_time(clone):
    """Neither the demo's packages nor a browser's files are asked for; who is set up for tests needs nothing more."""
    code, calls = clone.run("docs")
    assert code == 0
    assert "requirements-docs.lock" in calls
    assert "npm" not in calls
    assert "apt-get" not in calls
    again = (0, "python -m mkdocs build --strict --clean\n")
    assert clone.run("docs") == again
    clone.run("setup", "run")
    assert clone.run("docs") == again
    clone.program(clone.root / "requirements-docs.lock", "")
    assert "pip install" in clone.run("docs")[1]
    clone.run("setup", "test")
    clone.program(clone.root / "requirements-docs.lock", "another")
    assert clone.run("docs") == again
    assert clone.run("docs", "more")[0] == 2


@pytest.mark.parametrize(("arguments", "code"), [((), 2), (("help",), 0), (("--help",), 0), (("setup", "all"), 2)])
def test_words_that_need_no_setup(clone, arguments, code):
    assert clone.run(*arguments) == (code, "")


@pytest.mark.parametrize("code", [0, 1, 2])
def test_exit_code_is_the_commands_own(clone, code):
    assert clone.run("config", "check", CLI_EXIT=str(code))[0] == code


@pytest.mark.parametrize(("pytest_code", "code"), [(0, 0), (1, 1), (2, 1), (3, 1), (4, 2), (5, 1)])
def test_exit_code_of_the_tests(clone, pytest_code, code):
    assert clone.run("test", "-k", "nothing", PYTEST_EXIT=str(pytest_code))[0] == code


@pytest.mark.parametrize("words", [("--vectors", "there"), ("--vectors=there",)])
def test_vectors_are_meant_from_where_the_caller_stands(clone, words, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, calls = clone.run("test", *words)
    assert code == 0
    assert calls.splitlines()[-1] == f"python -m tests.hardware.vector_run {tmp_path}/there"
    assert "-m pytest" not in calls


@pytest.mark.parametrize("words", [("--vectors",), ("--vectors", "there", "-k", "ssp"), ("-x", "--vectors=there")])
def test_nothing_else_goes_with_vectors(clone, words):
    code, calls = clone.run("test", *words)
    assert code == 2
    assert "vector_run" not in calls
