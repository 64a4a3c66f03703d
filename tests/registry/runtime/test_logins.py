"""Old servers are refused, logins own nothing, and every process has a URL of its own."""

from typing import Any

import psycopg
import pytest

from registry.runtime import logins
from registry.runtime.processes import CannotRun


class _Server:
    """A connection to a server of some version."""

    def __init__(self, number: int) -> None:
        self.info = type("Info", (), {"server_version": number})

    def __enter__(self) -> "_Server":
        return self

    def __exit__(self, *error: object) -> None:
        return None


@pytest.mark.parametrize(
    ("number", "safe"),
    [
        (140022, False),
        (150013, False),
        (150014, True),
        (160009, False),
        (160010, True),
        (170005, False),
        (170006, True),
        (180000, True),
        (190001, True),
    ],
)
def test_a_server_below_the_fixed_releases_is_refused(number: int, safe: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: Any, **__: Any) -> _Server:
        return _Server(number)

    monkeypatch.setattr(psycopg, "connect", connect)
    if safe:
        assert logins.require_safe_version(url="postgresql://h/d") == f"{number // 10000}.{number % 10000}"
    else:
        with pytest.raises(CannotRun, match="CVE-2025-8713"):
            logins.require_safe_version(url="postgresql://h/d")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://o:p@db:5432/ecar", "postgresql://ecar_web:a%2Fb%40c@db:5432/ecar"),
        ("postgresql://o@[::1]/ecar?sslmode=require", "postgresql://ecar_web:a%2Fb%40c@[::1]/ecar?sslmode=require"),
        ("postgresql://db/ecar", "postgresql://ecar_web:a%2Fb%40c@db/ecar"),
        ("postgresql:///ecar?host=/run/pg", "postgresql://ecar_web:a%2Fb%40c@/ecar?host=/run/pg"),
    ],
)
def test_a_login_takes_the_place_of_the_owner_in_the_url(url: str, expected: str) -> None:
    assert logins.with_login(url, user="ecar_web", password="a/b@c") == expected


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(CannotRun, match=r"127\.0\.0\.1:1/ecar") as told:
        logins.require_safe_version(url="postgresql://owner:tell-nobody@127.0.0.1:1/ecar")
    assert "tell-nobody" not in str(told.value)
