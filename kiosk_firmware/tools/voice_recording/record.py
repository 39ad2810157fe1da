"""Recording, one line after the other, at a desk without a network: a native speaker, a microphone, the Enter key.

Each take is cut where the speaker is silent and looked at before it is kept: too quiet, too loud or empty takes are
asked for again with the reason. What is kept is on disk at once; whoever stops goes on later where it ended.
"""

from __future__ import annotations

import array
import subprocess
from collections.abc import Callable, Iterable

from kiosk_firmware.tools.voice_recording.speaker_script import ScriptLine
from screens.media.voice_pack import RATE, VoicePack, join_parts

RECORDER = ("arecord", "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(RATE))
PLAYER = ("aplay", "-q", "-")
SILENCE = 400
"""A sample below this is silence (of 32,767)."""
QUIET, LOUD = 3_000, 32_700
"""A take whose loudest sample is below is too quiet; above, it is clipped."""
SHORTEST_MS, MARGIN_MS = 150, 80

Ask = Callable[[str], str]


def record(
    pack: VoicePack,
    lines: Iterable[ScriptLine],
    ask: Ask,
    recorder: tuple[str, ...] = RECORDER,
    player: tuple[str, ...] = PLAYER,
) -> int:
    """Go through the lines; returns how many were kept. `ask` shows a prompt and returns what was typed.

    Raises:
        ValueError: the recorder cannot be started; names it.
    """
    kept = 0
    for line in lines:
        print(f"\n  {line.said}\n  ({line.keys[0]})")
        while (word := ask("Enter: record · s: leave it out · q: stop ")) not in ("s", "q"):
            pcm = trim_silence(take(recorder, ask))
            if wrong := flaw(pcm):
                print(f"  once more: {wrong}")
            elif _pleases(pcm, ask, player):
                pack.add(line.said, pcm)
                kept += 1
                break
        if word == "q":
            break
    return kept


def take(recorder: tuple[str, ...], ask: Ask) -> bytes:
    """Return what was said until Enter."""
    try:
        running = subprocess.Popen(recorder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise ValueError(f"{recorder[0]}: {error}; Debian's package alsa-utils has it") from error
    with running:
        ask("  speak now; Enter when done ")
        running.terminate()
        pcm, _ = running.communicate()
    return pcm[: len(pcm) // 2 * 2]


def trim_silence(pcm: bytes) -> bytes:
    """Cut the silence before and after off the take."""
    sound = array.array("h", pcm)
    loud = [at for at, sample in enumerate(sound) if abs(sample) >= SILENCE]
    if not loud:
        return b""
    margin = RATE * MARGIN_MS // 1000
    return sound[max(0, loud[0] - margin) : loud[-1] + margin].tobytes()


def flaw(pcm: bytes) -> str:
    """Return why a take cannot be used; empty: it can."""
    sound = array.array("h", pcm)
    if len(sound) < RATE * SHORTEST_MS // 1000:
        return "nothing was heard"
    peak = max(map(abs, sound))
    return "too quiet; go nearer" if peak < QUIET else "too loud; go further away" if peak > LOUD else ""


def _pleases(pcm: bytes, ask: Ask, player: tuple[str, ...]) -> bool:
    while (word := ask("  Enter: keep · p: hear it · r: once more ")) == "p":
        subprocess.run(player, input=join_parts([pcm]), stderr=subprocess.DEVNULL, check=False)
    return word != "r"
