"""Secret links: made from the server's key when a letter is sent, known to the database by their digest alone.

Who holds the secret may see and do what hangs on it, and nothing else: the digest is the whole scope of the unit of
work (`Actor.link`), which the row policies read.
"""

import base64
import hashlib
import hmac
import re
from typing import Final
from uuid import UUID

from django.conf import settings

from registry.accounts.policy import of_the_register
from registry.acting import Actor

APPLICATION, INVITATION = "application", "invitation"
FORM: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_PURPOSE: Final = b"ecar onboarding link v1"


def secret_of(kind: str, target: UUID) -> str:
    """The secret of the link to an application or an invitation: 256 bits, safe in an address."""
    key = hmac.digest(str(settings.SECRET_KEY).encode(), _PURPOSE, "sha256")
    made = hmac.digest(key, f"{kind}:{target}".encode(), "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def digest_of(secret: str) -> str:
    """What the database knows of a secret: its SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def link_of(kind: str, target: UUID) -> str:
    """The digest under which an application or an invitation is stored."""
    return digest_of(secret_of(kind, target))


def applicant(link: str) -> Actor:
    """Who holds the secret whose digest is `link`, following an application."""
    return _holder("applicant", link)


def invited(link: str) -> Actor:
    """Who holds the secret whose digest is `link`, using an invitation."""
    return _holder("invited", link)


def _holder(role: str, link: str) -> Actor:
    known = of_the_register(role)
    return Actor(
        id=f"{role}:{link[:32]}", name=known.name, audience=known.audience, permissions=known.permissions, link=link
    )
