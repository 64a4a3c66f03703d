"""Positions: what is added, what counts once, and that changes one by one equal the sum added up anew."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from registry.periods import Period
from registry.screening import position_reading, position_terms, positions
from registry.screening.positions import Change, Contribution, Position, Side

D = Decimal
DAY = date(2026, 3, 1)
MARCH = (date(2026, 3, 1), date(2026, 4, 1))
APRIL = (date(2026, 4, 1), date(2026, 5, 1))
TERMS = position_terms.terms(on=DAY)
ON = date(2026, 12, 31)


def filed(flop: str, hours: str = "0", *, days: tuple[date, date] = MARCH, place: str = "f/h100") -> Contribution:
    covers = D(hours) * D("1e18") if D(hours) else D(flop)
    return Contribution(Side.FILED, place, *days, D(flop), D(hours), covers)


def reported(flop: str, hours: str, *, days: tuple[date, date] = MARCH, place: str = "f/h100") -> Contribution:
    return Contribution(Side.REPORTED, place, *days, D(flop), D(hours))


def total(*contributions: Contribution) -> tuple[Decimal, Decimal]:
    reading = position_reading.read(positions.position_of(contributions), on=ON, window_days=None, terms=TERMS)
    return reading.total.flop, reading.total.hours


RUN = filed("4e20", "400")
COUNTED = [
    ("filings at one place add up", [filed("4e24", "100"), filed("5e24", "100")], "9e24", "200"),
    ("a run filed and reported alike counts once", [RUN, reported("4e20", "400")], "4e20", "400"),
    ("the filer's FLOP stand for the hours covered", [filed("3e20", "400"), reported("4e20", "400")], "3e20", "400"),
    ("hours beyond the filing add", [filed("3e20", "400"), reported("5e20", "500")], "4e20", "500"),
    ("a report below the filing takes nothing away", [RUN, reported("1e20", "100")], "4e20", "400"),
    ("another place adds", [RUN, reported("4e20", "400", place="g/h100")], "8e20", "800"),
    ("another month adds", [RUN, reported("4e20", "400", days=APRIL)], "8e20", "800"),
    (
        "a filing without a place covers what is in excess anywhere",
        [filed("4e20", "400", place=""), reported("3e20", "300", place="g/a"), reported("2e20", "200", place="h/a")],
        "5e20",
        "500",
    ),
    ("a filing without hours covers its own FLOP", [filed("4e20"), reported("5e20", "500")], "5e20", "500"),
    ("use that is no training has hours and no FLOP", [reported("0", "500")], "0", "500"),
]


@pytest.mark.parametrize(("told", "contributions", "flop", "hours"), COUNTED, ids=[case[0] for case in COUNTED])
def test_what_counts(told: str, contributions: list[Contribution], flop: str, hours: str) -> None:
    counted = total(*contributions)
    assert counted == (D(flop), D(hours))


def test_a_contribution_lasts_a_day_at_least_and_is_not_negative() -> None:
    with pytest.raises(ValueError, match="a day at least"):
        Contribution(Side.FILED, "", DAY, DAY, D(1), D(1))
    with pytest.raises(ValueError, match="negative"):
        Contribution(Side.FILED, "", *MARCH, D(-1), D(1))


def test_a_contribution_is_three_steps_however_long_it_lasts() -> None:
    long = (date(2020, 1, 1), date(2026, 1, 1))
    assert len(positions.steps_of(filed("1e25", "7", days=long))) == 3


def test_the_reference_is_the_dense_peak_at_the_reference_utilisation() -> None:
    """300 servers of eight H100: 10^25 in about 122 days."""
    hours = D(2400 * 24 * 122)
    flop = positions.reference_flop(accelerator="nvidia-h100-sxm5-80gb", hours=hours, utilisation=TERMS.utilisation)
    assert flop is not None
    assert D("1e25") < flop < D("1.01e25")
    assert positions.reference_flop(accelerator="abacus", hours=hours, utilisation=TERMS.utilisation) is None


def test_a_sold_company_counts_for_its_seller_until_the_day_and_for_its_buyer_from_it() -> None:
    sold = positions.position_of([filed("3.1e20", "310")])
    day = date(2026, 3, 11)
    before, after = positions.clip(sold, Period(date.min, day)), positions.clip(sold, Period(day))
    first = position_reading.read(before, on=ON, window_days=None, terms=TERMS)
    second = position_reading.read(after, on=ON, window_days=None, terms=TERMS)
    assert (first.total.flop, second.total.flop) == (D("1e20"), D("2.1e20"))
    assert positions.group_position([(sold, Period(date.min, day)), (sold, Period(day))]) == sold


def test_a_place_needs_facility_and_accelerator() -> None:
    assert positions.place_of(facility="f", accelerator="") == positions.place_of(facility="", accelerator="a") == ""
    assert positions.place_of(facility="f", accelerator="a") == "f/a"


AMOUNTS = st.decimals(min_value=0, max_value=D("3e25"), places=3, allow_nan=False)
HOURS = st.decimals(min_value=0, max_value=D("1e7"), places=4, allow_nan=False)
PLACES = st.sampled_from(["", "f/h100", "g/h100", "g/tpu"])


@st.composite
def contributions(draw: st.DrawFn) -> Contribution:
    starts_on = date(2025, 1, 1) + timedelta(days=draw(st.integers(0, 400)))
    ends_on = starts_on + timedelta(days=draw(st.integers(1, 200)))
    side = draw(st.sampled_from(Side))
    covers = draw(AMOUNTS) if side is Side.FILED else D(0)
    place = draw(PLACES if side is Side.FILED else PLACES.filter(bool))
    return Contribution(side, place, starts_on, ends_on, draw(AMOUNTS), draw(HOURS), covers)


@given(st.lists(contributions(), max_size=6))
@settings(max_examples=60, deadline=None)
def test_the_sum_is_never_below_one_side_nor_above_both_together(told: list[Contribution]) -> None:
    whole = [(each.side, each.amounts.filed_flop + each.amounts.reported_flop) for each in told]
    sides = {side: sum(flop for by, flop in whole if by is side) for side in Side}
    flop, _ = total(*(replace(each, covers_flop=each.flop) for each in told))
    assert max(sides.values()) <= flop <= sum(sides.values())


@given(st.lists(contributions(), max_size=6), st.integers(0, 500))
@settings(max_examples=60, deadline=None)
def test_clipping_at_a_day_loses_nothing(told: list[Contribution], days: int) -> None:
    position, cut = positions.position_of(told), date(2025, 1, 1) + timedelta(days=days)
    halves = [(position, Period(date.min, cut)), (position, Period(cut))]
    assert positions.group_position(halves) == position


ENTITIES = ("parent", "first", "second", "third")
LINEAGES = ("", "atlas", "borea")


class Register(RuleBasedStateMachine):
    """Filings, records, their amendments and withdrawals, and changes of owners, against everything added up anew."""

    sources = Bundle("sources")

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.held: dict[int, tuple[str, str, tuple[Contribution, ...]]] = {}
        self.by_entity: dict[str, Position] = {}
        self.by_lineage: dict[str, Position] = {}
        self.groups: dict[str, list[tuple[date, str]]] = {each: [(date.min, each)] for each in ENTITIES}

    def change(self, entity: str, lineage: str, change: Change) -> None:
        self.by_entity[entity] = positions.apply(self.by_entity.get(entity, positions.EMPTY), change)
        if lineage:
            self.by_lineage[lineage] = positions.apply(self.by_lineage.get(lineage, positions.EMPTY), change)

    @rule(target=sources, entity=st.sampled_from(ENTITIES), lineage=st.sampled_from(LINEAGES),
          told=st.lists(contributions(), min_size=1, max_size=3))  # fmt: skip
    def file_or_report(self, entity: str, lineage: str, told: list[Contribution]) -> int:
        self.count += 1
        self.held[self.count] = (entity, lineage, tuple(told))
        self.change(entity, lineage, Change(after=tuple(told)))
        return self.count

    @rule(source=sources, told=st.lists(contributions(), min_size=1, max_size=3))
    def amend(self, source: int, told: list[Contribution]) -> None:
        entity, lineage, before = self.held[source]
        self.held[source] = (entity, lineage, tuple(told))
        self.change(entity, lineage, Change(before=before, after=tuple(told)))

    @rule(target=sources, source=consumes(sources), entity=st.sampled_from(ENTITIES), lineage=st.sampled_from(LINEAGES))
    def amend_the_subject(self, source: int, entity: str, lineage: str) -> int:
        old_entity, old_lineage, told = self.held[source]
        self.change(old_entity, old_lineage, Change(before=told))
        self.change(entity, lineage, Change(after=told))
        self.held[source] = (entity, lineage, told)
        return source

    @rule(target=sources, source=consumes(sources))
    def withdraw(self, source: int) -> object:
        entity, lineage, before = self.held.pop(source)
        self.change(entity, lineage, Change(before=before))
        return multiple()

    @rule(entity=st.sampled_from(ENTITIES[1:]), owner=st.sampled_from(ENTITIES), days=st.integers(0, 500))
    def change_owners(self, entity: str, owner: str, days: int) -> None:
        """From a day on, which may be past: what was stated for later days goes."""
        day = date(2025, 1, 1) + timedelta(days=days)
        self.groups[entity] = [(since, group) for since, group in self.groups[entity] if since < day] + [(day, owner)]

    def periods(self, entity: str) -> list[tuple[str, Period]]:
        known = self.groups[entity]
        ends = [since for since, _ in known[1:]]
        return [(group, Period(since, end)) for (since, group), end in zip(known, [*ends, None], strict=True)]

    @invariant()
    def every_position_equals_the_one_added_up_anew(self) -> None:
        for entity in ENTITIES:
            everything = [each for by, _, told in self.held.values() if by == entity for each in told]
            assert self.by_entity.get(entity, positions.EMPTY) == positions.position_of(everything)
        for lineage in LINEAGES[1:]:
            everything = [each for _, of, told in self.held.values() if of == lineage for each in told]
            assert self.by_lineage.get(lineage, positions.EMPTY) == positions.position_of(everything)

    @invariant()
    def every_group_reads_as_if_each_day_were_looked_at(self) -> None:
        for owner in ENTITIES:
            members = [
                (self.by_entity.get(entity, positions.EMPTY), period)
                for entity in ENTITIES
                for group, period in self.periods(entity)
                if group == owner
            ]
            kept = positions.group_position(members)
            anew = positions.position_of(self.daily(owner))
            assert kept == anew

    def daily(self, owner: str) -> list[Contribution]:
        """Every contribution cut at the days on which its entity changes hands: those of this owner."""
        found = []
        for entity, _, told in self.held.values():
            for group, period in self.periods(entity):
                if group == owner:
                    found += [part for each in told for part in _days_of(each, period)]
        return found


def _days_of(whole: Contribution, period: Period) -> list[Contribution]:
    """The contribution's part in a period, as even parts: its first day apart, which takes the rest."""
    days = (whole.ends_on - whole.starts_on).days
    found = []
    seconds = whole.amounts.filed_seconds + whole.amounts.reported_seconds
    flop = whole.amounts.filed_flop + whole.amounts.reported_flop
    covered = whole.amounts.covered_flop
    rates = [each // days for each in (flop, seconds, covered)]
    rests = [each - rate * days for each, rate in zip((flop, seconds, covered), rates, strict=True)]
    second_day = whole.starts_on + timedelta(days=1)
    for first, last, extra in ((whole.starts_on, second_day, rests), (second_day, whole.ends_on, [0, 0, 0])):
        starts_on = max(first, period.starts_on)
        ends_on = last if period.ends_on is None else min(last, period.ends_on)
        count = (ends_on - starts_on).days
        if count > 0:
            amounts = [D(rate * count + more) for rate, more in zip(rates, extra, strict=True)]
            hours = Contribution(whole.side, whole.place, starts_on, ends_on, amounts[0], amounts[1] / 3600, amounts[2])
            found.append(hours)
    return found


TestRegister = Register.TestCase
TestRegister.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
