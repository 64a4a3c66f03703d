"""Many rows in one statement: every kind of column, one statement whatever the number, no silent cutting."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.utils import DataError, IntegrityError
from django.test.utils import CaptureQueriesContext

from registry import rows
from registry.filings.models import Filing, Holiday
from registry.organisations.models import Organisation

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def holidays(*names: str) -> list[dict[str, Any]]:
    return [{"calendar": "XX", "on": date(2031, 1, 1 + number), "name": name} for number, name in enumerate(names)]


def organisation(name: str, *, trade_names: list[str]) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "legal_name": name,
        "trade_names": trade_names,
        **dict.fromkeys(("lei", "euid", "ultimate_parent_name", "ultimate_parent_country"), ""),
        "seat_country": "FR",
        "territory": "FR",
        "is_developer": True,
        "is_compute_provider": False,
        "holding": name,
        "is_illustrative": True,
        "registered_at": AT,
    }


@pytest.mark.parametrize("count", [1, 2, 50])
def test_rows_go_in_by_one_statement_whatever_their_number(count: int) -> None:
    with CaptureQueriesContext(connection) as queries:
        rows.insert(
            Holiday,
            [
                {"calendar": "XX", "on": date(2031, 1, 1), "name": "x"} | {"on": date.fromordinal(741_000 + n)}
                for n in range(count)
            ],
        )
    assert len(queries) == 1
    assert Holiday.objects.filter(calendar="XX").count() == count


def test_quotation_marks_backslashes_braces_and_nulls_of_arrays_arrive_as_they_are() -> None:
    names = ['"', "\\", "{a,b}", "NULL", "", "é\t\n"]
    rows.insert(Holiday, holidays(*names))
    assert list(Holiday.objects.filter(calendar="XX").order_by("on").values_list("name", flat=True)) == names


def test_json_arrives_as_json_also_where_all_rows_say_the_same() -> None:
    same = [organisation("A", trade_names=["x"]), organisation("B", trade_names=["x"])]
    rows.insert(Organisation, same)
    rows.insert(Organisation, [organisation("C", trade_names=['"y"'])])
    found = Organisation.objects.filter(legal_name__in=["A", "B", "C"]).order_by("legal_name")
    assert [each.trade_names for each in found] == [["x"], ["x"], ['"y"']]


def test_a_text_longer_than_its_column_is_refused_and_not_cut() -> None:
    with pytest.raises(DataError):
        rows.insert(Holiday, holidays("x" * 201, "y"))


def test_the_same_row_twice_is_an_integrity_error_unless_the_caller_knows_what_to_do() -> None:
    rows.insert(Holiday, holidays("first"))
    new = rows.insert(Holiday, holidays("again", "other"), conflict="do nothing", returning="name")
    assert new == ["other"]
    with pytest.raises(IntegrityError):
        rows.insert(Holiday, holidays("again"))


def test_an_update_changes_each_row_to_its_own_values_and_keeps_what_it_is_told_to_keep() -> None:
    made = [organisation("A", trade_names=[]), organisation("B", trade_names=[])]
    rows.insert(Organisation, made)
    owner = made[0]["id"]
    filings = [
        {
            "id": uuid.uuid4(),
            "reference": f"R-{number}",
            "organisation_id": owner,
            "territory": "FR",
            **dict.fromkeys(("client_reference", "kind", "run_stage", "run_id", "lineage", "band"), ""),
            **dict.fromkeys(("site_country", "nace_division"), ""),
            "status": "submitted",
            "revision": 1,
            "number": 1,
            "created_at": AT,
            "changed_at": AT,
            "submitted_at": AT,
        }
        for number in range(2)
    ]
    rows.insert(Filing, filings)
    later = datetime(2027, 1, 1, tzinfo=UTC)
    changes = [
        {"id": each["id"], "submitted_at": later, "training_compute_flop": flop}
        for each, flop in zip(filings, [Decimal("2.3e25"), None], strict=True)
    ]
    rows.update(Filing, changes, key="id", also="revision = revision + 1", keep_first=("submitted_at",))
    found = list(Filing.objects.filter(organisation_id=owner).order_by("reference"))
    assert [each.training_compute_flop for each in found] == [Decimal("2.3e25"), None]
    assert [(each.revision, each.submitted_at) for each in found] == [(2, AT)] * 2
