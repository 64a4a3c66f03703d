"""Which figures tell too much about whom, and how far every estimate has to be off.

Source: Handbook on Statistical Disclosure Control, 2nd edition (2025), 4.2: minimum frequency, p % rule, (n,k)
dominance, upper protection levels (the lower ones are set equal), holdings as the unit, waivers. Amounts are whole
numbers of one unit, and so is what is asked for: where figures come in steps, an estimate is off by a step at least.
"""

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from ecar_audit.values import Parameters

Parts = Mapping[str, int]


@dataclass(frozen=True)
class Ask:
    """What a sensitive figure asks for. `outsider`: how far off those have to be who add nothing to it."""

    parts: Parts
    targets: Parts
    share: Fraction
    step: int
    outsider: int

    def of(self, attackers: Collection[str]) -> int:
        """The same for holdings that put together what they know; 0 where they may know it."""
        if not any(attacker in self.parts for attacker in attackers):
            return self.outsider
        return _steps(self._excess(attackers), self.step)

    def _excess(self, attackers: Collection[str]) -> Fraction:
        known = sum(self.parts.get(attacker, 0) for attacker in attackers)
        others = sum(self.parts.values()) - known
        # The largest target leaves the fewest others: none of the smaller can ask for more.
        largest = max((part for name, part in self.targets.items() if name not in attackers), default=0)
        return self.share * largest - (others - largest)


def ask(parts: Parts, waived: Set[str], parameters: Parameters, *, step: int) -> Ask | None:
    """What a figure of these holdings asks for; None where it may be told. `step` is its smallest change."""
    filled = {name: part for name, part in parts.items() if part}
    targets = {name: part for name, part in filled.items() if name not in waived}
    if not targets:
        return None
    share = parameters.p_percent / 100
    bare = Ask(filled, targets, share, step, 0)
    levels = [bare._excess(_strongest(filled, targets, parameters.coalition)), _over_dominance(filled, parameters)]
    if len(filled) < parameters.minimum_holdings:
        levels.append(share * max(targets.values()))
    if max(levels) <= 0:
        return None
    # Outsiders know less than the strongest insiders, who are asked about themselves; nobody may come within a step.
    outside = max(bare._excess(()), *levels[1:])
    return Ask(filled, targets, share, step, max(step, _steps(outside, step)))


def _strongest(parts: Parts, targets: Parts, coalition: int) -> tuple[str, ...]:
    """Those who learn most: the largest beside the largest target."""
    target = max(targets, key=lambda name: (targets[name], name))
    others = sorted((name for name in parts if name != target), key=lambda name: (-parts[name], name))
    return tuple(others[:coalition])


def _over_dominance(parts: Parts, parameters: Parameters) -> Fraction:
    """How far the (n,k) rule wants the upper end away; not above 0 where it does not speak."""
    if parameters.dominance is None:
        return Fraction(0)
    number, percent = parameters.dominance
    largest = sum(sorted(parts.values(), reverse=True)[:number])
    return Fraction(100) / percent * largest - sum(parts.values())


def _steps(amount: Fraction, step: int) -> int:
    return ceil(amount / step) * step if amount > 0 else 0
