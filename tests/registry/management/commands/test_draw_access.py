"""The page of who may see and do what follows from the policy, and is fresh."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import CommandError

from registry.accounts import policy
from registry.management.commands import draw_access


def test_the_page_of_the_project_is_fresh() -> None:
    call_command("draw_access", check=True)


def test_a_stale_page_fails_the_check_and_is_left_alone(tmp_path: Path, settings: LazySettings) -> None:
    settings.ROOT = tmp_path
    with pytest.raises(CommandError, match="stale"):
        call_command("draw_access", check=True)
    call_command("draw_access", verbosity=0)
    call_command("draw_access", check=True)
    page = tmp_path / "docs" / "access.md"
    page.write_text("old")
    with pytest.raises(CommandError, match="stale"):
        call_command("draw_access", check=True)
    assert page.read_text() == "old"


def test_every_role_permission_scope_table_and_login_is_on_the_page() -> None:
    page = draw_access.page()
    named = [*policy.ROLES, *policy.Permission, *policy.SCOPE_PERMISSIONS, *policy.LOGINS]
    named += [*policy.CONFIDENTIAL, *policy.OPEN, *policy.SIGN_IN]
    assert [name for name in named if f"`{name}`" not in page] == []


def test_a_row_of_the_matrix_says_what_the_policy_says() -> None:
    lines = draw_access.page().splitlines()
    head = next(line for line in lines if line.startswith("| Permission |")).split(" | ")
    row = next(line for line in lines if line.startswith("| `filing_accept` |")).split("|")[2:]
    told = {name.strip("` |") for name, mark in zip(head[1:], row, strict=False) if mark.strip() == "yes"}
    assert told == {"officer", "supervisor", "ai_office_officer", "ai_office_supervisor"}
    assert "| `filings_version` | " in draw_access.page()
