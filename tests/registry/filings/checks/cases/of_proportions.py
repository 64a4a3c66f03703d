"""Cases of the checks of bands, flags and wholes."""

from tests.registry.filings.checks.cases.case import Case, Changes

_OWNER = "beneficial_ownership__owners__"


def _owners(first: str, second: str, kinds: tuple[str, ...] = ("ownership",)) -> Changes:
    return {
        f"{_OWNER}0__share_percent": first,
        f"{_OWNER}0__control_kinds": list(kinds),
        f"{_OWNER}1__share_percent": second,
    }


def _users(count: int) -> Changes:
    return {"model__expected_business_users_count": count, "model__reaches_10000_business_users": False}


CASES = (
    Case("parameters-off-band", {"model__parameters": "5.01e11"}, {"model__parameters": "5.00e11"}),
    Case("parameters-off-band", {"model__parameters": "9.99e10"}, {"model__parameters": "1.00e11"}),
    Case("business-users-off-flag", _users(10_000), _users(9_999)),
    Case(
        "business-users-off-flag",
        {"model__expected_business_users_count": 9_999},
        {"model__expected_business_users_count": 10_000},
    ),
    Case(
        "holdings-exceed-whole",
        {"beneficial_ownership__holdings__2__share_percent": "45.01"},
        {"beneficial_ownership__holdings__2__share_percent": "45.00"},
        pointer="/beneficial_ownership/holdings/2/share_percent",
    ),
    Case("owners-exceed-whole", _owners("55.01", "45"), _owners("55.00", "45")),
    Case("no-owner-of-a-quarter", _owners("24.99", "24.99"), _owners("25", "24.99")),
    Case(
        "no-owner-of-a-quarter",
        _owners("10", "10"),
        _owners("10", "10", ("ownership", "board_appointment")),
    ),
    Case(
        "control-unexplained",
        {f"{_OWNER}0__control_kinds": ["agreement"]},
        {f"{_OWNER}0__control_kinds": ["agreement"], f"{_OWNER}0__control_description": "Pooling agreement of 2021"},
    ),
    Case("control-unexplained", {f"{_OWNER}0__control_kinds": ["nominee"]}, {f"{_OWNER}0__control_kinds": ["veto"]}),
    Case(
        "biological-flag-off-data",
        {"data__modalities": ["text", "biological_sequences"]},
        {"data__modalities": ["text", "biological_sequences"], "run__biological_sequence_data": True},
    ),
    Case(
        "biological-flag-off-data",
        {"model__modalities_in__0__modality": "biological_sequences"},
        {"model__modalities_in__0__modality": "other"},
    ),
)
