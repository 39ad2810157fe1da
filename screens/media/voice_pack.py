"""A pack of recordings: a folder of short WAV files and `pack.json`, which says what each of them says.

A sentence is spoken from the pack when it can be put together from its clips without a gap (`cover`): whole texts are
one clip each, texts with holes are their parts, numbers the few words that they are made of. The fewest clips win, as
each seam can be heard. A sentence with a gap is left to the synthesised voice as a whole: half a sentence in another
voice is harder to follow than all of it. Signs and spaces are not heard, so they do not count.
"""

from __future__ import annotations

import io
import json
import re
import wave
from pathlib import Path

import msgspec

from kiosk_firmware.system.durable_files import write_whole

RATE = 16_000
"""Samples a second; one channel, 16 bits."""
PAUSE_MS = 60
"""Silence at a seam."""
INDEX = "pack.json"
_SILENT = re.compile(r"[^\w]+")


class Index(msgspec.Struct):
    """`pack.json`: the language whose texts are spoken, and the file of each sound by what is said."""

    language: str
    clips: dict[str, str] = {}


class VoicePack:
    """The recordings of one folder."""

    def __init__(self, folder: Path, index: Index) -> None:
        """See `opened`."""
        self.folder, self.index = folder, index
        self._by_sound = {sounded_letters(said): file for said, file in index.clips.items()}
        self._longest = max(map(len, self._by_sound), default=0)

    def cover(self, sentence: str) -> list[str] | None:
        """Return the files that say the sentence, as few as possible; None where something in it was never recorded."""
        sound = sounded_letters(sentence)
        best: list[tuple[str, ...] | None] = [(), *([None] * len(sound))]
        for end in range(1, len(sound) + 1):
            for start in range(max(0, end - self._longest), end):
                before, file = best[start], self._by_sound.get(sound[start:end])
                here = best[end]
                if before is not None and file and (here is None or len(before) + 1 < len(here)):
                    best[end] = (*before, file)
        found = best[-1]
        return list(found) if found else None

    def said(self, sentence: str) -> bytes | None:
        """Return the sentence as one WAV file; None where there is a gap, or a file cannot be read."""
        files = self.cover(sentence)
        try:
            return join_parts([samples(self.folder / file) for file in files]) if files else None
        except (OSError, ValueError, EOFError, wave.Error):
            return None

    def add(self, said: str, pcm: bytes) -> None:
        """Keep a new recording of `said`; it is on disk when this returns."""
        file = self.index.clips.get(said) or f"{1 + len(self.index.clips):05d}.wav"
        write_whole(self.folder / file, join_parts([pcm]))
        self.index.clips[said] = file
        self._by_sound[sounded_letters(said)] = file
        self._longest = max(self._longest, len(sounded_letters(said)))
        text = json.dumps(msgspec.to_builtins(self.index), ensure_ascii=False, indent=1, sort_keys=True)
        write_whole(self.folder / INDEX, text.encode())


def open_pack(folder: Path, language: str = "") -> VoicePack:
    """Open the pack in a folder; with `language`, a new one where there is none.

    Raises:
        ValueError: pack.json is missing or wrong, or is of another language; names file and what is allowed.
    """
    path = folder / INDEX
    if language and not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        return VoicePack(folder, Index(language))
    try:
        index = msgspec.json.decode(path.read_bytes(), type=Index)
    except (OSError, msgspec.DecodeError) as error:
        raise ValueError(f"{path}: {error}; allowed is what `kiosk voices record` writes") from error
    if language and index.language != language:
        raise ValueError(f"{path}: language = {index.language!r}: allowed is {language!r}")
    return VoicePack(folder, index)


def sounded_letters(sentence: str) -> str:
    """Return what is heard of a sentence: letters in lower case, no signs, no spaces."""
    return _SILENT.sub("", sentence).replace("_", "").lower()


def samples(path: Path) -> bytes:
    """Read the samples of a clip.

    Raises:
        ValueError: it is not one channel of 16 bits at RATE.
    """
    with wave.open(str(path), "rb") as clip:
        form = (clip.getnchannels(), clip.getsampwidth(), clip.getframerate())
        if form != (1, 2, RATE):
            raise ValueError(f"{path}: {form}: allowed is one channel, 2 bytes, {RATE} a second")
        return clip.readframes(clip.getnframes())


def join_parts(parts: list[bytes]) -> bytes:
    """Join the parts, one after the other, as a WAV file."""
    pause = b"\0\0" * (RATE * PAUSE_MS // 1000)
    whole = io.BytesIO()
    with wave.open(whole, "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(RATE)
        clip.writeframes(pause.join(parts))
    return whole.getvalue()
