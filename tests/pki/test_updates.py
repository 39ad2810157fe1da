"""The unit's side of an update: signed, for this unit, whole, newer; fetched by its certificate, told as it goes."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import random
import socket
import ssl
import threading
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader, site_content
from kiosk_firmware.office.pki.enrolment_server import listen
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.office.rollouts import download_server
from kiosk_firmware.office.rollouts.bundle_store import KEYRING, Artefact, BundleStore
from kiosk_firmware.office.rollouts.main import main as office_update
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.unit.agent import updates
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.unit.agent.file_download import CutError, fetch
from kiosk_firmware.unit.agent.updates import UpdateService
from kiosk_firmware.wire import private_keys, signed_document
from kiosk_firmware.wire.enrolment_messages import CONTENT, UPDATE, Content, Update
from tests.deploy import board
from tests.deploy.board import bundle, program, signer
from tests.pki.rig import HOST, Office, wait
from tests.wire.rig import query

FUTURE_MS = 86_400_000


class Shop:
    """The office's shelf, served; and, test after test, another unit's agent as far as updates go."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.units = folder, 0
        self.office = Office(folder)
        self.office.open_desk()
        self.bundles = BundleStore(folder / "office")
        self.maker = signer(folder, "maker")
        write_whole(self.bundles.folder / KEYRING, self.maker[1].read_bytes(), 0o644)
        self.server = download_server.server(self.bundles, self.office.place)
        listening = listen(HOST, 0)
        self.bundles.served(f"{HOST}:{listening.getsockname()[1]}")
        self._thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listening]})
        self._thread.start()
        wait(lambda: self.server.started, "the shelf")

    def begin(self) -> None:
        """A unit that was never met."""
        self.units += 1
        self.name = f"jia-atm-{self.units:02d}"
        self.unit = self.office.trusted(self.name)
        self._life()

    def _life(self, version: str = "0.1.0") -> None:
        self.db = AgentDb(self.unit.state / "agent.db", self.name)
        self.updating = UpdateService(self.name, self.unit.state, self.db, now_ms, version, random.Random(1))
        self.now = 0.0

    def end(self) -> None:
        self.updating.close()
        self.db.close()

    def another_life(self, version: str = "0.1.0") -> None:
        self.end()
        self._life(version)

    def on_shelf(self, version: str, by=None) -> Artefact:
        made = self.folder / f"system-{version}-{(by or self.maker)[1].stem}.raucb"
        made = made if made.exists() else bundle(self.folder, version, by or self.maker)
        if by is None:
            assert office_update(["add", str(made), "--state", str(self.folder / "office")]) == 0
            return self.bundles.one("system", version)
        return self.put(version, made.read_bytes())

    def put(self, version: str, data: bytes) -> Artefact:
        """As nobody's command would: past the shelf's own look."""
        name = hashlib.sha256(data).hexdigest()
        self.bundles.path(name).write_bytes(data)
        return Artefact("system", version, len(data), name, 1)

    def order(self, what: Artefact, name: str = "rollout-1", **changed) -> str:
        made = Update(
            self.name, name, what.kind, what.version, what.size, what.sha256, now_ms() + FUTURE_MS, self.bundles.address
        )
        document = self.office.place.seal_update(msgspec.structs.replace(made, **changed)).decode()
        return self.updating.start_update({"order": name, "document": document})

    def until(self, *stages: str) -> None:
        def there() -> bool:
            self.now += 1000
            self.updating.turn(self.now)
            return self.stages()[-len(stages) :] == list(stages)

        try:
            wait(there, str(stages))
        except AssertionError:
            raise AssertionError(f"told was {self.told()}") from None

    def told(self) -> list[dict]:
        rows = query(self.unit.state / "agent.db", "SELECT data FROM facts WHERE type = 'update.staged' ORDER BY seq")
        return [json.loads(data) for (data,) in rows]

    def stages(self) -> list[str]:
        return [one["stage"] for one in self.told()]

    def root_says(self, *lines: str) -> None:
        self.updating.folder.mkdir(exist_ok=True)
        with (self.updating.folder / "progress").open("a") as file:
            file.writelines(f"1 {line}\n" for line in lines)

    def close(self) -> None:
        self.server.should_exit = True
        self._thread.join()
        self.office.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = Shop(tmp_path_factory.mktemp("shop"))
    yield made
    made.close()


@pytest.fixture
def shop(house, tmp_path, monkeypatch):
    shipped = (board.UPDATE / "system.conf").read_text().replace("/etc/rauc/keyring.pem", str(house.maker[1]))
    (tmp_path / "system.conf").write_text(shipped)
    monkeypatch.setattr(updates, "RAUC", (program("rauc"), f"--conf={tmp_path / 'system.conf'}"))
    house.begin()
    yield house
    house.end()


def test_ordered_fetched_asked_for_and_told_on_to_the_end(shop):
    what = shop.on_shelf("0.2.0")
    assert shop.order(what, window="01:00 04:00") == ""
    shop.until("downloading", "waiting")
    folder = shop.updating.folder
    assert (folder / "request").read_text() == "rollout-1\n"
    assert (folder / "window").read_text() == "01:00 04:00\n"
    assert hashlib.sha256((folder / "system.raucb").read_bytes()).hexdigest() == what.sha256
    shop.root_says("waiting not between 01:00 and 04:00", "installing", "trying")
    with (folder / "progress").open("a") as file:
        file.write("1 kep")  # half written when the power went
    shop.until("waiting", "installing", "trying")
    shop.another_life("0.2.0")  # the new system's agent, on trial
    assert shop.order(what) == "", "the same order again is nothing new"
    with (folder / "progress").open("a") as file:
        file.write("t\n")
    shop.until("kept")
    assert not (folder / "system.raucb").exists()
    assert {one["order"] for one in shop.told()} == {"rollout-1"}
    assert {one["version"] for one in shop.told()} == {"0.2.0"}
    shop.another_life("0.2.0")
    shop.updating.turn(1e6)
    assert shop.stages().count("kept") == 1, "told once"


@pytest.mark.parametrize("stage", ["downloading", "waiting"])
def test_stick_that_is_refused_is_told_and_ends_no_order(shop, stage):
    what = shop.on_shelf("0.2.0")
    assert shop.order(what) == ""
    shop.until(*(["downloading"] if stage == "downloading" else ["downloading", "waiting"]))
    shop.root_says("refused new.raucb: no signature of the makers")
    shop.until(*(["refused", "waiting"] if stage == "downloading" else ["waiting", "refused"]))
    said = next(one for one in shop.told() if one["stage"] == "refused")
    assert (said["order"], said["detail"]) == ("stick", "new.raucb: no signature of the makers")
    assert (shop.updating.folder / "request").read_text() == "rollout-1\n"
    assert (shop.updating.folder / "system.raucb").exists()
    shop.root_says("installing", "trying")
    shop.until("installing", "trying")
    assert shop.told()[-1]["order"] == "rollout-1"


def test_a_cut_goes_on_where_it_was(shop, tmp_path):
    """The connection is lost halfway: what came stays, and only the rest is asked for."""
    data = bytes(range(256)) * 4096
    what = shop.put("0.2.0", data)
    into, halt = tmp_path / "part", threading.Event()
    into.write_bytes(data[:300_000])
    with closing(Wire(shop.bundles.address)) as wire:
        wire.most = 200_000
        with pytest.raises(CutError):
            fetch(shop.unit.member, wire.address, what.sha256, what.size, into, halt)
        have = into.stat().st_size
        assert 300_000 < have < len(data)
        wire.most = 1 << 30
        fetch(shop.unit.member, wire.address, what.sha256, what.size, into, halt)
        assert wire.passed < len(data) - have + 100_000, "the rest alone"
    assert into.read_bytes() == data


def test_foreign_changed_and_mislabelled_bundles_are_refused(shop):
    """What the shelf's look would not let in, and somebody put there all the same."""
    for n, (what, said) in enumerate(
        (
            (shop.on_shelf("0.2.0", signer(shop.folder, "somebody")), "signature"),
            (shop.put("0.2.1", b"not a bundle"), "bundle"),
            (msgspec.structs.replace(shop.on_shelf("0.3.0"), version="0.4.0"), "ordered was 0.4.0"),
        )
    ):
        assert shop.order(what, f"rollout-{n}") == ""
        shop.until("downloading", "refused")
        assert said in shop.told()[-1]["detail"].lower()
        assert not (shop.updating.folder / "request").exists()


def test_file_that_is_another_one_is_not_taken(shop):
    what = shop.on_shelf("0.2.0")
    path = shop.bundles.path(what.sha256)
    good = path.read_bytes()
    path.write_bytes(good[:1000] + b"x" + good[1001:])
    shop.order(what)
    shop.until("refused")
    assert "not the one" in shop.told()[-1]["detail"]
    path.write_bytes(good)


def test_an_order_that_is_none_changes_nothing_and_is_told(shop):
    for changed, said in (
        ({"unit": "jia-atm-99"}, f"this is {shop.name}"),
        ({"version": "0.0.9"}, "none older"),
        ({"version": "newest"}, "numbers with dots"),
        ({"until_ms": 1}, "time is over"),
        ({"window": "at night"}, "18:00"),
    ):
        assert said in shop.order(Artefact("system", "0.2.0", 1, "0" * 64, 1), **changed)
        assert (shop.told()[-1]["stage"], shop.told()[-1]["order"]) == ("refused", "rollout-1")
    assert (len(shop.told()), shop.updating.folder.exists()) == (5, False)


def test_only_the_offices_signer_orders(shop):
    made = Update(shop.name, "rollout-1", "system", "9.0.0", 1, "0" * 64, now_ms() + FUTURE_MS)
    own = signed_document.seal(
        UPDATE, made, private_keys.load(shop.unit.member.certificate), shop.unit.member.chain()
    ).decode()
    assert "allowed is a signer" in shop.updating.start_update({"document": own})
    genuine = shop.office.place.seal_update(made).decode()
    assert "was changed" in shop.updating.start_update({"document": genuine.replace("9.0.0", "9.0.1")})
    assert "no signed file" in shop.updating.start_update({"document": "{}"})
    assert shop.updating.system.held.command is None


def test_stopped_while_nothing_is_installed_and_not_after(shop):
    shop.order(shop.on_shelf("0.2.0"))
    shop.until("waiting")
    assert shop.updating.stop_update({"order": "rollout-7"}) == "", "another one's is no matter of ours"
    assert shop.updating.stop_update({"order": "rollout-1"}) == ""
    assert shop.stages()[-1] == "stopped"
    assert (shop.updating.folder / "request").read_text() == "stop\n"
    shop.order(shop.bundles.one("system", "0.2.0"), "rollout-2")
    shop.until("waiting")
    shop.root_says("installing")
    shop.until("installing")
    assert "installing" in shop.updating.stop_update({"order": "rollout-2"})
    assert "is being tried" in shop.order(shop.bundles.one("system", "0.2.0"), "rollout-3")
    shop.root_says("returned the new system did not come up")
    shop.until("returned")


def test_what_a_stick_brings_is_told_as_the_sticks(shop):
    shop.root_says("waiting somebody is practising", "installing", "trying")
    shop.until("waiting", "installing", "trying")
    shop.another_life("0.3.0")
    shop.root_says("kept")
    shop.until("kept")
    assert {one["order"] for one in shop.told()} == {"stick"}
    assert shop.told()[-1]["version"] == "0.3.0"


def test_content_is_fetched_taken_and_told_by_the_same_way(shop):
    """The installer runs in a process of its own; content that it refuses is told as refused, and changes nothing."""
    key = min(machine_loader.machine_texts("atm").keys("zh"))
    for version, text, stage in ((7, "说法", "kept"), (8, "{nobody}", "refused")):
        content = Content(version, texts=(("atm", "zh", f'{key} = "{text}"'),))
        data = shop.office.place.seal(CONTENT, content)
        file = shop.folder / f"{version}.kcontent"
        file.write_bytes(data)
        assert office_update(["add", str(file), "--state", str(shop.folder / "office")]) == 0
        assert shop.order(shop.bundles.one("content", str(version)), f"rollout-{version}") == ""
        shop.until("downloading", stage)
    assert site_content.number(shop.unit.state) == 7
    assert "{nobody}" in shop.told()[-1]["detail"]
    assert "none older" in shop.order(Artefact("content", "6", 1, "0" * 64, 1), "rollout-9")


def test_root_is_left_whether_the_broker_is_reached(shop):
    path = shop.updating.folder / "reached"
    for is_reached in (True, False, True):
        shop.updating.turn(1.0, is_reached)
        assert path.exists() is is_reached
    assert path.read_bytes() == updates.BOOT.read_bytes(), "this start's name: one of an earlier start says nothing"


def test_content_does_not_push_a_waiting_system_aside(shop):
    shop.order(shop.on_shelf("0.2.0"), "rollout-1", window="01:00 04:00")
    shop.until("waiting")
    shop.order(Artefact("content", "9", 1, "0" * 64, 1), "rollout-2")
    shop.now += 1000
    shop.updating.turn(shop.now)
    assert (shop.updating.folder / "request").exists()
    assert (shop.updating.folder / "window").read_text() == "01:00 04:00\n"
    shop.root_says("installing")
    shop.until("installing")
    assert shop.told()[-1]["order"] == "rollout-1"


def test_order_without_a_shelf_waits_for_its_stick(shop):
    """The signed order and the USB drive's bundle meet on the unit."""
    what = shop.on_shelf("0.2.0")
    shop.order(what, address="")
    shop.updating.turn(1e3)
    shop.root_says("installing", "trying")
    shop.until("downloading", "installing", "trying")
    shop.another_life("0.2.0")
    shop.root_says("kept")
    shop.until("kept")
    assert shop.told()[-1]["order"] == "rollout-1"


def test_what_runs_already_is_kept_at_once(shop):
    shop.order(Artefact("system", "0.1.0", 1, "0" * 64, 1))
    assert shop.told()[-1] == {
        "order": "rollout-1",
        "kind": "system",
        "version": "0.1.0",
        "stage": "kept",
        "detail": "it runs already",
    }


def test_strangers_and_revoked_units_get_nothing(shop, tmp_path):
    what, halt = shop.put("0.2.0", b"x" * 1000), threading.Event()
    other = shop.office.trusted("jia-rail-02")
    fetch(other.member, shop.bundles.address, what.sha256, what.size, tmp_path / "one", halt)
    shop.office.register.revoke("jia-rail-02", now_ms())
    shop.office.place.authority.revoke(shop.office.register.revoked(), now_ms())
    with pytest.raises(CutError):
        fetch(other.member, shop.bundles.address, what.sha256, what.size, tmp_path / "two", halt)
    with pytest.raises((OSError, http.client.HTTPException)):
        without_certificate(shop.bundles.address, shop.unit.member.root_file, what.sha256)
    fetch(shop.office.trusted("jia-gate-03").member, shop.bundles.address, what.sha256, what.size, tmp_path / "4", halt)


def without_certificate(address: str, root: Path, name: str) -> bytes:
    host, _, port = address.rpartition(":")
    line = http.client.HTTPSConnection(host, int(port), timeout=30, context=ssl.create_default_context(cafile=root))
    with closing(line):
        line.request("GET", f"/{name}")
        return line.getresponse().read()


class Wire:
    """Between a unit and the shelf: passes bytes on, and breaks after so many of the shelf's."""

    def __init__(self, far: str) -> None:
        self._far, self.most, self.passed = far.rpartition(":")[::2], 1 << 30, 0
        self._door = socket.create_server((HOST, 0))
        self.address = f"{HOST}:{self._door.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            far = socket.create_connection((self._far[0], int(self._far[1])))
            self.passed = 0
            threading.Thread(target=_copy, args=(near, far, lambda n: True), daemon=True).start()
            _copy(far, near, self._counted)

    def _counted(self, n: int) -> bool:
        self.passed += n
        return self.passed < self.most

    def close(self) -> None:
        self._door.close()


def _copy(source, sink, more) -> None:
    with contextlib.suppress(OSError):
        while (data := source.recv(65536)) and more(len(data)):
            sink.sendall(data)
    for one in (source, sink):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
