"""Decide what a roll-out does next, by what its units said: a pure look, and the clerk's hands that follow it.

A unit has gone wrong when it went back, failed, or refused. Silent ones count for nothing; but a wave of which nobody
has kept the new version is never followed by another one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.rollouts.bundle_store import BundleStore
from kiosk_firmware.office.rollouts.rollout_plans import DAY_MS, Rollout, Rollouts, RolloutTarget
from kiosk_firmware.office.shared_state import OfficeRequest, SharedState
from kiosk_firmware.wire.enrolment_messages import Update
from kiosk_firmware.wire.facts import OVER

WRONG = frozenset({"returned", "failed", "refused"})
WITHDRAWN = ("sent", "downloading", "waiting")
"""How far a unit may be to be held back still."""
STANDS_MS = 30 * DAY_MS
"""How long a unit that is away may take to hear of it."""
AGAIN_MS = 60_000
"""A wish that led to no command in that time went down with a process."""
LATE_MS = 60 * DAY_MS
"""So long it is still heard, once a minute, what became of a roll-out that has ended."""


class RolloutDecision(msgspec.Struct, frozen=True):
    """A decision and its reason: `said` in words for the audit, `why` as a page reads it
    (`plans.Rollout.ended_why`).
    """

    act: Literal["wait", "next", "done", "stop"]
    said: str = ""
    why: str = ""


def verdict(rollout: Rollout, targets: Sequence[RolloutTarget], now_ms: int) -> RolloutDecision:
    """Return what a roll-out that goes does next."""
    begun = [one for one in targets if one.wave <= rollout.wave]
    ended = [one for one in begun if one.stage in OVER and one.stage != "stopped"]
    wrong = [one for one in ended if one.stage in WRONG]
    plan = rollout.plan
    if len(wrong) > plan.most or len(wrong) * 100 > plan.most_share * max(1, len(ended)):
        names = ", ".join(one.unit for one in wrong[:5])
        said = f"{len(wrong)} of {len(ended)} went wrong: {names}"
        return RolloutDecision("stop", said, f"#wrong|{len(wrong)}|{len(ended)}|{names}")
    this = [one for one in begun if one.wave == rollout.wave]
    if any(one.stage not in OVER for one in this) and now_ms - rollout.wave_ms < plan.patience_days * DAY_MS:
        return RolloutDecision("wait")
    if this and not any(one.stage == "kept" for one in this):
        wave = rollout.wave + 1
        return RolloutDecision("stop", f"nobody of wave {wave} kept it", f"#silent|{wave}||")
    after = [one.wave for one in targets if one.wave > rollout.wave]
    kept = sum(one.stage == "kept" for one in begun)
    if not after:
        return RolloutDecision("done", f"{kept} of {len(targets)} kept it", f"#kept|{kept}|{len(targets)}|")
    count = after.count(min(after))
    return RolloutDecision("next", f"wave {min(after) + 1}: {count} units; {kept} of {len(begun)} kept it so far")


def update_target(
    one: RolloutTarget, said: Mapping[str, Any] | None, command: Mapping[str, Any] | None
) -> RolloutTarget:
    """Return a unit as it is known after what it told last (`said`), else after what became of its command
    (`command`).
    """
    if said is not None:
        return msgspec.structs.replace(one, stage=said["stage"], detail=said["detail"], at_ms=said["at_ms"])
    if command is not None and one.stage == "sent" and command["state"] in ("failed", "refused"):
        return msgspec.structs.replace(one, stage="refused", detail=command["detail"], at_ms=command["sent_ms"])
    return one


class RolloutSteps:
    """The clerk's hands: `turn` brings every roll-out one step on."""

    def __init__(
        self,
        rollouts: Rollouts,
        views: Queries,
        desk: SharedState,
        bundles: BundleStore,
        seal: Callable[[Update], bytes],
        now_ms: Callable[[], int],
    ) -> None:
        """Take `seal`, which signs a command for one unit."""
        self._rollouts, self._views, self._desk, self._bundles = rollouts, views, desk, bundles
        self._seal, self._now_ms = seal, now_ms
        self._requested_ms: dict[tuple[str, str, str], int] = {}
        self._marks: dict[int, tuple[tuple[Any, ...], int]] = {}
        self._late_ms = 0

    def turn(self) -> None:
        """Hear what units said, look, and see that all who are to hear something have a command in the books."""
        now = self._now_ms()
        late = now - self._late_ms >= AGAIN_MS
        self._late_ms = now if late else self._late_ms
        for rollout in self._rollouts.all():
            ago = now - rollout.ended_ms
            if rollout.state == "proposed" or (rollout.ended_ms and ago > AGAIN_MS and (not late or ago > LATE_MS)):
                continue
            mark = self._mark(rollout)
            before, looked_ms = self._marks.get(rollout.id, ((), 0))
            if before == mark and now - looked_ms < AGAIN_MS:
                continue
            self._marks[rollout.id] = mark, now
            self._hear(rollout)
            if rollout.state == "going":
                self._step(rollout, now)
            self._send(self._rollouts.one(rollout.id), now)

    def _mark(self, rollout: Rollout) -> tuple[Any, ...]:
        """Return a mark, equal while nobody has told anything new: a roll-out to a nation is not read again and again.
        By stage, as a unit may tell several in one millisecond.
        """
        mark = "count(*) AS n, sum(at_ms % 1000000007) AS s"  # so small that no sum runs over
        sums = f"SELECT stage, {mark} FROM updates WHERE name = ? GROUP BY stage ORDER BY stage"
        told = [tuple(dict(row).values()) for row in self._views.rows(sums, rollout.order)]
        wrong = "SELECT count(*) AS n FROM commands WHERE name = 'update.start' AND sent_ms >= ? AND state <> 'sent'"
        return rollout.state, rollout.wave, *told, self._views.rows(wrong, rollout.at_ms)[0]["n"]

    def _hear(self, rollout: Rollout) -> None:
        said = self._by_unit("SELECT * FROM updates WHERE name = ?", rollout.order)
        targets = self._rollouts.targets(rollout.id)
        silent = any(one.stage == "sent" and one.unit not in said for one in targets)
        commands = self._commands("update.start", rollout) if silent else {}
        now_said = [update_target(one, said.get(one.unit), commands.get(one.unit)) for one in targets]
        self._rollouts.heard(rollout.id, [new for old, new in zip(targets, now_said, strict=True) if new != old])

    def _by_unit(self, sql: str, *args: str | int) -> dict[str, Mapping[str, Any]]:
        return {str(row["unit"]): row for row in self._views.rows(sql, *args)}

    def _commands(self, name: str, rollout: Rollout) -> dict[str, Mapping[str, Any]]:
        columns = "SELECT unit, state, detail, sent_ms FROM commands WHERE name = ? AND sent_ms >= ? AND args LIKE ?"
        return self._by_unit(columns, name, rollout.at_ms, f'{{"order":"{rollout.order}"%')

    def _step(self, rollout: Rollout, now: int) -> None:
        targets = self._rollouts.targets(rollout.id)
        found = verdict(rollout, targets, now)
        match found.act:
            case "stop":
                self._rollouts.stop(rollout.id, "", found.why, found.said)
            case "done":
                self._rollouts.finish(rollout.id, found.why, found.said)
            case "next":
                wave = min(one.wave for one in targets if one.wave > rollout.wave)
                sent = [msgspec.structs.replace(t, sent_ms=now, stage="sent") for t in targets if t.wave == wave]
                self._rollouts.begin(rollout, wave, found.said, sent)
            case "wait":
                return
        self._desk.news(set())

    def _send(self, rollout: Rollout, now: int) -> None:
        """Send what stands in `people.db`, also where a process ended between writing it down and sending it."""
        targets = self._rollouts.targets(rollout.id)
        if rollout.state != "stopped":
            self._request_command(rollout, "update.start", [one.unit for one in targets if one.stage == "sent"], now)
        else:
            self._request_command(rollout, "update.stop", [one.unit for one in targets if one.stage in WITHDRAWN], now)

    def _request_command(self, rollout: Rollout, name: str, units: Sequence[str], now: int) -> None:
        known = self._commands(name, rollout) if units else {}
        for unit in units:
            if unit in known or now - self._requested_ms.get((name, rollout.order, unit), 0) < AGAIN_MS:
                continue
            self._requested_ms[name, rollout.order, unit] = now
            args = self._start_args(rollout, unit, now) if name == "update.start" else {"order": rollout.order}
            self._desk.requests.put(OfficeRequest("command", unit, name, args, STANDS_MS))

    def _start_args(self, rollout: Rollout, unit: str, now: int) -> dict[str, Any]:
        """Return the arguments of a unit's own command, signed for it alone."""
        order = Update(
            unit,
            rollout.order,
            rollout.kind,
            rollout.version,
            rollout.size,
            rollout.sha256,
            now + STANDS_MS,
            self._bundles.address,
            rollout.plan.window,
        )
        return {"order": rollout.order, "document": self._seal(order).decode()}
