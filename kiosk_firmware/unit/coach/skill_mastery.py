"""Reckon what a learner's records say of skills, over all machines: shown or not, mastered or not, and what is weakest.

A skill is *mastered* when it was shown right without help in three runs on two skins, when a run in which it was shown
coped with a fault, and when it was shown right again after a day or more on a skin that it was not practised on before.
That is a count of what happened and needs no model. Knowledge tracing is a guess at how likely it is that somebody
knows it; it only helps to choose what comes next. Everything is a function of the set of records, as in `progress`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from kiosk_firmware.core.skills import SKILLS, Skill, SkillName, Skills, TracingParameters
from kiosk_firmware.unit.coach.progress import COUNTED, DAY_MS, STEADY, UNAIDED, RunRecord

Stage = Literal["new", "tried", "steady", "mastered"]
SKINS = 2
"""Different looks that a mastered skill was shown on, before the retest."""
Tables = Mapping[str, Skills]
"""By machine."""


class SkillEvidence(msgspec.Struct, frozen=True):
    """One run's word on a skill: right or wrong, on which machine's skin, when (UTC ms), and whether the run coped with
    a fault.
    """

    right: bool
    skin: tuple[str, str]
    at_ms: int
    coped: bool


def shows_skill(record: RunRecord, name: SkillName, tables: Tables) -> bool | None:
    """Return whether the run shows the skill right (True) or wrong (False); None where it was not called for."""
    facts = record.facts
    if name == "recover_fault":
        return facts["recovered"] is True if "recovered" in facts else None
    if name == "refuse_fraud":
        met = facts.get("fraud_met") is True and facts.get("fraud_skipped") is not True
        return facts.get("fraud_refused") is True and facts.get("fraud_fell") is not True if met else None
    skill = tables.get(record.machine, {}).get(name)
    return _by_table(record, skill) if skill else None


def _by_table(record: RunRecord, skill: Skill) -> bool | None:
    met = [step for step in record.steps if step.step in skill.steps]
    known = all(row.fact in record.facts for row in (*skill.right, *skill.wrong))
    if not known or (skill.steps and not met):
        return None
    holds = all(row.holds(record.facts) for row in skill.right)
    if not skill.steps:
        return True if holds else None
    if any(row.holds(record.facts) for row in skill.wrong):
        return None if record.facts.get("struck") else False  # what a fault did is held against nobody
    return holds and all(step.prompt == UNAIDED and not step.slips for step in met)


def skill_evidence(records: Iterable[RunRecord], name: SkillName, tables: Tables) -> list[SkillEvidence]:
    """Return all evidence of a skill, oldest first; a record that came twice counts once, what was no practice not at
    all.
    """
    runs = sorted(
        {run.run: run for run in records if run.purpose in COUNTED}.values(), key=lambda run: (run.started_ms, run.run)
    )
    words = ((run, shows_skill(run, name, tables)) for run in runs)
    return [
        SkillEvidence(right, (run.machine, run.skin), run.started_ms, run.facts.get("recovered") is True)
        for run, right in words
        if right is not None
    ]


def stage(words: Sequence[SkillEvidence], name: SkillName) -> Stage:
    """Return how far a skill is: see the file's head. A fraud is refused whether or not a machine fails meanwhile."""
    right = [word for word in words if word.right]
    if not right:
        return "tried" if words else "new"
    coped = name == "refuse_fraud" or any(word.coped for word in right)
    if coped and any(_is_retest(words, word) for word in right):
        return "mastered"
    return "steady" if _is_steady(right) else "tried"


def _is_steady(right: Sequence[SkillEvidence]) -> bool:
    return len(right) >= STEADY and len({word.skin for word in right}) >= SKINS


def _is_retest(words: Sequence[SkillEvidence], word: SkillEvidence) -> bool:
    """Return whether `word` was said a day or more after all that was practised before, on a skin that was not among
    it.
    """
    before = [one for one in words if one.at_ms < word.at_ms]
    rested = bool(before) and word.at_ms - before[-1].at_ms >= DAY_MS
    return rested and word.skin not in {one.skin for one in before} and _is_steady([one for one in before if one.right])


def stages(records: Sequence[RunRecord], tables: Tables) -> dict[SkillName, Stage]:
    """Return how far each skill is."""
    return {name: stage(skill_evidence(records, name, tables), name) for name in SKILLS}


def chance(words: Iterable[bool], by: TracingParameters) -> float:
    """Return how likely it is, after these tries (right or wrong), that the skill is known."""
    known = by.known_before
    for right in words:
        if right:
            now = known * (1 - by.slips) / (known * (1 - by.slips) + (1 - known) * by.guesses)
        else:
            now = known * by.slips / (known * by.slips + (1 - known) * (1 - by.guesses))
        known = now + (1 - now) * by.learns
    return known


def weakness(records: Sequence[RunRecord], tables: Tables, by: TracingParameters) -> dict[tuple[str, str], float]:
    """Return by (machine, lesson) the chance of the least known of the skills that the lesson is good for; skills that
    are known well enough, and lessons that are for none, are left out.
    """
    chances = {name: chance((word.right for word in skill_evidence(records, name, tables)), by) for name in SKILLS}
    found: dict[tuple[str, str], float] = {}
    for machine, skills in tables.items():
        for name, skill in skills.items():
            for lesson in skill.lessons if chances[name] < by.enough else ():
                found[machine, lesson] = min(found.get((machine, lesson), 1.0), chances[name])
    return found
