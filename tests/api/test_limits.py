"""The published limits are those that are enforced."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from api import limits
from api.problems import CATALOGUE

PAGE = Path(settings.ROOT) / "docs" / "api" / "limits.md"


def test_the_published_page_is_drawn_from_the_constants() -> None:
    call_command("draw_limits", "--check")


def test_a_stale_page_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.reading.DEPTH_LIMIT", 33)
    with pytest.raises(CommandError, match=r"limits\.md"):
        call_command("draw_limits", "--check")


def test_every_problem_that_is_named_is_in_the_catalogue_with_its_status() -> None:
    named = re.findall(r"\| (\d{3}) `([a-z-]+)` \|", limits.as_markdown())
    assert len(named) > 20
    for status, slug in named:
        if slug not in {"invalid_client"} and (status, slug) != ("400", "number-out-of-range"):
            assert CATALOGUE[slug].status == int(status), slug


def test_every_rate_is_told() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for policy, calls in settings.RATES_IN_PRODUCTION.items():
        assert f"| `{policy}`: " in page
        assert f"| {calls} in 60 s | 429 `rate-limited` |" in page
