"""Every address of the office's application, with values that fit, so that no route is forgotten by a test of all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

LEARNER = "0123456789abcdef"
PARAMETERS = {
    "unit": "jia-atm-01",
    "site": "jia",
    "learner": LEARNER,
    "machine": "atm",
    "lesson": "withdraw-100",
    "id": "1",
    "name": "own-1",
    "number": "V-1",
    "part": "0",
    "bundle": "0123456789abcdef",
    "ticket": "none",
    "path": "zh/README.md",
}
ENDLESS = {"/events"}
"""Streams: a request without an end."""


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """(method, path with its parameters' names) of each route."""
    for route in _flat(app.routes):
        if isinstance(route, APIRoute):
            for method in sorted(route.methods or ()):
                yield method, route.path


def _flat(found: Any) -> Iterator[Any]:
    for route in found:
        yield route
        yield from _flat(getattr(route, "routes", None) or ())


def filled(path: str, **values: str) -> str:
    """The path with values for its parameters."""
    return re.sub(r"{(\w+)(?::path)?}", lambda one: {**PARAMETERS, **values}[one[1]], path)


def pages(app: FastAPI) -> list[str]:
    """Everything that a browser may look at."""
    return [path for method, path in routes(app) if method == "GET" and path not in ENDLESS]
