"""The identity providers as the environment names them, in the form in which allauth wants them.

`IDENTITY_PROVIDERS` (or the file of `IDENTITY_PROVIDERS_FILE`) is a JSON list of objects:
`id` (stands in addresses), `name`, `issuer`, `client_id`, `client_secret`, `email_domains` (whose people it may name),
and where they apply `acr` (demanded levels, one suffices), `emails_verified` (it vouches for every address it names),
`origins` (where else its sign-in page is, for the content security policy).
"""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_NEEDED = {"id", "name", "issuer", "client_id", "client_secret", "email_domains"}
_KNOWN = _NEEDED | {"acr", "emails_verified", "origins"}
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def identity_providers(said: str, *, production: bool) -> dict[str, dict[str, Any]]:
    """SOCIALACCOUNT_PROVIDERS from a JSON text; ImproperlyConfigured with a hint for what is wrong with it."""
    try:
        listed = json.loads(said)
        if not isinstance(listed, list):
            raise ValueError("It must be a JSON list of objects.")
        found = [_one(each, production=production) for each in listed]
        if len({each["provider_id"] for each in found}) < len(found):
            raise ValueError("Two providers have the same id.")
    except ValueError as error:
        raise ImproperlyConfigured(f"IDENTITY_PROVIDERS is not usable. {error}") from error
    return {"openid_connect": {"APPS": found}}


def _one(said: Any, *, production: bool) -> dict[str, Any]:
    if not isinstance(said, dict) or not _NEEDED <= set(said) <= _KNOWN:
        raise ValueError(f"Each has {', '.join(sorted(_NEEDED))}; nothing but {', '.join(sorted(_KNOWN))}.")
    if not re.fullmatch(r"[a-z0-9-]{1,40}", said["id"]):
        raise ValueError("An id is of small letters, digits and hyphens.")
    if production and urlsplit(said["issuer"]).scheme != "https":
        raise ValueError(f"{said['id']}: in production the issuer is an https address.")
    domains = said["email_domains"]
    if not domains or not all(isinstance(each, str) and _DOMAIN.fullmatch(each) for each in domains):
        raise ValueError(f"{said['id']}: email_domains names the domains whose people it may sign in.")
    return {
        "provider_id": said["id"],
        "name": said["name"],
        "client_id": said["client_id"],
        "secret": said["client_secret"],
        "settings": {
            "server_url": said["issuer"].rstrip("/"),
            "issuer": said["issuer"],
            "email_domains": domains,
            "emails_verified": said.get("emails_verified") is True,
            "acr": said.get("acr", []),
            "origins": said.get("origins", []),
            "https_only": production,
        },
    }


def origins(providers: dict[str, dict[str, Any]]) -> list[str]:
    """The origins to which forms may lead in the end: those of the issuers, and what else was named."""
    found: dict[str, None] = {}
    for provider in providers["openid_connect"]["APPS"]:
        parts = urlsplit(provider["settings"]["issuer"])
        found[f"{parts.scheme}://{parts.netloc}"] = None
        found.update(dict.fromkeys(provider["settings"]["origins"]))
    return list(found)
