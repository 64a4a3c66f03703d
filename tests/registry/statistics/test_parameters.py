"""The sealed parameters: read from the settings, refused in production where everybody knows them, told to nobody."""

from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from registry.statistics import parameters
from registry.statistics.disclosure.rules import Rules

OWN = '{"minimum_holdings": 4, "p_percent": "12.5", "coalition": 2, "dominance": [2, "85"]}'


def test_rules_are_read_from_the_setting(settings: Any) -> None:
    settings.STATISTICS_RULES = OWN
    assert parameters.sealed() == Rules(4, Fraction("12.5"), 2, (2, Fraction(85)))


def test_outside_production_the_defaults_will_do(settings: Any) -> None:
    settings.STATISTICS_RULES = ""
    assert parameters.sealed() == Rules()


@pytest.mark.parametrize("said", ["", "{}", '{"coalition": 2}', '{"minimum_holdings": 3, "p_percent": "10"}'])
def test_production_refuses_what_everybody_knows(settings: Any, said: str) -> None:
    settings.STATISTICS_RULES, settings.PRODUCTION = said, True
    with pytest.raises(ImproperlyConfigured, match="defaults"):
        parameters.sealed()
    assert [each.id for each in parameters.are_sealed()] == ["statistics.E002"]


def test_production_takes_its_own(settings: Any) -> None:
    settings.STATISTICS_RULES, settings.PRODUCTION = OWN, True
    assert parameters.sealed().minimum_holdings == 4
    assert parameters.are_sealed() == []


@pytest.mark.parametrize(
    "said",
    ["17 secrets", "[]", '{"p_percent": "0"}', '{"minimum_holdings": "x9"}', '{"dominance": 7}', '{"limit_x9": 1}'],
)
def test_an_error_names_the_setting_and_nothing_of_its_content(settings: Any, said: str) -> None:
    settings.STATISTICS_RULES = said
    with pytest.raises(ImproperlyConfigured) as refused:
        parameters.sealed()
    assert str(refused.value) == "STATISTICS_RULES is no JSON object of rules."
    assert refused.value.__suppress_context__
    assert [each.id for each in parameters.are_sealed()] == ["statistics.E001"]
