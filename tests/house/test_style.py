"""How the source is written: the linter's rules, and the limits that no linter knows.

A file opens with what it holds; importing a module does nothing; nothing is left to be done later; nothing names a
machine or a registry. How long files and functions are is reported after the run (`sizes.py`) and judged by people.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import yaml

from tests.house.tree import PACKAGES, ROOT, files, name, python_files, text, tree

SOURCES = python_files(*PACKAGES)
ALL_PYTHON = python_files(*PACKAGES, "tests")
LATER = re.compile(r"\b(TO[D]O|FIX[M]E)\b")  # brackets, since this file is read too
HOSTS = re.compile(r"py[p]i\.org|python[h]osted\.org|[n]pmjs\.|[n]pmmirror|deb\.[d]ebian\.org|pi[w]heels\.org")
MACHINE_PATHS = re.compile(r"(?<![\w.$}~-])/(work|tmp|root)/")
RIDDLE = re.compile(
    r"(what|whatever|who|whom|whose|whoever|whether|where|when|how|which|why|nobody|somebody)\b", re.IGNORECASE
)
NO_VERB = re.compile(  # what ruff's D401 takes for a verb because it does not know the word
    r"(`|\*|All|Another|As|At|Both|By|Bytes|Each|Every|Everybody|Everything|For|From|In|Its|Keys|Lines|Milliseconds|No"
    r"|Nothing|On|One|Only|Rows|Seconds|Something|Those|Three|To|Two|With|Without)(?![\w-])"
)
DECLARES = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)


def each(paths: Iterable[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """One test over all files, which names each that is wrong: a test a file would weigh on every start of pytest."""

    def over(rule: Callable[[Path], None]) -> Callable[[], None]:
        def test() -> None:
            wrong = {}
            for path in paths:
                try:
                    rule(path)
                except AssertionError as error:
                    wrong[name(path)] = str(error)
            assert not wrong, wrong

        return test

    return over


@pytest.mark.parametrize("words", [("check",), ("format", "--check")], ids=["linter", "formatter"])
def test_ruff_finds_nothing(words):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *words, "--quiet", "."], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_hooks_before_a_commit_run_what_is_run_here():
    """The environment's own ruff, and nothing that a network would have to bring."""
    repos = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    hooks = [(repo["repo"], hook["entry"], hook["language"]) for repo in repos for hook in repo["hooks"]]
    assert sorted(hooks) == [("local", f".venv/bin/ruff {verb}", "system") for verb in ("check", "format")]


@each(SOURCES)
def test_file_opens_with_its_theory(path):
    assert ast.get_docstring(tree(path)), "no docstring"


@each(SOURCES)
def test_public_things_say_what_they_are(path):
    defined = [n for n in tree(path).body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    assert not [n.name for n in defined if not n.name.startswith("_") and not ast.get_docstring(n)]


@each(SOURCES)
def test_docstrings_begin_with_what_a_thing_is_or_does(path):
    """No riddle: neither a relative clause without its noun, nor somebody without a name."""
    things = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    docs = [ast.get_docstring(n) for n in ast.walk(tree(path)) if isinstance(n, things)]
    assert not [doc for doc in docs if doc and RIDDLE.match(doc)]


@each(SOURCES)
def test_docstrings_of_functions_begin_with_a_verb(path):
    """Properties are named as what they are; ruff's D401 holds all other first words."""
    functions = [n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    acts = [n for n in functions if not any("property" in ast.unparse(one) for one in n.decorator_list)]
    assert not [n.name for n in acts if NO_VERB.match(ast.get_docstring(n) or "")]


@each(SOURCES)
def test_annotations_are_postponed(path):
    body = tree(path).body
    assert len(body) <= 1 or "from __future__ import annotations" in path.read_text(encoding="utf-8")


@each(SOURCES)
def test_importing_does_nothing(path):
    """A statement that stands alone at the top of a module would act on import."""
    acts = [n for n in tree(path).body if isinstance(n, ast.Expr | ast.For | ast.While | ast.With | ast.Delete)]
    assert not [n.lineno for n in acts if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]


@each([p for p in SOURCES if p.name == "__init__.py"])
def test_init_only_declares(path):
    assert not [n.lineno for n in tree(path).body[1:] if not isinstance(n, DECLARES)]


def catches_everything(handler: ast.ExceptHandler) -> bool:
    """Whether a handler swallows any exception; one that only tidies up and raises it again does not."""
    broad = isinstance(handler.type, ast.Name) and handler.type.id in ("Exception", "BaseException")
    return broad and not any(isinstance(n, ast.Raise) and n.exc is None for n in handler.body)


@each(SOURCES)
def test_catching_everything_has_its_reason(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    handlers = [n for n in ast.walk(tree(path)) if isinstance(n, ast.ExceptHandler) and catches_everything(n)]
    around = {h.lineno: "".join(lines[h.lineno - 2 : h.lineno + 1]) for h in handlers}
    assert not [line for line, near in around.items() if "#" not in near]


@each([p for p in files() if text(p) is not None])
def test_text_is_clean(path):
    content = text(path)
    assert not LATER.search(content), "something is left to be done later"
    assert not HOSTS.search(content), "names a registry's host"
    found = MACHINE_PATHS.search(content)
    assert not found, f"names a path of one machine: {content[found.start() - 20 : found.end() + 20]!r}"
