"""The dashboard for a Grafana is what its provisioning takes, and asks only for figures that there are.

Source: Grafana, "Dashboard JSON model" (classic) and "Provision Grafana"; Grafana itself is not packaged for tests.
"""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import Any

import jsonschema
import pytest
import yaml

from kiosk_firmware.office.fleet import metrics
from tests.office.test_metrics import RULES, promtool

OFFICE = RULES.parent
BOARD: dict[str, Any] = json.loads((OFFICE / "grafana.dashboard.json").read_text("utf-8"))
EXPRESSIONS = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
PLACE = {"type": "object", "required": ["x", "y", "w", "h"], "additionalProperties": {"type": "integer", "minimum": 0}}
SOURCE = {"const": {"type": "prometheus", "uid": "${source}"}}
PANEL = {
    "type": "object",
    "required": ["id", "type", "title", "datasource", "gridPos", "targets", "fieldConfig", "options"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "type": {"enum": ["stat", "timeseries"]},
        "title": {"type": "string", "pattern": " · "},
        "datasource": SOURCE,
        "gridPos": PLACE,
        "targets": {
            "type": "array",
            "minItems": 1,
            "items": {"required": ["refId", "expr", "datasource"], "properties": {"datasource": SOURCE}},
        },
        "fieldConfig": {"required": ["defaults", "overrides"]},
    },
}
MODEL = {
    "type": "object",
    "required": [
        "id",
        "uid",
        "title",
        "tags",
        "timezone",
        "editable",
        "graphTooltip",
        "panels",
        "time",
        "templating",
        "annotations",
        "refresh",
        "schemaVersion",
        "version",
        "links",
    ],
    "properties": {
        "id": {"const": None},  # Grafana's own to give; another one's would be overwritten
        "uid": {"type": "string", "pattern": "^[a-zA-Z0-9_-]{8,40}$"},
        "editable": {"const": False},
        "schemaVersion": {"type": "integer", "minimum": 36},
        "panels": {"type": "array", "items": PANEL},
        "templating": {"properties": {"list": {"items": {"required": ["name", "type", "query"]}}}},
    },
    "not": {"required": ["__inputs"]},  # asked of people at an import, never of a file
}


def test_the_file_is_what_provisioning_takes():
    jsonschema.validate(BOARD, MODEL)
    provider = yaml.safe_load((OFFICE / "grafana.provider.yml").read_text("utf-8"))
    assert provider["apiVersion"] == 1
    (one,) = provider["providers"]
    assert one["type"] == "file"
    assert set(one["options"]) == {"path", "foldersFromFilesStructure"}


def test_every_figure_is_there_and_every_one_that_there_is_is_shown():
    named = {name for one in EXPRESSIONS for name in re.findall(r"\bkiosk_[a-z_]+", one)}
    assert named == set(metrics.HELP)


def test_every_variable_is_there():
    known = {one["name"] for one in BOARD["templating"]["list"]}
    assert set(re.findall(r"\$\{?([a-z]+)", json.dumps(BOARD))) <= {*known, "__all"}


def test_prometheus_understands_every_expression(tmp_path):
    rules = [{"record": f"kiosk:panel:{n}", "expr": one.replace("$site", ".*")} for n, one in enumerate(EXPRESSIONS)]
    path = tmp_path / "panels.rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    assert f"{len(EXPRESSIONS)} rules found" in promtool("check", "rules", str(path))


def test_panels_lie_beside_each_other():
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    places = [panel["gridPos"] for panel in BOARD["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]


@pytest.mark.parametrize("panel", BOARD["panels"], ids=lambda panel: panel["title"])
def test_what_is_several_lines_says_which_is_which(panel):
    if panel["type"] == "timeseries":
        assert all(target["legendFormat"] for target in panel["targets"])
