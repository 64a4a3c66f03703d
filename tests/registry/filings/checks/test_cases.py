"""Every check answers where it should, and is silent one step before."""

import pytest

from registry.filings.checks.catalogue import every_check
from registry.filings.checks.engine import render
from registry.filings.document import element_at
from registry.languages import SPOKEN
from tests.registry.filings.checks.cases import (
    of_arithmetic,
    of_dates,
    of_form,
    of_law,
    of_physics,
    of_presence,
    of_proportions,
    of_versions,
)
from tests.registry.filings.checks.cases.case import Case, answers

FAMILIES = (of_arithmetic, of_dates, of_form, of_law, of_physics, of_presence, of_proportions, of_versions)
CASES: tuple[Case, ...] = tuple(case for family in FAMILIES for case in family.CASES)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.code}-{number}" for number, case in enumerate(CASES)])
def test_a_check_answers_its_case_and_spares_the_near_miss(case: Case) -> None:
    found = [each for each in answers(case.base, case.fires, case.context) if each.code == case.code]
    assert found, f"{case.code} is silent"
    if case.pointer is not None:
        assert case.pointer in [each.pointer for each in found]
    assert all(each.pointer == "" or element_at(each.pointer) is not None for each in found)
    spared_in = case.context if case.spares_context is None else case.spares_context
    assert case.code not in {each.code for each in answers(case.base, case.spares, spared_in)}
    for language in SPOKEN:
        sentence, remedy = render(found[0], language)
        assert "{" not in sentence + remedy


def test_every_check_has_a_case() -> None:
    assert {case.code for case in CASES} == set(every_check())
