"""The environment that settings are read from: words, numbers, choices and the database, each told by name when wrong.

What a running embedded register wrote into `var/runtime.json` counts where the environment says nothing.
"""

import json
import os
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("REGISTRY_VAR") or ROOT / "var").resolve()


def _running() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((VAR / "runtime.json").read_text())
    except FileNotFoundError:
        return {}
    return found


RUNNING = _running()


def fail(name: str, hint: str) -> NoReturn:
    """Stop with the name of what is wrong and what to do. Raises ImproperlyConfigured."""
    raise ImproperlyConfigured(f"{name} is not usable. {hint}")


def text(name: str, default: str | None = None, *, hint: str = "Set it in the environment.") -> str:
    """A string, or the content of the file named by NAME_FILE. Fails when there is neither and no default."""
    if os.environ.get(f"{name}_FILE"):
        return Path(os.environ[f"{name}_FILE"]).read_text().strip()
    value = os.environ.get(name) or RUNNING.get(name.lower()) or default
    if value is None:
        fail(name, hint)
    return value


def whole_number(name: str, default: int) -> int:
    """An integer."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit():
        fail(name, "It must be a whole number.")
    return int(value)


def one_of(name: str, choices: tuple[str, ...], default: str) -> str:
    """One word of a list."""
    value = text(name, default)
    if value not in choices:
        fail(name, f"It must be one of {', '.join(choices)}.")
    return value


def database(url: str) -> dict[str, Any]:
    """Django's form of `postgresql://user:password@host:port/name?host=/socket/folder`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        fail("DATABASE_URL", "It must look like postgresql://user:password@host:5432/name.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # transaction pooling: nothing may outlive a transaction
        "OPTIONS": {"connect_timeout": 5, **query},
    }
