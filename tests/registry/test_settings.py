"""The settings of production: Django's own inspection for deployment, and ours, find nothing."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE", "CELERY", "CACHE", "SECRET_KEY", "BASE_URL", "ALLOWED", "REGISTRY", "EMAIL", "WEBHOOK", "SANDBOX")
OURS += ("FACTOR", "STATISTICS")
PRODUCTION = {
    "REGISTRY_ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "CELERY_BROKER_URL": "amqp://somebody:something@127.0.0.1:1/",
    "BASE_URL": "https://registry.example.eu",
    "ALLOWED_HOSTS": "registry.example.eu",
    "FACTOR_KEYS": secrets.token_urlsafe(48),
    "STATISTICS_RULES": '{"minimum_holdings": 4, "p_percent": "12.5"}',
}


def _inspected(**changes: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check --deploy` under the settings of production, with these changed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**kept, **PRODUCTION, "SECRET_KEY": secrets.token_urlsafe(64), **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_inspection_for_deployment_finds_nothing() -> None:
    done = _inspected()
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"FACTOR_KEYS": ""}, "FACTOR_KEYS"),
        ({"FACTOR_KEYS": f"{secrets.token_urlsafe(48)} short"}, "FACTOR_KEYS"),
        ({"WEBHOOK_ALLOW_LOOPBACK": "1"}, "WEBHOOK_ALLOW_LOOPBACK"),
        ({"BASE_URL": "http://registry.example.eu"}, "BASE_URL"),
        ({"REGISTRY_ENVIRONMENT": "live"}, "REGISTRY_ENVIRONMENT"),
        ({"DATABASE_URL": "mysql://nobody@127.0.0.1/none"}, "DATABASE_URL"),
    ],
)
def test_settings_that_production_cannot_stand_on_stop_it_naming_the_variable(
    changes: dict[str, str], said: str
) -> None:
    done = _inspected(**changes)
    assert done.returncode != 0
    assert said in done.stderr
