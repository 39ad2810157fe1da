"""A RabbitMQ of our own with its MQTT plugin: a private folder, free ports on loopback, never the service of Debian.

The free engine that can be a cluster. Units and office meet it with the same code as a Mosquitto; what it lacks
(wildcards over retained messages, QoS 2, shared subscriptions) they never ask for. Two processes: Erlang's port mapper,
which would outlive us as a daemon if the node started it, and the node.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from importlib import resources
from pathlib import Path

from kiosk_firmware.system.mosquitto_program import BrokerError
from kiosk_firmware.system.tcp_port import listens
from kiosk_firmware.tools.demo.mosquitto import free_port

START_S = 120.0
PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Not the one in /usr/sbin, which becomes the service's own user and works in its folder."""


class Rabbit:
    """A node that runs until `close`; what it keeps survives `kill` and `start`."""

    def __init__(self, folder: Path) -> None:
        """Prepare `folder` and start.

        Raises:
            BrokerError: not installed, or it did not start; says what to do or what it said.
        """
        if not PROGRAM.exists() or shutil.which("epmd") is None:
            raise BrokerError("RabbitMQ is not installed; on Debian: apt-get install rabbitmq-server")
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder.resolve(), free_port()
        self._mapper_port, self._node_port = free_port(), free_port()
        text = resources.files("deploy.office").joinpath("rabbitmq.conf").read_text("utf-8")
        who = "anonymous_login_user = guest\nanonymous_login_pass = guest"
        (folder / "rabbitmq.conf").write_text(text.format(port=self.port, anonymous=who))
        (folder / "plugins").write_text("[rabbitmq_mqtt].\n")
        self._mapper = self._run("epmd", "-address", "127.0.0.1", "-port", str(self._mapper_port))
        self.start()

    def start(self) -> None:
        """Start the node and wait until it listens. Raises as the constructor."""
        self._node = self._run(str(PROGRAM))
        deadline = time.monotonic() + START_S
        while not listens(self.port):
            if self._node.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise BrokerError(f"RabbitMQ did not start on port {self.port}: {self._last_words()}")
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill it as a power cut would leave it, but for the disk."""
        self._end(self._node, signal.SIGKILL)

    def close(self) -> None:
        """End both processes; twice is fine."""
        self._end(self._node, signal.SIGKILL)
        self._end(self._mapper, signal.SIGTERM)

    def _run(self, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / "said").open("ab") as said:
            return subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=self._environment(),
                cwd=self.folder,
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        folder = str(self.folder)
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": folder,
            "LC_ALL": "C.UTF-8",
            "RABBITMQ_NODENAME": f"kiosk-{self.port}@localhost",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_DIST_PORT": str(self._node_port),
            "ERL_EPMD_PORT": str(self._mapper_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }

    def _end(self, process: subprocess.Popen[bytes], number: int) -> None:
        """End a process with what it started: the server's script has a child."""
        if process.poll() is None:
            os.killpg(process.pid, number)
        process.wait(30)

    def _last_words(self) -> str:
        return (self.folder / "said").read_text(errors="replace")[-800:]
