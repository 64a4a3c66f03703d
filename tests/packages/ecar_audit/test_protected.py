"""What the register protects is clean to the auditor, and what is then revealed against a rule is not."""

from collections.abc import Iterator

from ecar_audit import Bundle, Dimension, Outcome, Parameters, Truth, audit
from ecar_audit.values import Unions
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.statistics.disclosure.cube import Contribution, Cube
from registry.statistics.disclosure.protect import protect
from registry.statistics.disclosure.rules import Rules, assess
from tests.packages.ecar_audit.releases import Codes, release
from tests.registry.statistics.disclosure.cubes import HIERARCHIES, LINKED, contributions, cube_of

few = settings(max_examples=15, deadline=None, derandomize=True)
AXES = tuple(sorted(HIERARCHIES))
DIMENSIONS = [Dimension(name, HIERARCHIES[name].codes, HIERARCHIES[name].parents) for name in AXES]
RULES = Parameters(unions=Unions.OFF)


def published(listed: list[Contribution], cube: Cube, withheld: frozenset[int]) -> tuple[Bundle, Truth]:
    """The release of a cube with these places withheld."""
    assert cube.dimensions == AXES
    filed = [(each.holding, tuple(each.key[name] for name in AXES), int(each.value)) for each in listed]
    tables = {spec.id: sorted(spec.dimensions) for spec in LINKED}
    return release(filed, hidden(cube, withheld), DIMENSIONS, tables=tables)


def hidden(cube: Cube, withheld: frozenset[int]) -> Iterator[Codes]:
    for place in withheld:
        yield cube.cells[place]


@few
@given(contributions())
def test_a_protected_cube_is_clean(listed: list[Contribution]) -> None:
    cube = cube_of(listed)
    pattern = protect(cube, assess(cube, Rules()))
    bundle, truth = published(listed, cube, pattern.withheld)
    report = audit(bundle=bundle, truth=truth, parameters=RULES)
    assert report.outcome is Outcome.CLEAN, report.findings


@few
@given(contributions(most=15), st.randoms(use_true_random=False))
def test_a_sensitive_cell_that_is_revealed_is_caught(listed: list[Contribution], chance: object) -> None:
    cube = cube_of(listed)
    pattern = protect(cube, assess(cube, Rules()))
    if not pattern.sensitive:
        return
    revealed = chance.choice(sorted(pattern.sensitive))  # type: ignore[attr-defined]
    bundle, truth = published(listed, cube, pattern.withheld - {revealed})
    report = audit(bundle=bundle, truth=truth, parameters=RULES)
    assert tuple(cube.cells[revealed]) in {tuple(each.codes.values()) for each in report.findings}
