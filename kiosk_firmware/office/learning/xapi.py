"""Runs as xAPI 1.0.3 statements with the cmi5 profile, made at the office for other people's learning stores.

An actor is an account whose name is a keyed hash with a key of this export alone: within one export a person's runs
belong together, and nobody, not even the site that knows the numbers, can tell from the file whose they are. Each run
becomes `initialized`, `passed` or `failed`, and `terminated`, in one registration.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk_firmware.office.learning.statistics import RunSample

BASE = "https://kiosk.invalid"
VERBS = "http://adlnet.gov/expapi/verbs"
CMI5 = {"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}
MOVE_ON = {"id": "https://w3id.org/xapi/cmi5/context/categories/moveon"}
SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, BASE)


def statements(runs: Iterable[RunSample], key: bytes) -> Iterator[dict[str, Any]]:
    """Yield three statements a run, in the order of time. `key`: fresh for each export, and forgotten after it."""
    for n, run in enumerate(runs):
        name = f"{run.site}/{run.learner}/{run.machine}/{run.lesson}/{run.started_ms}/{n}"
        session = hmac.digest(key, name.encode(), "sha256").hex()[:32]
        end = run.started_ms + run.ms
        judged = "passed" if run.outcome == "done" else "failed"
        result = {"success": run.outcome == "done", "duration": _span(run.ms)}
        score = {"scaled": 1.0 if run.unaided else 0.5 if run.outcome == "done" else 0.0}
        yield _one(run, key, session, "initialized", run.started_ms, None, [CMI5])
        yield _one(run, key, session, judged, end, {**result, "score": score}, [CMI5, MOVE_ON])
        yield _one(run, key, session, "terminated", end, {"duration": _span(run.ms)}, [CMI5])


def _one(
    run: RunSample,
    key: bytes,
    session: str,
    verb: str,
    at_ms: int,
    result: dict[str, Any] | None,
    categories: list[Any],
) -> dict[str, Any]:
    actor = hmac.digest(key, f"{run.site}/{run.learner}".encode(), "sha256").hex()[:24]
    made: dict[str, Any] = {
        "id": str(uuid.uuid5(_SPACE, f"{session}/{verb}")),
        "actor": {"objectType": "Agent", "account": {"homePage": BASE, "name": actor}},
        "verb": {"id": f"{VERBS}/{verb}", "display": {"en": verb}},
        "object": {"objectType": "Activity", "id": f"{BASE}/machines/{run.machine}/lessons/{run.lesson}"},
        "context": {
            "registration": str(uuid.uuid5(_SPACE, session)),
            "contextActivities": {"category": categories, "grouping": [{"id": f"{BASE}/machines/{run.machine}"}]},
            "extensions": {SESSION: session},
        },
        "timestamp": (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)).isoformat(),
    }
    return made if result is None else {**made, "result": result}


def _span(ms: int) -> str:
    """Write a span in ISO 8601, to the hundredth of a second."""
    return f"PT{ms / 1000:.2f}S"
