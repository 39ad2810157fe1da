"""Figures for a Prometheus: its own tool finds no fault in them, and its rules speak when they should."""

from __future__ import annotations

import shutil
import subprocess
import threading
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from kiosk_firmware.office.fleet import metrics
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.envelope import Fact, encode
from kiosk_firmware.wire.messages import ENCODE, Health, Status

NOW = 1_795_511_854_930
RULES = Path(__file__).parents[2] / "deploy" / "office" / "prometheus.rules.yml"


@pytest.fixture
def page(tmp_path):
    """Two units of one site; a fact is missing, one is lost, one cannot be read."""
    with closing(FactStore(tmp_path / "office.db")) as store:
        said = [("u-1", 1, "device.back", b'{"at":"gate"}'), ("u-1", 3, "moon.risen", b"{}")]
        said += [("u-2", 1, "storage.summarised", b'{"first":1,"last":1,"count":1}')]
        for unit, seq, kind, data in said:
            wire = encode("jia", unit, Fact("0123456789abcdef", seq, NOW, kind, data), "synced")
            store.apply([IncomingMessage(topics.topic("jia", unit, "evt", topics.fact_leaf(kind)), wire, NOW)])
        status = ENCODE(Status(True, "s", 1, "0", NOW, "atm"))
        health = ENCODE(Health(NOW, 1, 40, 1, 10**9, 0.1, "synced"))
        store.apply(
            [
                IncomingMessage("kiosk/v1/jia/u-1/status", status, NOW),
                IncomingMessage("kiosk/v1/jia/u-1/health", health, NOW),
            ]
        )
    return metrics.text(tmp_path / "office.db", NOW + 60_000)


def test_what_the_figures_say(page):
    lines = set(page.splitlines())
    assert {
        'kiosk_units{site="jia",state="online"} 1',
        'kiosk_units{site="jia",state="offline"} 1',
        'kiosk_unit_silent_seconds_max{site="jia"} 60',
        "kiosk_facts_told 4",
        "kiosk_facts_lost 1",
        "kiosk_facts_missing 1",
        "kiosk_facts_missing_oldest_seconds 60",
        "kiosk_quarantine 1",
        'kiosk_backlog_facts{site="jia"} 40',
        'kiosk_alerts_open{kind="unknown"} 1',
        "kiosk_last_heard_seconds 60",
    } <= lines


def test_the_server_answers_one_path(tmp_path):
    FactStore(tmp_path / "office.db").close()
    with metrics.server(tmp_path / "office.db", 0) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        base = f"http://127.0.0.1:{made.server_address[1]}"
        with urllib.request.urlopen(f"{base}/metrics", timeout=20) as answer:
            assert answer.headers["Content-Type"] == metrics.CONTENT
            assert b"kiosk_facts_told 0" in answer.read()
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{base}/", timeout=20)
        made.shutdown()
        thread.join()


def promtool(*words: str, said: str | None = None) -> str:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("no promtool here; on Debian: apt-get install prometheus")
    done = subprocess.run([program, *words], input=said, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_promtool_finds_no_fault(page):
    assert promtool("check", "metrics", said=page) == ""
    assert "6 rules found" in promtool("check", "rules", str(RULES))


def test_every_rule_speaks_when_it_should_and_only_then(tmp_path):
    series = {
        "kiosk_facts_lost": "0x30 5x60",
        "kiosk_facts_missing_oldest_seconds": "0x30 900x60",
        "kiosk_last_heard_seconds": "5x30 400x60",
        'kiosk_units{site="jia",state="online"}': "3x30 0x60",
        'kiosk_units{site="jia",state="offline"}': "0x30 3x60",
        'kiosk_backlog_facts{site="jia"}': "0x30 6000+100x60",
        "kiosk_quarantine": "0x30 1x60",
    }
    names = [rule["alert"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    when = {"FactsLost": "35m", "KeptAside": "35m"}
    silent = [{"alertname": name, "eval_time": "20m", "exp_alerts": []} for name in names]
    loud = [{"alertname": name, "eval_time": when.get(name, "85m"), "exp_alerts": [{}]} for name in names]
    body = {"rule_files": [str(RULES)], "evaluation_interval": "1m"}
    input_series = [{"series": name, "values": values} for name, values in series.items()]
    group = {"interval": "1m", "input_series": input_series}
    path = tmp_path / "rules.test.yml"
    path.write_text(yaml.safe_dump({**body, "tests": [{**group, "alert_rule_test": silent}]}))
    assert "SUCCESS" in promtool("test", "rules", str(path))
    for test in loud:  # what it says in full is not compared: the tool tells what it got
        path.write_text(yaml.safe_dump({**body, "tests": [{**group, "alert_rule_test": [test]}]}))
        done = subprocess.run(["promtool", "test", "rules", str(path)], capture_output=True, text=True)
        got = (done.stdout + done.stderr).replace(" ", "").replace("\n", "")
        assert "got:[" in got, test["alertname"]
        assert "got:[]" not in got, test["alertname"]
