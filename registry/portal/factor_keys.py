"""The keys under which second factors lie in the database, as the environment gives them. Pure."""

from django.core.exceptions import ImproperlyConfigured

SHORTEST = 32  # characters
_HINT = (
    f"Give one key of at least {SHORTEST} characters that serves for nothing else, or several, with spaces between: "
    "the first seals, each opens. `python -c 'import secrets; print(secrets.token_urlsafe(48))'` makes one."
)


def factor_keys(said: str, *, needed: bool) -> list[str]:
    """Those of `FACTOR_KEYS`, the one that seals first. ImproperlyConfigured where they are needed and none will do."""
    keys = said.split()
    if needed and (not keys or min(map(len, keys)) < SHORTEST):
        raise ImproperlyConfigured(f"FACTOR_KEYS is not usable. {_HINT}")
    return keys
