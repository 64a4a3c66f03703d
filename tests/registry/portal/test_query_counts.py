"""A page asks the database as often for many rows as for few: nothing is looked up row by row."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry.acting import Actor
from registry.charts import compute
from registry.organisations.models import Organisation
from tests.registry.portal.conftest import File, SignIn

FEW, MANY = 2, 7
OF_AN_AUTHORITY = (
    *("overview", "queue", "access-log", "findings", "cases", "pleas", "holds", "exports-new"),
    *("analysis", "oversight-providers", "oversight-returns", "oversight-facilities"),
)
OF_THE_UNION = ("overview", "oversight-positions", "oversight-mismatches", "missing-filers")
OF_A_PROVIDER = ("workspace", "workspace-duties", "access-log", "workspace-organisation")


def queries_of(browser: Client, page: str) -> int:
    """How many statements one answer takes, after one that fills what is kept in memory."""
    address = reverse(page)
    assert browser.get(address).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        browser.get(address)
    return len(asked)


def grown(browser: Client, pages: tuple[str, ...], by: Actor, file: File) -> dict[str, tuple[int, int]]:
    """Statements of each page with few filings and with many, where they differ."""
    for number in range(FEW):
        file(by, run__client_run_id=f"few-{number}")
    few = {page: queries_of(browser, page) for page in pages}
    for number in range(MANY - FEW):
        file(by, run__client_run_id=f"many-{number}")
    many = {page: queries_of(browser, page) for page in pages}
    return {page: (few[page], many[page]) for page in pages if many[page] > few[page]}


def test_the_lists_of_an_authority_ask_no_more_for_more_rows(sign_in: SignIn, alice: Actor, file: File) -> None:
    assert grown(sign_in("officer", "FR"), OF_AN_AUTHORITY, alice, file) == {}


def test_the_lists_of_the_union_ask_no_more_for_more_rows(sign_in: SignIn, alice: Actor, file: File) -> None:
    assert grown(sign_in("ai_office_officer", "EU"), OF_THE_UNION, alice, file) == {}


def test_the_overview_asks_as_often_once_its_runs_are_too_many_to_draw_one_by_one(
    sign_in: SignIn, alice: Actor, file: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "MOST_MARKS", FEW)
    assert grown(sign_in("officer", "FR"), ("overview",), alice, file) == {}


@pytest.mark.parametrize("role", ["provider_submitter", "provider_reader"])
def test_the_lists_of_a_provider_ask_no_more_for_more_rows(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File, role: str
) -> None:
    assert grown(sign_in(role, aurelia), OF_A_PROVIDER, alice, file) == {}
