"""Runs and uses held together: each state with its near miss, order, completeness, match rates."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.screening import position_terms, reconciliation
from registry.screening.reconciliation import Bundle, Run, State, Use

D = Decimal
FROM, UNTIL = date(2026, 3, 1), date(2026, 4, 1)
LATER = date(2026, 12, 31)
TERMS = position_terms.tolerance(on=FROM)
RUN = Run(FROM, UNTIL, "r1", "ECAR-1", "dev", "group", "hall", "h100", D(1000), D("1e24"))
USE = Use(FROM, UNTIL, "u1", "cloud", "group", "hall", "h100", D(1000), D("1e24"))


def reconcile(*those: Run | Use, on: date = LATER) -> tuple[Bundle, ...]:
    runs = [one for one in those if isinstance(one, Run)]
    uses = [one for one in those if isinstance(one, Use)]
    return reconciliation.reconcile(runs=runs, uses=uses, on=on, terms=TERMS)


def states(*those: Run | Use, on: date = LATER) -> list[State]:
    return [bundle.state for bundle in reconcile(*those, on=on)]


APART = UNTIL + timedelta(days=TERMS.slack_days)
AFTER = UNTIL + timedelta(days=TERMS.one_sided_after_days)
CASES = [
    ("equal", [RUN, USE], [State.MATCHED]),
    ("thirty per cent more", [RUN, replace(USE, hours=D(1300))], [State.MATCHED]),
    ("more than that", [RUN, replace(USE, hours=D("1300.1"))], [State.DIFFERING]),
    ("thirty per cent less", [RUN, replace(USE, hours=D(700))], [State.MATCHED]),
    ("less than that", [RUN, replace(USE, hours=D("699.9"))], [State.DIFFERING]),
    ("no return", [RUN], [State.UNREPORTED]),
    ("no filing", [USE], [State.UNFILED]),
    ("nobody had to file", [replace(USE, flop=TERMS.least_flop - 1)], [State.BELOW]),
    ("just what has to be filed", [replace(USE, flop=TERMS.least_flop)], [State.UNFILED]),
    ("its own facility", [replace(RUN, is_own_facility=True)], [State.OWN]),
    ("another group", [RUN, replace(USE, group="other")], [State.UNREPORTED, State.UNFILED]),
    ("another facility", [RUN, replace(USE, facility="barn")], [State.UNREPORTED, State.UNFILED]),
    ("another accelerator", [RUN, replace(USE, accelerator="tpu")], [State.UNREPORTED, State.UNFILED]),
    ("no facility named", [replace(RUN, facility=""), USE], [State.MATCHED]),
    ("no accelerator named", [replace(RUN, accelerator=""), USE], [State.MATCHED]),
    ("no place named", [replace(RUN, facility="", accelerator=""), USE], [State.MATCHED]),
    ("another chip", [replace(RUN, facility="", accelerator="tpu"), USE], [State.UNREPORTED, State.UNFILED]),
    ("days apart", [RUN, replace(USE, starts_on=APART, ends_on=AFTER)], [State.UNREPORTED, State.UNFILED]),
    ("not so many", [RUN, replace(USE, starts_on=APART - timedelta(days=1), ends_on=AFTER)], [State.MATCHED]),
    (
        "one run, two months",
        [
            replace(RUN, ends_on=date(2026, 5, 1)),
            replace(USE, hours=D(400)),
            replace(USE, key="u2", starts_on=UNTIL, ends_on=date(2026, 5, 1), hours=D(650)),
        ],
        [State.MATCHED],
    ),
    ("two runs, one record", [replace(RUN, hours=D(300)), replace(RUN, key="r2", hours=D(600)), USE], [State.MATCHED]),
]  # fmt: skip


@pytest.mark.parametrize(("told", "those", "expected"), CASES, ids=[case[0] for case in CASES])
def test_what_comes_of_it(told: str, those: list[Run | Use], expected: list[State]) -> None:
    assert sorted(states(*those)) == sorted(expected)


def test_a_missing_side_is_told_once_its_return_is_due() -> None:
    first = FROM + timedelta(days=TERMS.one_sided_after_days)
    assert states(RUN, on=first) == states(USE, on=first) == [State.OPEN]
    assert states(RUN, on=first + timedelta(days=1)) == [State.UNREPORTED]
    assert states(USE, on=first + timedelta(days=1)) == [State.UNFILED]


def test_a_run_under_way_is_compared_as_far_as_returns_are_due() -> None:
    """Four months filed, two reported: what is not due yet does not make them differ."""
    run = replace(RUN, ends_on=date(2026, 7, 1), hours=D(4000))
    uses = [USE, replace(USE, key="u2", starts_on=UNTIL, ends_on=date(2026, 5, 1))]
    assert states(run, *uses, on=date(2026, 5, 15)) == [State.MATCHED]
    assert states(run, *uses, on=LATER) == [State.DIFFERING]


def test_the_closest_place_is_met_first() -> None:
    vague = replace(RUN, key="r2", facility="", filing="ECAR-2")
    bundles = reconcile(RUN, vague, USE, replace(USE, key="u2", facility="barn"))
    assert {bundle.key: [use.key for use in bundle.uses] for bundle in bundles} == {"r1": ["u1"], "r2": ["u2"]}


def test_hours_are_told_and_the_ratio() -> None:
    (bundle,) = reconcile(RUN, replace(USE, hours=D(1500)))
    assert bundle.is_mismatch
    assert (bundle.filed_hours, bundle.reported_hours, bundle.ratio) == (D(1000), D(1500), D("1.50"))


def test_a_provider_s_rate_is_of_the_hours_of_which_it_can_be_said() -> None:
    bundles = reconcile(
        RUN,
        USE,
        replace(USE, key="u2", group="other", hours=D(3000)),
        replace(USE, key="u3", group="small", hours=D(50), flop=D(1)),
        replace(USE, key="u4", provider="fog", group="small2", hours=D(50), flop=D(1)),
    )
    cloud, fog = reconciliation.match_rates(bundles)
    assert (cloud.provider, cloud.matched_share, cloud.bundles[State.BELOW]) == ("cloud", D("0.250"), 1)
    assert (fog.provider, fog.matched_share) == ("fog", None)


PERIODS = st.tuples(st.integers(0, 200), st.integers(1, 90)).map(
    lambda days: (FROM + timedelta(days=days[0]), FROM + timedelta(days=sum(days)))
)
PLACES = st.tuples(st.sampled_from(["g", "h"]), st.sampled_from(["", "hall", "barn"]), st.sampled_from(["", "h100"]))


@st.composite
def runs(draw: st.DrawFn) -> Run:
    group, facility, accelerator = draw(PLACES)
    run = replace(RUN, key=f"r{draw(st.integers(0, 10**9))}", group=group, facility=facility, accelerator=accelerator)
    starts_on, ends_on = draw(PERIODS)
    return replace(run, starts_on=starts_on, ends_on=ends_on, hours=D(draw(st.integers(1, 5000))))


@st.composite
def uses(draw: st.DrawFn) -> Use:
    run = draw(runs())
    use = replace(USE, key=f"u{run.key}", group=run.group, facility=run.facility or "hall", hours=run.hours)
    return replace(use, accelerator=run.accelerator or "h100", starts_on=run.starts_on, ends_on=run.ends_on)


SOME_RUNS = st.lists(runs(), max_size=8, unique_by=lambda run: run.key)
SOME_USES = st.lists(uses(), max_size=8, unique_by=lambda use: use.key)


@given(SOME_RUNS, SOME_USES, st.randoms(use_true_random=False))
@settings(max_examples=120, deadline=None)
def test_everything_stands_in_one_bundle_whatever_the_order(some: list[Run], others: list[Use], random: Random) -> None:
    bundles = reconcile(*some, *others)
    assert sorted(run.key for bundle in bundles for run in bundle.runs) == sorted(run.key for run in some)
    assert sorted(use.key for bundle in bundles for use in bundle.uses) == sorted(use.key for use in others)
    shuffled: list[Run | Use] = [*some, *others]
    random.shuffle(shuffled)
    assert reconcile(*shuffled) == bundles
    assert len({bundle.key for bundle in bundles}) == len(bundles)
