"""Holding runs (from filings) and uses (from access records) together: matched, differing, one-sided. Pure.

Both sides tell of the same thing where owner group, facility, accelerator and time agree. Of one group at one place,
the runs and uses whose days overlap, directly or through others, are one *bundle*: neither side needs to cut a run as
the other does, and a run may have begun some days (`slack_days`) from the day that was filed. A bundle is held to be

- matched, where the reported hours differ from the filed ones by no more than the tolerance (a share of the filed);
- differing, where they differ by more;
- one-sided, where one side is missing so many days after the end: `unreported` (no provider says it) or `unfiled`;
- open, where one side is missing and it is too early to tell;
- below, where nobody filed and the use is less than anybody must file;
- own, where the group trains at its own facility and nobody lets it.

Runs that name no facility or no accelerator are looked for afterwards among what is left: by group and accelerator or
facility, then by group alone. The order of the input does not matter, and nothing belongs to two bundles.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from typing import Final

from registry.quantities import EXACT, as_decimal
from registry.screening.position_terms import Tolerance

_RATIO_FIGURES: Final = 3


class State(StrEnum):
    """What came of holding both sides together."""

    MATCHED = "matched"
    DIFFERING = "differing"
    UNREPORTED = "unreported"
    UNFILED = "unfiled"
    OPEN = "open"
    BELOW = "below"
    OWN = "own"


MISMATCHES: Final = frozenset({State.DIFFERING, State.UNREPORTED, State.UNFILED})


@dataclass(frozen=True, order=True)
class Run:
    """One line of hardware of a filing. `key` is unique; facility or accelerator "" where the filing names none."""

    starts_on: date
    ends_on: date
    key: str
    filing: str
    organisation: str
    group: str
    facility: str
    accelerator: str
    hours: Decimal
    flop: Decimal
    is_own_facility: bool = False


@dataclass(frozen=True, order=True)
class Use:
    """One access record that can be training. `flop` at the reference utilisation; `group` is the customer's."""

    starts_on: date
    ends_on: date
    key: str
    provider: str
    group: str
    facility: str
    accelerator: str
    hours: Decimal
    flop: Decimal


@dataclass(frozen=True)
class Bundle:
    """Runs and uses that tell of the same thing. `ratio` is reported to filed hours, None where one is missing."""

    key: str
    state: State
    group: str
    facility: str
    accelerator: str
    starts_on: date
    ends_on: date
    runs: tuple[Run, ...]
    uses: tuple[Use, ...]
    filed_hours: Decimal
    reported_hours: Decimal
    filed_flop: Decimal
    reported_flop: Decimal
    ratio: Decimal | None

    @property
    def is_mismatch(self) -> bool:
        """Whether somebody is to be asked."""
        return self.state in MISMATCHES


@dataclass(frozen=True)
class MatchRate:
    """Of one provider's uses that are looked at: hours and bundles, and which of them are matched or not."""

    provider: str
    hours: Mapping[State, Decimal]
    bundles: Mapping[State, int]

    @property
    def matched_share(self) -> Decimal | None:
        """Matched hours among those of which it can be said; None where there are none."""
        told = [self.hours.get(state, Decimal(0)) for state in (State.MATCHED, *sorted(MISMATCHES))]
        with localcontext(EXACT):
            whole = sum(told, Decimal(0))
        return as_decimal(Fraction(told[0]) / Fraction(whole), figures=_RATIO_FIGURES) if whole else None


# By what runs and uses are brought together, the closest first; a later way is for runs that lack what it leaves out.
_Keys = Callable[[Run | Use], Hashable]
_WAYS: Final[tuple[tuple[_Keys, Callable[[Run], bool]], ...]] = (
    (lambda one: (one.group, one.facility, one.accelerator), lambda run: bool(run.facility and run.accelerator)),
    (lambda one: (one.group, one.facility), lambda run: bool(run.facility) and not run.accelerator),
    (lambda one: (one.group, one.accelerator), lambda run: bool(run.accelerator) and not run.facility),
    (lambda one: one.group, lambda run: not run.facility and not run.accelerator),
)


def reconcile(*, runs: Iterable[Run], uses: Iterable[Use], on: date, terms: Tolerance) -> tuple[Bundle, ...]:
    """Every bundle as of a day, by first day and key. Each run and each use stands in exactly one."""
    waiting, left = sorted(runs), sorted(uses)
    found: list[tuple[list[Run], list[Use]]] = [([run], []) for run in waiting if run.is_own_facility]
    for key_of, is_meant in _WAYS:
        these = [run for run in waiting if is_meant(run) and not run.is_own_facility]
        together, left = _brought_together(these, left, key_of, slack=timedelta(days=terms.slack_days))
        found += together
    found += [([], several) for several in _use_alone(left)]
    bundles = (_bundle(these, several, on=on, terms=terms) for these, several in found)
    return tuple(sorted(bundles, key=lambda bundle: (bundle.starts_on, bundle.key)))


def match_rates(bundles: Iterable[Bundle]) -> tuple[MatchRate, ...]:
    """For each provider how its uses fared, by provider."""
    hours: defaultdict[str, defaultdict[State, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    counts: defaultdict[str, Counter[State]] = defaultdict(Counter)
    for bundle in bundles:
        for use in bundle.uses:
            with localcontext(EXACT):
                hours[use.provider][bundle.state] += use.hours
        for provider in {use.provider for use in bundle.uses}:
            counts[provider][bundle.state] += 1
    return tuple(MatchRate(provider, dict(hours[provider]), dict(counts[provider])) for provider in sorted(hours))


def _brought_together(
    runs: Sequence[Run], uses: Sequence[Use], key_of: _Keys, *, slack: timedelta
) -> tuple[list[tuple[list[Run], list[Use]]], list[Use]]:
    """The bundles that have a run, and the uses that are in none of them."""
    wanted = {key_of(run) for run in runs}
    by_key: defaultdict[Hashable, list[Run | Use]] = defaultdict(list)
    left = []
    for use in uses:
        if key_of(use) in wanted:
            by_key[key_of(use)].append(use)
        else:
            left.append(use)
    for run in runs:
        by_key[key_of(run)].append(run)
    found = []
    for several in by_key.values():
        for overlapping in _overlapping(several, slack=slack):
            its_runs = [one for one in overlapping if isinstance(one, Run)]
            its_uses = [one for one in overlapping if isinstance(one, Use)]
            if its_runs:
                found.append((its_runs, its_uses))
            else:
                left += its_uses
    return found, sorted(left)


def _use_alone(uses: Iterable[Use]) -> list[list[Use]]:
    """Uses that no run meets, by place: one after the other without a day between is one use."""
    by_key: defaultdict[Hashable, list[Run | Use]] = defaultdict(list)
    for use in uses:
        by_key[use.group, use.facility, use.accelerator].append(use)
    return [
        [one for one in several if isinstance(one, Use)]
        for those in by_key.values()
        for several in _overlapping(those, may_touch=True)
    ]


def _overlapping(
    those: Iterable[Run | Use], *, slack: timedelta = timedelta(0), may_touch: bool = False
) -> list[list[Run | Use]]:
    """Cut into parts that share no day, a run taken to be longer by the slack on both sides.

    Where `may_touch`, into parts that do not even follow one another.
    """
    found: list[list[Run | Use]] = []
    until = date.min
    spread = [(one, slack if isinstance(one, Run) else timedelta(0)) for one in those]
    for one, more in sorted(spread, key=lambda each: (each[0].starts_on - each[1], each[0].ends_on, each[0].key)):
        starts_on, ends_on = one.starts_on - more, one.ends_on + more
        if found and (starts_on < until or (may_touch and starts_on == until)):
            found[-1].append(one)
            until = max(until, ends_on)
        else:
            found.append([one])
            until = ends_on
    return found


def _bundle(runs: Sequence[Run], uses: Sequence[Use], *, on: date, terms: Tolerance) -> Bundle:
    everything: list[Run | Use] = [*runs, *uses]
    first = everything[0]
    due_on = on - timedelta(days=terms.one_sided_after_days)
    filed, reported = _due_hours(runs, due_on), _due_hours(uses, due_on)
    with localcontext(EXACT):
        return Bundle(
            key=min(one.key for one in (runs or uses)),
            state=_state(runs, uses, filed=filed, reported=reported, terms=terms),
            group=first.group,
            facility=next((one.facility for one in everything if one.facility), ""),
            accelerator=next((one.accelerator for one in everything if one.accelerator), ""),
            starts_on=min(one.starts_on for one in everything),
            ends_on=max(one.ends_on for one in everything),
            runs=tuple(runs),
            uses=tuple(uses),
            filed_hours=sum((run.hours for run in runs), Decimal(0)),
            reported_hours=sum((use.hours for use in uses), Decimal(0)),
            filed_flop=sum((run.flop for run in runs), Decimal(0)),
            reported_flop=sum((use.flop for use in uses), Decimal(0)),
            ratio=as_decimal(reported / filed, figures=_RATIO_FIGURES) if filed and uses else None,
        )


def _state(runs: Sequence[Run], uses: Sequence[Use], *, filed: Fraction, reported: Fraction, terms: Tolerance) -> State:
    """What is to be said of the hours that are due on both sides."""
    if any(run.is_own_facility for run in runs):
        return State.OWN
    if runs and uses:
        if not filed and not reported:
            return State.OPEN
        return State.MATCHED if abs(reported - filed) <= Fraction(terms.tolerance) * filed else State.DIFFERING
    if runs:
        return State.UNREPORTED if filed else State.OPEN
    with localcontext(EXACT):
        if sum(use.flop for use in uses) < terms.least_flop:
            return State.BELOW
    return State.UNFILED if reported else State.OPEN


def _due_hours(those: Iterable[Run | Use], due_on: date) -> Fraction:
    """The hours of the days before `due_on`: what both sides should have told by now."""
    found = Fraction(0)
    for one in those:
        days = (one.ends_on - one.starts_on).days
        due = min(max((due_on - one.starts_on).days, 0), days)
        found += Fraction(one.hours) * due / days
    return found
