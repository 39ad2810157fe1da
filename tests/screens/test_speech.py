"""The voice: a sentence is spoken from recordings where they cover it, else as a whole by the program of the system;
and recording makes a pack that covers every text.

Microphone and loudspeaker are programs, so here they are small programs that a test can look at.
"""

from __future__ import annotations

import array
import io
import math
import stat
import sys
import time
import wave

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.spoken_text import NUMBER_WORDS, spoken_form
from kiosk_firmware.core.texts import yuan
from kiosk_firmware.tools.voice_recording import main as voices
from kiosk_firmware.tools.voice_recording.record import flaw, record, trim_silence
from kiosk_firmware.tools.voice_recording.speaker_script import ScriptLine, script, unrecorded_lines, unused_recordings
from screens.media.voice import Voice, VoiceSettings
from screens.media.voice_pack import RATE, Index, VoicePack, join_parts, open_pack, sounded_letters

TONE = array.array("h", (round(9000 * math.sin(at / 5)) for at in range(RATE // 4))).tobytes()


def program(path, text):
    """A program that stands for one of the system's."""
    path.write_text(f"#!{sys.executable}\nimport pathlib, sys, time\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def pack_of(folder, *said):
    pack = open_pack(folder, "zh")
    for sentence in said:
        pack.add(sentence, TONE)
    return pack


@given(st.lists(st.sampled_from(["请输入", "六位", "密码", "两", "百", "元", "请输入六位"]), min_size=1, max_size=6))
def test_what_is_made_of_clips_is_covered_by_as_few(parts):
    pack = VoicePack(
        None, Index("zh", {part: part for part in ["请输入", "六位", "密码", "两", "百", "元", "请输入六位"]})
    )
    files = pack.cover("，".join(parts))
    assert sounded_letters("".join(files)) == sounded_letters("".join(parts))
    assert len(files) <= len(parts)
    assert pack.cover("".join(parts) + "吗") is None


@pytest.mark.parametrize(("machine", "places"), [("rail", 20), ("metro-gate", 100), ("airport", 10)])
def test_who_lends_a_voice_says_the_places_too_and_numbers_of_trains_digit_by_digit(machine, places):
    """No text has their names: they stand in the machines' data."""
    for language in ("zh", "en"):
        lines = script(language, [machine])
        assert len([line for line in lines if line.keys[0] == f"{machine}: places"]) >= places
        pack = VoicePack(None, Index(language, {line.said: "x" for line in lines}))
        assert all(pack.cover(spoken_form(written, language)) for written in ("G8601", "Z50", "14:05", "2:00"))
    data = machine_loader.load(machine).data
    files = [getattr(data, field) for field in data.__struct_fields__]
    names = [name for file in files for name, _ in getattr(file, "place_names", list)()]
    pack = VoicePack(None, Index("zh", {line.said: "x" for line in script("zh", [machine])}))
    assert all(pack.cover(f"请到{name}") or pack.cover(name) for name in names)


@settings(max_examples=50)
@given(st.integers(0, 10**7), st.sampled_from(["zh", "en"]))
def test_every_amount_is_made_of_the_number_words(fen, language):
    words = (*NUMBER_WORDS[language], "元", "yuan")
    pack = VoicePack(None, Index(language, {word: word for word in words}))
    assert pack.cover(spoken_form(f"¥{yuan(fen)}", language)) is not None


def test_a_sentence_is_played_whole_from_the_pack_or_left_to_the_program(tmp_path):
    pack_of(tmp_path / "pack", "请取走", "现金", "两", "百", "元")
    player = program(tmp_path / "player", "pathlib.Path(sys.argv[0] + '.wav').write_bytes(sys.stdin.buffer.read())")
    speaker = program(tmp_path / "speaker", "pathlib.Path(sys.argv[0] + '.txt').write_text(sys.argv[-1])")
    voice = Voice(VoiceSettings(program=speaker, player=player, packs={"zh": str(tmp_path / "pack")}))
    voice.say("请取走两百元，现金。", "zh")
    voice._speaking.wait()
    with wave.open(io.BytesIO((tmp_path / "player.wav").read_bytes())) as sound:
        assert sound.getnframes() >= 5 * len(TONE) // 2
    assert not (tmp_path / "speaker.txt").exists()
    voice.say("请取走**卡**", "zh")
    voice._speaking.wait()
    assert (tmp_path / "speaker.txt").read_text() == "请取走卡"


def test_a_pack_that_cannot_be_read_leaves_the_voice_as_it_was(tmp_path):
    (tmp_path / "pack.json").write_text("{")
    speaker = program(tmp_path / "speaker", "pathlib.Path(sys.argv[0] + '.txt').write_text(sys.argv[-1])")
    voice = Voice(VoiceSettings(program=speaker, player="true", packs={"zh": str(tmp_path)}))
    voice.say("你好", "zh")
    voice._speaking.wait()
    assert (tmp_path / "speaker.txt").read_text() == "你好"


def test_recording_keeps_what_is_good_and_goes_on_later(tmp_path):
    """Silence is asked for again; what was kept is there for the next time."""
    tone = f"import math\nfor at in range({RATE}): sys.stdout.buffer.write(int(9000*math.sin(at/5))"
    tone += ".to_bytes(2, 'little', signed=True))\nsys.stdout.flush()"
    tone += "\npathlib.Path(sys.argv[0] + '.said').touch()\ntime.sleep(60)"
    loud = program(tmp_path / "loud", tone)
    deaf = program(tmp_path / "deaf", "time.sleep(60)")
    lines = [ScriptLine("你好", ("a",)), ScriptLine("再见", ("b",)), ScriptLine("谢谢", ("c",))]
    answers = iter(["", "", "q"])
    assert record(open_pack(tmp_path / "pack", "zh"), lines, lambda _: next(answers), (deaf,)) == 0
    answers = iter(["", "spoken", "", "s", "q"])

    def ask(_):
        if (word := next(answers)) == "spoken":
            until(tmp_path / "loud.said")
        return word

    kept = record(open_pack(tmp_path / "pack", "zh"), lines, ask, (loud,), ("true",))
    assert kept == 1
    pack = open_pack(tmp_path / "pack", "zh")
    assert [line.said for line in unrecorded_lines(pack, lines)] == ["再见", "谢谢"]
    assert unused_recordings(pack, lines[1:]) == ["你好"]


def until(path):
    """Wait until the recorder has heard something, before Enter is pressed."""
    end = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < end, "nothing was said"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("samples", "said"), [([], "nothing"), ([900] * RATE, "quiet"), ([32767] * RATE, "loud"), ([9000] * RATE, "")]
)
def test_a_take_is_looked_at(samples, said):
    found = flaw(trim_silence(array.array("h", samples).tobytes()))
    assert said in found
    assert bool(found) == bool(said)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_whole_script_covers_every_text(language, tmp_path):
    lines = script(language)
    assert len({sounded_letters(line.said) for line in lines}) == len(lines) > 400
    pack = VoicePack(tmp_path, Index(language, {line.said: "1.wav" for line in lines}))
    assert unrecorded_lines(pack, lines) == []


def test_check_says_what_is_wanting(tmp_path, capsys):
    assert voices.main("voices", ["check", str(tmp_path), "--machine", "atm"]) == 1
    assert "wanting" in capsys.readouterr().out
    (tmp_path / "pack.json").write_text('{"language": "en"}')
    with pytest.raises(ValueError, match="allowed is 'zh'"):
        voices.main("voices", ["check", str(tmp_path)])
    assert join_parts([TONE])[:4] == b"RIFF"
