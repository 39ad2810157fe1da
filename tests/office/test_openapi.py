"""Whatever the office's own description of itself allows, and much that it does not, is answered in order.

Requests are made by schemathesis from the OpenAPI document: by an administrator, whom no right stops short of the code
behind, and by nobody. The document itself is not served.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.web import access_control
from kiosk_firmware.wire.messages import ENCODE, Health
from tests.office.pages import Office, Visitor, cheap

__all__ = ["cheap"]
pytestmark = pytest.mark.long
ENDLESS = ("/events", "/leave")
"""A stream that has no end, and the way out, which would end the session."""
UNIT = "jia-atm-01"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(access_control, "RATE", 1e9)
        patched.setattr(access_control, "BURST", 1e9)
        made = Office(tmp_path_factory.mktemp("office"))
        yield made
        made.close()


@pytest.fixture(scope="module")
def chief(office: Office) -> Visitor:
    return office.come("chief")


@pytest.fixture(scope="module")
def described(office: Office) -> schemathesis.BaseSchema:
    """The office as it describes itself, with a unit that is there."""
    now = utc_ms()
    office.unit(UNIT, health=ENCODE(Health(now, 5, 2, 9, 8 << 30, 0.1, "rtc", 51.0)).decode())
    made = schemathesis.openapi.from_dict(office.app.openapi())
    made.app = office.app
    return made


def each(described: schemathesis.BaseSchema, examples: int, check: Callable[[schemathesis.Case], None]) -> None:
    """Meet every operation with so many requests; all that went wrong is told at once."""
    wrong = []
    often = settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    for found in described.get_all_operations():
        operation = found.ok()
        if operation.path in ENDLESS:
            continue
        try:
            often(given(operation.as_strategy())(check))()
        except Exception as error:  # an AssertionError of ours, or whatever the page let through
            wrong.append(f"{operation.method.upper()} {operation.path}: {error!r} {getattr(error, '__notes__', '')}")
    assert not wrong, "\n".join(wrong)


def test_no_request_is_too_much_for_an_administrators_page(described, chief):
    def check(case: schemathesis.Case) -> None:
        said = case.call(headers={"X-CSRF-Token": chief.word, "Host": "testserver"}, cookies=dict(chief._cookies))
        assert said.status_code < 500, case.as_curl_command()
        assert "script-src 'self'" in said.headers["content-security-policy"][0]

    each(described, 40, check)


def test_nobody_gets_past_the_door(described):
    def check(case: schemathesis.Case) -> None:
        said = case.call(headers={"Host": "testserver"}, allow_redirects=False)
        if case.formatted_path.startswith(access_control.OPEN):
            assert said.status_code < 500
        elif case.method == "GET":
            assert (said.status_code, said.headers["location"]) == (303, ["/login"])
        else:
            assert said.status_code == 401

    each(described, 10, check)
