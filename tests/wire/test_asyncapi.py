"""Code and contract, both ways: `asyncapi.yaml` has all that the code says and listens to, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import jsonschema
import msgspec
import pytest
import yaml

from kiosk_firmware.unit.agent import health
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.visit.wire import messages as calls
from kiosk_firmware.wire import messages, topics
from kiosk_firmware.wire.envelope import LIMIT, Fact, encode
from kiosk_firmware.wire.facts import FACTS
from tests.wire.rig import settings

ROOT = Path(__file__).parents[2]
PATH = ROOT / "kiosk_firmware" / "wire" / "asyncapi.yaml"
CHECK = ROOT / "tests" / "office" / "asyncapi"
DOCUMENT = yaml.safe_load(PATH.read_text("utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
SMALL = (
    messages.Status,
    messages.Health,
    messages.Ack,
    messages.Command,
    messages.Reply,
    messages.Central,
    messages.Now,
    messages.Reported,
    messages.LogLines,
)
CALLS = ("call", topics.UP), ("call", topics.DOWN)
EPOCH = "0123456789abcdef"


def addresses() -> dict[str, str]:
    return {name: channel["address"] for name, channel in DOCUMENT["channels"].items()}


def test_the_asyncapi_parser_finds_no_fault():
    if shutil.which("node") is None or not (CHECK / "node_modules").exists():
        pytest.skip("no node or no parser here: ./kiosk setup test")
    done = subprocess.run(["node", "check.mjs", str(PATH)], cwd=CHECK, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_topic_of_the_code_is_in_the_contract_and_no_other():
    facts = {topics.topic("{site}", "{unit}", "evt", topics.fact_leaf(fact)) for fact in FACTS}
    flat = {topics.topic("{site}", "{unit}", channel) for channel in ("status", "health", "ack", "glass", "now", "log")}
    with_id = {topics.topic("{site}", "{unit}", channel, "{command}") for channel in ("cmd", "res")}
    two = ("cfg", ""), ("cfg", topics.REPORTED), ("trust", topics.ASK), ("trust", topics.ANSWER), *CALLS
    trusted = {topics.topic("{site}", "{unit}", channel, leaf) for channel, leaf in two}
    assert set(addresses().values()) == facts | flat | with_id | trusted | {topics.CENTRAL}


def test_the_unit_listens_to_what_it_receives_and_the_office_to_what_it_sends():
    office = (*topics.office_filters(), *topics.call_filters())
    filters = {"receive": topics.unit_filters("jia", "jia-atm-01"), "send": office}
    for operation in DOCUMENT["operations"].values():
        name = operation["channel"]["$ref"].rpartition("/")[2]
        address = addresses()[name].format(site="jia", unit="jia-atm-01", command="c-1")
        heard = [one for one in filters[operation["action"]] if matches(one, address)]
        assert len(heard) == 1, (address, heard)


@pytest.mark.parametrize(("message", "words"), [("CallUp", calls.Up), ("CallDown", calls.Down)])
def test_a_visits_words_are_those_of_the_code(message, words):
    said = DOCUMENT["components"]["messages"][message]["payload"]["properties"]["type"]["enum"]
    assert said == sorted(one.__struct_config__.tag for one in get_args(words))


def matches(pattern: str, topic: str) -> bool:
    ours, theirs = pattern.split("/"), topic.split("/")
    return len(ours) == len(theirs) and all(a in ("+", b) for a, b in zip(ours, theirs, strict=True))


def plain(schema):
    """Without words and defaults, which a reader of JSON does not see."""
    if isinstance(schema, dict):
        return {key: plain(value) for key, value in schema.items() if key not in ("title", "description", "default")}
    return [plain(value) for value in schema] if isinstance(schema, list) else schema


def test_every_shape_is_the_same():
    shapes = (*FACTS.values(), *SMALL)
    _, made = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    assert {name: plain(SCHEMAS[name]) for name in SCHEMAS if name != "Envelope"} == plain(made)


def payload(message: str):
    body = DOCUMENT["components"]["messages"][message]["payload"]
    return jsonschema.Draft7Validator(
        {**body, "components": DOCUMENT["components"]}, format_checker=jsonschema.FormatChecker()
    )


def sample(shape: type[msgspec.Struct]) -> dict:
    """A value for each field, made from its schema."""
    values = {"string": "x", "integer": 3, "array": ["x"], "object": {"n": 1}, "number": 1.5, "boolean": True}
    schema = msgspec.json.schema(shape)["$defs"][shape.__name__]["properties"]
    return {k: v["enum"][0] if "enum" in v else values[v["type"]] if "type" in v else None for k, v in schema.items()}


@pytest.mark.parametrize("fact", FACTS)
def test_an_encoded_fact_is_valid_and_a_broken_one_is_not(fact):
    data = sample(FACTS[fact])
    wire = json.loads(
        encode("jia", "jia-atm-01", Fact(EPOCH, 7, 1_795_511_854_930, fact, json.dumps(data).encode()), "rtc")
    )
    name = "".join(word.capitalize() for word in fact.split("."))
    payload(name).validate(wire)
    required = next(iter(SCHEMAS[FACTS[fact].__name__]["required"]))
    with pytest.raises(jsonschema.ValidationError):
        payload(name).validate({**wire, "data": {k: v for k, v in data.items() if k != required}})
    with pytest.raises(jsonschema.ValidationError):
        payload(name).validate({**wire, "seq": 0})


def test_small_messages_are_valid(tmp_path):
    agent = Agent(settings(1), tmp_path)
    status = json.loads(agent._status(True))
    agent.close()
    payload("Status").validate(status)
    payload("Health").validate(json.loads(messages.ENCODE(health.read_health(tmp_path, 1000, (2, 500), 0.91, 0, 1))))
    payload("Ack").validate(json.loads(messages.ENCODE(messages.Ack(EPOCH, 3, 9, [4, 5]))))
    payload("Command").validate(json.loads(messages.ENCODE(messages.Command("c-1", "watch", {"until": 5}, 5))))
    payload("Reply").validate(json.loads(messages.ENCODE(messages.Reply("c-1", "expired"))))
    payload("Now").validate(json.loads(messages.ENCODE(messages.Now(5, "guest", "atm", "qinghe", step="pin"))))
    payload("Log").validate(json.loads(messages.ENCODE(messages.LogLines(5, ["a"], []))))
    payload("Reported").validate(json.loads(messages.ENCODE(messages.Reported(3, "refused", "why"))))
    payload("Central").validate(json.loads(messages.ENCODE(messages.Central(True, 5))))


def test_a_fact_too_large_travels_as_a_summary_of_itself():
    huge = json.dumps({"run": "x" * LIMIT, "fault": "y"}).encode()
    wire = encode("jia", "jia-atm-01", Fact(EPOCH, 7, 0, "fault.struck", huge), "guess")
    assert len(wire) <= LIMIT
    assert json.loads(wire)["data"] == {"first": 7, "last": 7, "count": 1}
    payload("StorageSummarised").validate(json.loads(wire))
