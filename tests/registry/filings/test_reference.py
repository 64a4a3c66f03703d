"""The reference of a filing: its check digit, and how it stands in a path."""

import pytest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils import translation

from registry.filings import reference

GOOD = reference.make(year=2026, number=123)


@pytest.mark.parametrize("place", range(5, len(GOOD)))
def test_one_wrong_digit_is_found(place: int) -> None:
    if GOOD[place].isdigit():
        wrong = str((int(GOOD[place]) + 1) % 10)
        assert not reference.is_valid(f"{GOOD[:place]}{wrong}{GOOD[place + 1 :]}")


@pytest.mark.parametrize("route", ["filings-one", "oversight-filings-one", "workspace-filings-one"])
def test_both_edges_name_a_filing_in_a_path_by_the_same_converter(route: str) -> None:
    with translation.override("en"):
        address = reverse(route, args=[GOOD])
        found = resolve(address)
    assert found.kwargs == {"reference": GOOD}
    assert found.url_name == route


@pytest.mark.parametrize("wrong", ["ECAR-26-000123-7", "ECAR-2026-123-7", "ecar-2026-000123-7", "ECAR-2026-000123-7/x"])
def test_what_is_no_reference_is_no_path(wrong: str) -> None:
    with translation.override("en"), pytest.raises(NoReverseMatch):
        reverse("oversight-filings-one", args=[wrong])
    with translation.override("en"), pytest.raises(Resolver404):
        resolve(f"/en/oversight/filings/{wrong}/")
