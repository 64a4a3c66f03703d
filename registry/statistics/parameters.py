"""The sealed parameters of disclosure control: read by the worker that protects and attacks, told to nobody.

`STATISTICS_RULES` (or the file that `STATISTICS_RULES_FILE` names) is a JSON object with the members of `Rules`, all
optional: minimum_holdings, p_percent (text), coalition, dominance ([n, k]). Production must differ from the published
defaults; an error names the setting and never what stands in it. `ANALYST_RULES` are those of the counts that analysts
of an authority see, in the same form.
"""

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from registry.statistics.disclosure.rules import Rules

SETTING: Final = "STATISTICS_RULES"
OF_ANALYSTS: Final = "ANALYST_RULES"
_MEMBERS: Final = frozenset({"minimum_holdings", "p_percent", "coalition", "dominance"})


def sealed() -> Rules:
    """The rules as the settings say. Raises ImproperlyConfigured for what is none, in production for the defaults."""
    rules = parse(settings.STATISTICS_RULES)
    if settings.PRODUCTION and is_default(rules):
        raise ImproperlyConfigured(f"{SETTING} holds the published defaults: production needs its own, told to nobody.")
    return rules


def of_analysts() -> Rules:
    """The rules for what analysts of an authority are shown: parameters of their own. Raises ImproperlyConfigured."""
    return parse(settings.ANALYST_RULES, setting=OF_ANALYSTS)


def parse(said: str, *, setting: str = SETTING) -> Rules:
    """Rules from JSON; nothing said: the defaults. Raises ImproperlyConfigured, which does not repeat what was said."""
    if not said.strip():
        return Rules()
    try:
        return _rules(json.loads(said))
    except (ValueError, TypeError, ArithmeticError):
        raise ImproperlyConfigured(f"{setting} is no JSON object of rules.") from None


def is_default(rules: Rules) -> bool:
    """Whether an attacker could guess them: minimum and p are both those that stand in the code."""
    usual = Rules()
    return (rules.minimum_holdings, rules.p_percent) == (usual.minimum_holdings, usual.p_percent)


@register(Tags.security, deploy=True)
def are_sealed(**_given: Any) -> Sequence[CheckMessage]:
    """`manage.py check --deploy`: the parameters are there, and are not the published defaults."""
    try:
        usual = is_default(parse(settings.STATISTICS_RULES))
    except ImproperlyConfigured as refused:
        return [Error(str(refused), id="statistics.E001")]
    if not usual:
        return []
    return [
        Error(
            "Disclosure control runs with the published defaults.",
            hint=f"Set {SETTING}_FILE to a file that the worker alone reads.",
            id="statistics.E002",
        )
    ]


def _rules(said: Any) -> Rules:
    if not isinstance(said, dict) or set(said) - _MEMBERS:
        raise ValueError
    usual = Rules()
    dominance = said.get("dominance")
    return Rules(
        minimum_holdings=int(said.get("minimum_holdings", usual.minimum_holdings)),
        p_percent=Fraction(str(said.get("p_percent", usual.p_percent))),
        coalition=int(said.get("coalition", usual.coalition)),
        dominance=(int(dominance[0]), Fraction(str(dominance[1]))) if dominance else None,
    )
