"""A run split into forty parts is one position: counted once, above the threshold, and dated."""

from datetime import date
from decimal import Decimal

import pytest

from registry.acting import acting_as
from registry.screening import position_actions
from registry.screening.models import Bundle, GroupMember, Position
from tests.registry.screening import split

pytestmark = pytest.mark.django_db


def test_forty_parts_over_five_providers_and_eight_subsidiaries_are_found() -> None:
    subsidiaries = split.build()
    with acting_as(split.SCREENER):
        position = Position.objects.filter(kind="owner_group").order_by("-peak_flop").first()
        assert position is not None
        assert Decimal("1.9e25") < (position.peak_flop or 0) < Decimal("2.2e25")
        assert "systemic-risk" in position.crossed
        crossed_on = next(each["crossed_on"] for each in position.limits if each["code"] == "systemic-risk")
        assert date(2027, 2, 1) < date.fromisoformat(crossed_on) < date(2027, 3, 15)
        members = GroupMember.objects.filter(group=position.subject).values_list("account", flat=True)
        assert {f"organisation:{each.id}" for each in subsidiaries} <= set(members)
        largest = Position.objects.filter(kind="lineage").order_by("-peak_flop").first()
        assert largest is not None
        assert (largest.peak_flop or 0) < Decimal("6e23")
        assert set(Bundle.objects.values_list("state", flat=True)) == {"matched"}
        assert position_actions.check(by=split.SCREENER, at=split.LATER).is_equal
