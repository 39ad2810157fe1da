"""The card's image: what its configuration says, held to the rules by which rpi-image-gen judges it before it builds.

The rules are those of its own documents (docs/config, docs/layer, image-rota's image.adoc). Where a copy of
rpi-image-gen lies on the machine (`RPI_IMAGE_GEN=DIR`), its own engine plans the image too: layers found and ordered,
each variable judged. The image itself is not built: that needs a container or the right to mount.
"""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.test_encrypted_data import program
from tests.house.tree import ROOT

IMAGE = ROOT / "deploy" / "image"
CONFIGS = sorted((IMAGE / "rpi-image-gen" / "config").glob("*.yaml"))
LAYER = IMAGE / "rpi-image-gen" / "layer" / "training-kiosk.yaml"
FIELDS = {
    "Layer-Name",
    "Layer-Desc",
    "Layer-Description",
    "Layer-Category",
    "Layer-Version",
    "Layer-Requires",
    "Layer-Provides",
    "Layer-RequiresProvider",
    "Layer-AfterProvider",
    "Layer-Conflicts",
    "Layer-Type",
    "Layer-Generator",
    "Layer-Sets",
    "VarPrefix",
    "VarRequires",
    "VarRequires-Valid",
}
OF_A_VARIABLE = {"Desc", "Description", "Required", "Valid", "Set", "Anchor", "Triggers", "Conflicts"}
VALID = re.compile(r"string(-or-\w+)?|bool|int(:.+)?|size|capacity|file(-nzero)?|dir|regex:.+|keywords:.+|[\w,.-]+")
SIZE = re.compile(r"[0-9]+[kKmMgGsS]?|[1-9][0-9]*%")
BOARDS = {"rpi4": "pi4", "rpi5": "pi5"}
"""Device layers, and the classes that image-rota takes: cm4, pi4, cm5, pi5."""
LAYERS = {"debian-trixie-arm64", "rpi-debian-trixie", "systemd-net-min", "systemd-timesyncd"}
"""Those of rpi-image-gen's that a unit is made of: no ssh server, no Wi-Fi, no second user."""
SLOTS = {"boot_a", "boot_b", "system_a", "system_b"}
"""GPT names of image-rota."""


def fields() -> dict[str, str]:
    """The layer's metadata: field → value, continued lines joined."""
    text = LAYER.read_text().partition("# METABEGIN\n")[2].partition("# METAEND")[0]
    lines = [line.removeprefix("#").removeprefix(" ") for line in text.splitlines()]
    joined = re.sub(r"\n +", " ", "\n".join(lines))
    found = re.findall(r"^X-Env-([^:]+):[ \t]*(.*)$", joined, re.MULTILINE)
    assert len(found) == len([line for line in joined.splitlines() if line.strip()]), "only fields, each on its line"
    assert len(dict(found)) == len(found), "no field twice"
    return dict(found)


def hooks() -> list[str]:
    body = yaml.safe_load(LAYER.read_text().partition("# METAEND\n---\n")[2])
    assert set(body) == {"mmdebstrap"}
    assert set(body["mmdebstrap"]) == {"packages", "customize-hooks"}
    found: list[str] = body["mmdebstrap"]["customize-hooks"]
    return found


def config(path: Path) -> dict[str, dict[str, object]]:
    """A configuration with what it includes, as rpi-image-gen merges them: section by section, ours last."""
    own = yaml.safe_load(path.read_text())
    included = own.pop("include", None)
    base = config(path.with_name(included["file"])) if included else {}
    return {name: {**base.get(name, {}), **own.get(name, {})} for name in {*base, *own}}


def test_layer_says_only_what_a_layer_may_say():
    found = fields()
    variables = {key.split("-")[1] for key in found if key.startswith("Var-")}
    for key in found:
        if key.startswith("Var-"):
            assert len(key.split("-", 2)) == 2 or key.split("-", 2)[2] in OF_A_VARIABLE, key
        else:
            assert key in FIELDS, key
    assert found["Layer-Name"] == LAYER.stem
    assert re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", found["Layer-Version"])
    for name in variables:
        assert found[f"Var-{name}-Desc"].endswith(".")
        assert found[f"Var-{name}-Required"] in ("y", "n")
        assert found[f"Var-{name}-Set"] in ("y", "n", "immediate", "lazy", "force", "skip")
        assert VALID.fullmatch(found[f"Var-{name}-Valid"])


def test_hooks_are_shell_and_name_only_what_there_is():
    found = fields()
    known = {f"IGconf_{found['VarPrefix']}_{key.split('-')[1]}" for key in found if key.startswith("Var-")}
    known |= set(found["VarRequires"].split(","))
    for hook in hooks():
        assert subprocess.run(["sh", "-n", "-c", hook], capture_output=True).returncode == 0, hook
        assert set(re.findall(r"\$(IG\w+)", hook)) <= known, hook
        for name in re.findall(r'_assetdir/([^"]+)"', hook):
            assert (IMAGE / name).is_file(), name
    installer = next(hook for hook in hooks() if "--lock" in hook)
    assert "install.sh" in installer, "the installer that the tests run, and no other way"
    assert installer.endswith("--data /dev/disk/by-partlabel/kiosk-data")


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_configuration_is_one_that_the_image_layer_takes(path):
    made = config(path)
    assert set(made) == {"device", "image", "layer"}
    for section in made.values():
        assert all(isinstance(value, str | int) for value in section.values()), "sections hold plain values"
    assert made["device"]["layer"] in BOARDS
    assert made["device"]["user1sudo"] == "none"
    assert made["image"]["layer"] == "image-rota"
    assert made["image"]["rootfs_type"] in ("erofs", "ext4")
    assert made["image"]["pmap"] in ("clear", "crypt", "cryptslots", "cryptdata")
    for key in ("boot_part_size", "system_part_size", "data_part_size"):
        assert SIZE.fullmatch(str(made["image"][key])), key
    assert set(made["layer"].values()) == {*LAYERS, fields()["Layer-Name"]}


def test_partitions_have_the_same_names_everywhere():
    """RAUC writes them, the image makes them, data.sh opens them."""
    table = (IMAGE / "card.sfdisk").read_text()
    assert re.findall(r"name=(\w+)", table) == ["bootconfig", "boot_a", "boot_b", "system_a", "system_b"], (
        "the firmware reads them by number"
    )
    rauc = configparser.ConfigParser()
    rauc.read(ROOT / "deploy" / "unit" / "update" / "system.conf")
    devices = {rauc[name]["device"] for name in rauc.sections() if name.startswith("slot.")}
    assert devices == {f"/dev/disk/by-partlabel/{name}" for name in SLOTS}
    partition = configparser.ConfigParser()
    partition.optionxform = str  # type: ignore[assignment,method-assign]
    partition.read(IMAGE / "data-partition.conf")
    assert partition["Partition"]["Label"] == "kiosk-data"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", partition["Partition"]["Type"])


def test_data_partition_is_made_once_on_the_rest_of_the_card(tmp_path):
    """By systemd-repart itself, on an image of our partitions that was written to a larger card."""
    repart, sfdisk = program("systemd-repart"), program("sfdisk")
    if subprocess.run([repart, "--version"], capture_output=True).returncode:
        pytest.skip("systemd-repart does not start on this machine")
    card, definitions = tmp_path / "card.img", tmp_path / "repart.d"
    definitions.mkdir()
    (definitions / "50-kiosk-data.conf").write_text((IMAGE / "data-partition.conf").read_text())
    names = ("bootconfig", *sorted(SLOTS), "persistent")
    with card.open("wb") as file:
        file.truncate(64 << 20)
    table = "label: gpt\n" + "".join(f"size=8M,name={name}\n" for name in names)
    subprocess.run([sfdisk, "-q", str(card)], input=table, text=True, check=True, capture_output=True)
    os.truncate(card, 2 << 30)
    seen = []
    for _ in range(2):
        words = [repart, "--dry-run=no", f"--definitions={definitions}", str(card)]
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        seen.append(subprocess.run([sfdisk, "-d", str(card)], capture_output=True, text=True, check=True).stdout)
    assert re.findall(r'name="([^"]+)"', seen[0]) == [*names, "kiosk-data"]
    assert seen[0] == seen[1]


class Engine:
    """A copy of rpi-image-gen, and its own two stages before a build."""

    def __init__(self, top: Path, scratch: Path) -> None:
        self.top, self.scratch = top, scratch

    def run(self, *words: object) -> str:
        command = [sys.executable, str(self.top / "bin" / "ig"), *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=IMAGE)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def environment(self, path: Path, *overrides: str) -> str:
        """Registry and configuration read; what the machine that builds would add."""
        over, user = self.scratch / "over", self.scratch / "user"
        over.write_text("".join(f"{line}\n" for line in overrides))
        registry = self.run("metadata", "--emit", self.top / "registry.defs")
        self.run("config", "--path", IMAGE / "config", path, "--overrides", over, "--write-to", user)
        machine = {
            "DEB_BUILD_ARCH": "arm64",
            "DEB_HOST_ARCH": "arm64",
            "DEB_BUILD_GNU_TYPE": "aarch64-linux-gnu",
            "DEB_HOST_GNU_TYPE": "aarch64-linux-gnu",
            "TOOLCHAIN_MODE": "native",
            "IGTOP": self.top,
            "IGROOT": self.top,
            "LAYER_HOOKS": self.top / "layer-hooks",
            "RPI_TEMPLATES": self.top / "templates" / "rpi",
            "DYNROOT": self.scratch,
            "SRCROOT": IMAGE,
        }
        return registry + user.read_text() + "".join(f'{name}="{value}"\n' for name, value in machine.items())

    def plan(self, environment: str) -> list[str]:
        """The layers in their order; each variable was judged."""
        env, plan, top = self.scratch / "env", self.scratch / "plan", self.top
        env.write_text(environment)
        layers = re.findall(r'^IGconf_(?:device_layer|image_layer|layer_\w+)="?([^"\n]+)', environment, re.MULTILINE)
        where = f"src={IMAGE}/layer:ig={top}/layer:dev={top}/device:image={top}/image:DYNlayer={self.scratch}"
        self.run(
            "pipeline",
            "--env-in",
            env,
            "--layers",
            "essential",
            *layers,
            "--path",
            where,
            "--env-out",
            self.scratch / "out",
            "--plan-out",
            plan,
        )
        return [line.partition(":")[0] for line in plan.read_text().splitlines()]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_rpi_image_gen_itself_plans_the_image(path, tmp_path):
    top = Path(os.environ.get("RPI_IMAGE_GEN", ""))
    if not (top / "bin" / "ig").is_file():
        pytest.skip("no copy of rpi-image-gen: RPI_IMAGE_GEN=DIR")
    pytest.importorskip("debian.deb822", reason="rpi-image-gen needs python-debian")
    bundle = tmp_path / "kiosk-unit-0-arm64.tar"
    bundle.write_bytes(b"bundle")
    engine = Engine(top, tmp_path)
    plan = engine.plan(engine.environment(path, f"IGconf_trainingkiosk_bundle={bundle}"))
    assert plan[-1] == "training-kiosk", "the kiosk last, on all that it stands on"
    assert not {"openssh-server", "iwd", "wireless-regulatory", "network-manager"} & set(plan)
    assert "image-rota" in plan
