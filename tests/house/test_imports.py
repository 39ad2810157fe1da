"""Who may import whom: the contracts of pyproject.toml, run by import-linter.

A contract may name a package that is not built yet; such a name is left out here, so that the rest is held from the
first day. Nothing is left out silently the other way: a package that stands in no layer fails.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.application.use_cases import read_user_options
from importlinter.cli import lint_imports

from tests.house.tree import ROOT, exists, module_name, python_files, tree

CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = CONFIG["contracts"]
INTERNAL = tuple(CONFIG["root_packages"])


def is_buildable(module: str) -> bool:
    """False only for a module of ours that no file provides (a wildcard is as real as its parent)."""
    return not module.startswith(INTERNAL) or exists(module.removesuffix(".**").removesuffix(".*"))


def present(modules: list[str]) -> list[str]:
    return [m for m in modules if is_buildable(m.strip("()"))]


def reduced(contract: dict[str, object]) -> dict[str, object] | None:
    """The contract without what is not built; None when nothing is left to hold."""
    result = dict(contract)
    for key in ("source_modules", "forbidden_modules", "modules"):
        if key in result:
            result[key] = present(result[key])
            if not result[key]:
                return None
    if "layers" in result:
        layers = [" | ".join(present(layer.split(" | "))) for layer in result["layers"]]
        result["layers"] = [layer for layer in layers if layer]
    if "ignore_imports" in result:
        result["ignore_imports"] = [
            line for line in result["ignore_imports"] if all(map(is_buildable, line.split(" -> ")))
        ]
    return result


def write_config(path: Path, contract: dict[str, object]) -> Path:
    """An .ini of one contract; lists are one item a line."""

    def lines(options: dict[str, object]) -> list[str]:
        return [f"{k} = " + ("\n    ".join(["", *v]) if isinstance(v, list) else str(v)) for k, v in options.items()]

    common = {k: v for k, v in CONFIG.items() if k != "contracts"} | {"root_packages": present(list(INTERNAL))}
    text = ["[importlinter]", *lines(common), "[importlinter:contract:one]", *lines(contract)]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("contract", CONTRACTS, ids=[c["name"] for c in CONTRACTS])
def test_contract_is_kept(contract, tmp_path, capsys, monkeypatch):
    small = reduced(contract)
    if small is None:
        pytest.skip("nothing of it is built yet")
    monkeypatch.chdir(ROOT)
    code = lint_imports(config_filename=str(write_config(tmp_path / "contract.ini", small)), no_cache=True)
    assert code == 0, capsys.readouterr().out


def packages() -> set[str]:
    """Every package directly below ours, and those below `visit`, which stand in layers of their own."""
    inside = {"kiosk_firmware": ROOT / "kiosk_firmware", "kiosk_firmware.visit": ROOT / "kiosk_firmware" / "visit"}
    found = {
        f"{name}.{path.stem}"
        for name, folder in inside.items()
        for path in folder.iterdir()
        if (path.suffix == ".py" and path.stem not in ("__init__", "__main__")) or (path / "__init__.py").exists()
    }
    return (found - set(inside)) | set(INTERNAL) - {"kiosk_firmware"}


def test_every_package_stands_in_a_layer():
    placed = {m for layer in CONTRACTS[0]["layers"] for m in re.findall(r"[\w.]+", layer)}
    assert packages() <= placed, f"give {sorted(packages() - placed)} a place in the layers of pyproject.toml"


def imports() -> dict[str, set[str]]:
    """Module → modules of ours that it imports anywhere, late imports and those for types included."""
    modules = {module_name(path): path for path in python_files(*INTERNAL)}
    return {name: set(imported(path)) & set(modules) - {name} for name, path in modules.items()}


def imported(path: Path) -> Iterator[str]:
    """Yield what each import statement may name: the module, and the module of each name in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield node.module


def folders(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Folder → folders that any of its own files imports from; a folder inside another is one of its own."""
    homes = {m: m if (ROOT / m.replace(".", "/")).is_dir() else m.rpartition(".")[0] for m in graph}
    result: dict[str, set[str]] = {home: set() for home in homes.values()}
    for module, targets in graph.items():
        result[homes[module]] |= {homes[target] for target in targets} - {homes[module]}
    return result


def in_circles(graph: dict[str, set[str]]) -> list[str]:
    """Return what lies on a circle or between two: all that is left when leaves and heads are taken away."""
    graph = dict(graph)
    while leaves := [name for name, targets in graph.items() if not targets & graph.keys()]:
        for name in leaves:
            del graph[name]
    while heads := graph.keys() - {target for targets in graph.values() for target in targets}:
        for name in heads:
            del graph[name]
    return sorted(graph)


def test_no_files_import_each_other_in_a_circle():
    assert not in_circles(imports())


def test_no_folders_import_each_other_in_a_circle():
    assert not in_circles(folders(imports()))


def test_a_circle_is_found():
    assert in_circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}) == ["b", "c"]
    graph = {"deploy.a": {"screens.b"}, "screens.b": set(), "screens.c": {"deploy.d"}, "deploy.d": set()}
    assert not in_circles(graph)
    assert in_circles(folders(graph)) == ["deploy", "screens"]


def test_contracts_are_readable():
    """The file as a developer runs it (`lint-imports`) holds the same contracts."""
    options = read_user_options(str(ROOT / "pyproject.toml"))
    assert [c["name"] for c in options.contracts_options] == [c["name"] for c in CONTRACTS]


def test_a_breach_is_found(tmp_path, capsys, monkeypatch):
    """The checker itself can fail: core may not lean on msgspec alone, so forbidding it must be noticed."""
    monkeypatch.chdir(ROOT)
    contract = {
        "name": "sham",
        "type": "forbidden",
        "source_modules": ["kiosk_firmware.core"],
        "forbidden_modules": ["msgspec"],
    }
    assert lint_imports(config_filename=str(write_config(tmp_path / "contract.ini", contract)), no_cache=True) == 1
    capsys.readouterr()
