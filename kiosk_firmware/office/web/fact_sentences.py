"""A fact in a person's words: the arguments that its sentence needs. The sentences stand in `web/texts`."""

from __future__ import annotations

from typing import Any

from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.texts import Words
from kiosk_firmware.office.database.queries import StoredFact
from kiosk_firmware.office.fleet.display_names import DisplayNames
from kiosk_firmware.office.rollouts.failure_texts import reason


class Sentences:
    """Facts as sentences of one language."""

    def __init__(self, words: Words, names: DisplayNames, language: str) -> None:
        """Take `words`, the office's own texts."""
        self._words, self._names, self._language = words, names, language

    def say(self, key: str, **args: Any) -> str:
        """Return a text of the office by key."""
        return self._words.write(
            Text(key, tuple((name, _plain(value)) for name, value in args.items())), self._language
        )

    def why(self, detail: str) -> str:
        """Return why an update did not go on, where the unit's words have a known form; else its words."""
        known = reason(detail)
        return self.say(known[0], **known[1]) if known else detail

    def word(self, group: str, id_: str) -> str:
        """Return the word for an id of a closed list ("device", "outcome"…); the id itself where there is none."""
        key = f"{group}.{id_}"
        return self.say(key) if self._words.has(key) else id_

    def fact(self, told: StoredFact) -> str:
        """Return the fact as one sentence."""
        data = told.data
        args = dict(data)
        for name, group in (("at", "device"), ("missing", "device"), ("outcome", "outcome"), ("fault", "fault")):
            if name in data:
                args[name] = self._value_text(group, data[name])
        if "what" in data:
            args["what"] = self.word("what", str(data["what"]))
        machine = str(data.get("machine", ""))
        args["machine"] = self._names.machine(machine, self._language)
        args["lesson"] = self._names.lesson(machine, str(data.get("lesson", "")), self._language) or self.say(
            "run.free"
        )
        if told.type == "command.ended":
            args["ok"] = self.say("yes" if data.get("ok") else "no")
        if "act" in data:
            args["act"] = self.word("act", str(data["act"]))
            args["detail"] = self._detail(str(data.get("detail", "")))
        if told.type == "update.staged":
            args["what"], args["stage"] = self.word("artefact", data["kind"]), self.word("stage", data["stage"])
            args["detail"] = self.why(str(data.get("detail", "")))
        if told.type == "shell.staged":
            args["way"] = self.word("shell_way", str(data.get("way", "")))
            args["detail"] = self.word("shell_end", str(data.get("detail", "")))
        if "contact" in data:
            args["contact"] = self.word("contact", f"{data['contact']}-{'on' if data.get('on') else 'off'}")
        if "phase" in data:
            args["phase"] = self.word("call", str(data["end"] or data["phase"]))
        if "counted" in data:
            args["when"], args["off"] = self.word("when", str(data["when"])), self._off(data)
        if "fen" in data:
            args["fen_fen"] = data["fen"]  # the ending that makes a text show yuan
        if "step" in data:
            args["step"] = self._names.any_step(str(data["step"]), self._language)
        if "ms" in data:
            args["s"] = round(int(data["ms"]) / 1000)
        return self.say(_variant(told), **args)

    def _detail(self, id_: str) -> str:
        """Return a device or a fault by name; a reason as its id."""
        for group in ("device", "fault", "when"):
            if (found := self.word(group, id_)) != id_:
                return found
        return id_

    def _off(self, data: dict[str, Any]) -> str:
        """Return what does not add up: each kind with how many more or fewer there were."""
        counted, expected = data["counted"], data["expected"]
        off = {what: counted.get(what, 0) - n for what, n in expected.items() if counted.get(what, 0) != n}
        return "、".join(f"{self.piece(what)} {n:+d}" for what, n in off.items())

    def piece(self, what: str) -> str:
        """Return what is counted: a kind of thing, or money of a value (`fen.100`)."""
        return f"¥{int(what[4:]) / 100:g}" if what.startswith("fen.") else self.word("custody", what)

    def _value_text(self, group: str, value: Any) -> str:
        values = value if isinstance(value, list) else [value]
        return "、".join(self.word(group, str(one)) for one in values)


def _plain(value: Any) -> int | str:
    return value if isinstance(value, int | str) else str(value)


def _variant(told: StoredFact) -> str:
    """Return the key of a fact's sentence: a few facts have another one when something is wrong."""
    data = told.data
    key = f"fact.{told.type.replace('.', '-')}"
    if told.type == "unit.started" and data.get("missing"):
        return f"{key}-missing"
    if told.type == "shell.staged":
        return f"{key}-{data['stage']}"
    if told.type == "custody.counted" and not data.get("complete"):
        return f"{key}-off"
    return f"{key}-instead" if data.get("instead") else key
