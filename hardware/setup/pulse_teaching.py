"""Teach and verify: tokens are dropped into a pulse acceptor several times each, and its table for unit.toml comes out.

The theory. What an acceptor does with a token stands in its own memory and on its switches, where nobody can read it.
So it is measured: the level at rest, the pulses of each drop, their widths and gaps. A table is proposed only when
every drop of a token gave the same number of pulses, two or more, and no other token gives that number; else it is
said in words what is wrong and what helps. Each drop is kept as edges and heard once more by the very codec that will
credit it, set as proposed; then comes a round in which tokens are dropped to verify. So a proposal that stands has
credited each token that was dropped, and nothing else.

All of this is pure. `teach` runs it over a `TeachingFeed` (`hardware.drivers.coin_line_recording`: a pin; a test: a
list) and tells the person what to do by `say`.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from hardware.drivers.settings.coins import MAKES, SPEEDS
from hardware.protocols import coin_pulses
from kiosk_firmware.core.pages import Text, text

Edges = tuple[tuple[float, int], ...]
"""(time in ms, new level), in order."""
SETTLE_MS = 6
REST_MS = 700
"""A drop is over when the line has rested so long."""
WIDTHS_MS = (15, 300)
"""Pulses that are nominally 20 ms long come shorter."""
LONGEST_GAP_MS = 275
MOST = 255
"""Pulses a token."""


class Drop(msgspec.Struct, frozen=True):
    """One token fell: its edges, and the pulses in them."""

    edges: Edges
    widths_ms: tuple[float, ...]
    gaps_ms: tuple[float, ...]

    @property
    def count(self) -> int:
        """Return how many pulses."""
        return len(self.widths_ms)


def drop(edges: Sequence[tuple[float, int]], idle: int) -> Drop:
    """Find the pulses in the edges of one drop; a level that lasts less than SETTLE_MS is none."""
    levels = [(float("-inf"), idle)]
    for (at_ms, level), (end_ms, _) in itertools.pairwise([*edges, (float("inf"), idle)]):
        if end_ms - at_ms >= SETTLE_MS and level != levels[-1][1]:
            levels.append((at_ms, level))
    spans = [(begin[1], end[0] - begin[0]) for begin, end in itertools.pairwise(levels[1:])]
    return Drop(
        tuple(edges),
        tuple(ms for level, ms in spans if level != idle),
        tuple(ms for level, ms in spans if level == idle),
    )


class PulseProposal(msgspec.Struct, frozen=True):
    """The result of teaching. `problems` in words: empty, or nothing is proposed. `notes`: what is right and might be
    better.

    idle: the line's level at rest. fen: pulses → value. width_ms, gap_ms: smallest, median and largest.
    """

    idle: int
    fen: dict[int, int]
    width_ms: tuple[int, int, int] = (0, 0, 0)
    gap_ms: tuple[int, int, int] = (0, 0, 0)
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def train_gap_ms(self) -> int:
        """The rest that ends a train: longer than any gap in one."""
        return max(250, 2 * self.gap_ms[2] + 50, 2 * self.nominal_ms)

    @property
    def nominal_ms(self) -> int:
        """The pulse's width as unit.toml may say it."""
        return max(20, self.width_ms[1])

    @property
    def profile(self) -> coin_pulses.Profile:
        """The codec's profile as it would be set."""
        return coin_pulses.Profile(
            width_ms=self.nominal_ms,
            idle=self.idle,
            train_gap_ms=self.train_gap_ms,
            stuck_ms=max(1000, 4 * self.nominal_ms),
            deaf_ms=0,
        )

    def table(self) -> dict[str, Any]:
        """Return the measured keys of `[devices.coin_acceptor]`."""
        width_ms = self.nominal_ms
        known = [
            {"profile": name, "speed": SPEEDS[make.widths_ms.index(width)]}
            for name, make in MAKES.items()
            for width in make.widths_ms
            if abs(width - width_ms) <= 0.1 * width
        ]
        return {
            **(known[0] if len(known) == 1 else {"width_ms": width_ms}),
            "polarity": "NO" if self.idle else "NC",
            "train_gap_ms": self.train_gap_ms,
            "stuck_ms": max(1000, 4 * width_ms),
            "pulses": {str(count): fen for count, fen in sorted(self.fen.items())},
        }

    def credited(self, edges: Sequence[tuple[float, int]]) -> tuple[int | None, ...]:
        """Return what the codec, set so, would credit for these edges; None for a train that is no token's."""
        acceptor = coin_pulses.Acceptor(self.profile, edges[0][0] - REST_MS if edges else 0)
        said = [message for at_ms, level in edges for message in acceptor.edge(level, at_ms)]
        said += acceptor.tick((edges[-1][0] if edges else 0) + max(REST_MS, self.train_gap_ms))
        return tuple(self.fen.get(message.pulses) for message in said if isinstance(message, coin_pulses.Token))


def propose(drops: Mapping[int, Sequence[Drop]], idle: int) -> PulseProposal:
    """Return what the drops of each token (fen → drops) say."""
    problems = tuple(itertools.chain.from_iterable(_counted(fen, found) for fen, found in drops.items()))
    if problems or not drops:
        return PulseProposal(idle, {}, problems=problems or ("no token was dropped",))
    counts = {fen: found[0].count for fen, found in drops.items()}
    widths_ms = [ms for found in drops.values() for one in found for ms in one.widths_ms]
    gaps_ms = [ms for found in drops.values() for one in found for ms in one.gaps_ms]
    proposal = PulseProposal(idle, {count: fen for fen, count in counts.items()}, _spread(widths_ms), _spread(gaps_ms))
    problems = (*_alike(counts), *_shaped(proposal))
    if not problems:
        problems = tuple(
            f"{yuan(fen)}: one of its drops would be credited as {_said(told)}: noise on the line, teach it again"
            for fen, found in drops.items()
            for one in found
            if (told := proposal.credited(one.edges)) != (fen,)
        )
    return msgspec.structs.replace(proposal, problems=problems, notes=tuple(_close(counts)))


def yuan(fen: int) -> str:
    """Return the value as it stands on a token."""
    return f"¥{fen / 100:.2f}"


def _said(told: tuple[int | None, ...]) -> str:
    return " and ".join("no token" if fen is None else yuan(fen) for fen in told) or "nothing"


def _spread(values: Sequence[float]) -> tuple[int, int, int]:
    return (round(min(values)), round(statistics.median(values)), round(max(values))) if values else (0, 0, 0)


def _counted(fen: int, found: Sequence[Drop]) -> Iterator[str]:
    """Yield what is wrong with the counts of one token."""
    counts = sorted({one.count for one in found})
    if not found or counts == [0]:
        yield f"{yuan(fen)}: no pulse came: does the acceptor know this token, has it power, is the wire on the pin?"
    elif len(counts) > 1:
        every = ", ".join(str(one.count) for one in found)
        yield f"{yuan(fen)}: its drops gave {every} pulses: teach the acceptor again, or look at wire and ground"
    elif counts == [1]:
        yield f"{yuan(fen)}: a lone pulse, which cannot be told from noise: set its pulses (P) to 2 or more"
    elif counts[0] > MOST:
        yield f"{yuan(fen)}: {counts[0]} pulses; allowed are up to {MOST}"


def _alike(counts: Mapping[int, int]) -> Iterator[str]:
    """Yield a remark for tokens that cannot be told apart."""
    for count in sorted(set(counts.values())):
        same = [yuan(fen) for fen, other in counts.items() if other == count]
        if len(same) > 1:
            yield f"{' and '.join(same)} both give {count} pulses: set another number (P) for one of them"


def _shaped(proposal: PulseProposal) -> Iterator[str]:
    """Yield a remark for pulses that the codec would not take, or trains that would not end."""
    least, middle, most = proposal.width_ms
    if not WIDTHS_MS[0] <= middle <= WIDTHS_MS[1]:
        yield f"pulses of {middle} ms; allowed are {WIDTHS_MS[0]} to {WIDTHS_MS[1]} ms: turn the speed switch"
    elif 2 * least <= proposal.nominal_ms or most >= 3 * proposal.nominal_ms:
        yield f"pulses of {least} to {most} ms, mostly {middle}: too uneven; look at wire, ground and power supply"
    if proposal.gap_ms[2] > LONGEST_GAP_MS:
        yield f"gaps of up to {proposal.gap_ms[2]} ms in a train; allowed are {LONGEST_GAP_MS}: turn the speed switch"


def _close(counts: Mapping[int, int]) -> Iterator[str]:
    for one, other in itertools.combinations(counts, 2):
        if abs(counts[one] - counts[other]) == 1:
            yield f"{yuan(one)} and {yuan(other)} are one pulse apart; two are safer"


# -- with a person ----------------------------------------------------------------------------------------------------


class TeachingFeed(Protocol):
    """The line of an acceptor that lets tokens in."""

    @property
    def level(self) -> int:
        """The line's level now."""

    def edges(self) -> list[tuple[float, int]]:
        """Return the edges since the last call, as (time in ms, level)."""

    def now_ms(self) -> float:
        """Return the clock of the edges, in ms."""

    def wait(self, ms: float) -> None:
        """Let time pass."""


def wait_for_drop(feed: TeachingFeed, idle: int, limit_ms: float) -> Drop:
    """Wait for one drop, and until the line rests again; without pulses where none came within the limit."""
    edges = feed.edges()
    end_ms = feed.now_ms() + limit_ms
    while feed.now_ms() < end_ms:
        if edges and feed.level == idle and feed.now_ms() - edges[-1][0] >= REST_MS:
            if drop(edges, idle).count:
                break
            edges.clear()  # a spike: nobody has dropped anything yet
        feed.wait(20)
        edges += feed.edges()
    return drop(edges, idle)


def teach(
    feed: TeachingFeed, tokens_fen: Sequence[int], say: Callable[[Text], None], times: int = 5, limit_ms: float = 60_000
) -> PulseProposal:
    """Lead the whole dialogue: each token `times` times, the proposal, and a round to verify it.

    Returns:
        What may be written into unit.toml; with `problems`, nothing may.
    """
    idle = feed.level
    say(Text(f"teach.rests_{'high' if idle else 'low'}"))
    drops: dict[int, list[Drop]] = {fen: [] for fen in tokens_fen}
    for fen, n in itertools.product(tokens_fen, range(1, times + 1)):
        say(text("teach.drop", worth=yuan(fen), n=n, times=times))
        drops[fen].append(wait_for_drop(feed, idle, limit_ms))
        say(_seen(drops[fen][-1]))
        if not drops[fen][-1].count:
            break
    proposal = propose(drops, idle)
    if not proposal.problems:
        proposal = msgspec.structs.replace(proposal, problems=tuple(_verified(feed, proposal, say, limit_ms)))
    for word, lines in (("wrong", proposal.problems), ("note", proposal.notes)):
        for line in lines:
            say(text(f"teach.{word}", line=line))
    return proposal


def _verified(
    feed: TeachingFeed, proposal: PulseProposal, say: Callable[[Text], None], limit_ms: float
) -> Iterator[str]:
    """Ask for each token once more in either order, heard as it will be; yield what is wrong."""
    tokens_fen = list(proposal.fen.values())
    for fen in (*reversed(tokens_fen), *tokens_fen):
        say(text("teach.verify", worth=yuan(fen)))
        told = proposal.credited(wait_for_drop(feed, proposal.idle, limit_ms).edges)
        say(text("teach.credited", worth=_said(told)))
        if told != (fen,):
            yield f"{yuan(fen)} was credited as {_said(told)} when it was verified: teach again"


def _seen(one: Drop) -> Text:
    if not one.count:
        return Text("teach.nothing")
    least, middle, most = _spread(one.widths_ms)
    gap = _spread(one.gaps_ms)[2]
    return text("teach.pulses", n=one.count, least=least, most=most, middle=middle, gap=gap)
