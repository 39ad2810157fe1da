"""The command line: every command leads to a `main(name, arguments)`, and wrong words are answered in one line."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from kiosk_firmware import cli
from tests.house.tree import ROOT


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_its_main(command):
    """Read, not imported: some commands need what is not installed everywhere."""
    path = ROOT.joinpath(*cli.COMMANDS[command][0].split(".")).with_suffix(".py")
    mains = [n for n in ast.parse(path.read_text("utf-8")).body if isinstance(n, ast.FunctionDef) and n.name == "main"]
    assert [[a.arg for a in main.args.args] for main in mains] == [["name", "arguments"]], path
    assert [ast.unparse(main.returns) for main in mains] == ["int"]


def test_help_names_every_command(capsys):
    assert cli.main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"  {command} " in said for command in cli.COMMANDS)
    assert cli.main([]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dance"], "'dance' is no command"),
        (["play", "toaster"], "machine 'toaster': allowed are"),
        (["run", "--unit", "{state}", "--state", "nowhere"], "Is a directory"),
        (["agent", "--unit", "no-such-unit.toml", "--state", "{state}"], "no-such-unit.toml"),
        (["lessons", "check", "toaster"], "allowed are"),
    ],
)
def test_wrong_words_are_one_line(words, said, tmp_path):
    words = [word.format(state=tmp_path) for word in words]
    command = [sys.executable, "-P", "-m", "kiosk_firmware.cli", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
