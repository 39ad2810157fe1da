"""Log lines tell what went wrong and nothing of anybody."""

from __future__ import annotations

import json
import logging

from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.unit.agent import log_lines

PRIVATE = (
    st.integers(0, 999_999).map(lambda n: f"l-{n:06d}")
    | st.integers(0, 2**64 - 1).map(lambda n: f"{n:016x}")
    | st.integers(10**5, 10**18).map(str)
)
PLAIN = st.text("abc xyz.:-", max_size=12).map(lambda text: f" {text} ")


@given(st.lists(st.tuples(PLAIN, PRIVATE)))
def test_nothing_of_anybody_is_left_and_the_rest_is(parts):
    line = log_lines.mask_line("".join(text + private for text, private in parts))
    assert not any(private in line for _, private in parts)
    assert all(text in line for text, _ in parts)


def test_the_last_lines_are_told_also_across_a_turned_file(tmp_path, monkeypatch):
    monkeypatch.setattr(log_lines, "FILE_BYTES", 2000)
    log = logging.getLogger("tests.lines")
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.setLevel(logging.INFO)
    try:
        log_lines.keep(tmp_path, "agent")
        for n in range(60):
            log.warning("turn %d of l-%06d", n, n)
    finally:
        for handler in set(root.handlers) - set(before):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
    told = log_lines.last(tmp_path, "agent")
    assert [line.split()[5] for line in told] == [str(n) for n in range(60 - len(told), 60)]
    assert len(told) > 20
    assert "l-0" not in "".join(told)


@given(st.lists(st.text(max_size=300), max_size=120), st.integers(200, 5000))
def test_the_message_fits(tmp_path_factory, said, limit):
    folder = tmp_path_factory.mktemp("lines")
    (folder / "screen.log").write_text("\n".join(said), errors="replace")
    words = log_lines.message(folder, 5, limit)
    assert len(words) <= limit
    assert json.loads(words)["agent"] == []
