"""Public keys of machine clients as people hand them in: JWK or PEM, EC P-256 or Ed25519, never the private half.

Pure but for reading a key's form. Lengths and kinds are those that `client_assertion` verifies (ES256, EdDSA).
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from jwcrypto import jwk
from jwcrypto.common import JWException

from registry.errors import Invalid, Obstacle, told

LONGEST_LIFE: Final = timedelta(days=398)
USUAL_LIFE: Final = timedelta(days=365)
KEYS_AT_ONCE: Final = 5
LONGEST_ID: Final = 64
LONGEST_TEXT: Final = 4_096
KINDS: Final = {("EC", "P-256"): ("x", "y"), ("OKP", "Ed25519"): ("x",)}
SECRET_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})


@dataclass(frozen=True)
class PublicKey:
    """A key that can be registered: its id, its public members alone, and its RFC 7638 thumbprint (SHA-256)."""

    key_id: str
    public_jwk: dict[str, Any]
    thumbprint: str


def read(text: str) -> PublicKey:
    """The key in `text`. Its id is the JWK's `kid`, else the thumbprint.

    Raises `Invalid` for anything but one public key of a kind that is accepted.
    """
    members = _members(text)
    if SECRET_MEMBERS & members.keys():
        raise _refused(told("This holds a private key. Send the public half only, and make a new pair."))
    names = KINDS.get((str(members.get("kty")), str(members.get("crv"))))
    if names is None:
        raise _refused(told("Only EC P-256 (for ES256) and Ed25519 (for EdDSA) keys are accepted."))
    public = {name: members[name] for name in ("kty", "crv", *names) if isinstance(members.get(name), str)}
    try:
        key = jwk.JWK(**public)
        key.get_op_key("verify")
        thumbprint = str(key.thumbprint())
    except (JWException, ValueError, TypeError) as error:
        raise _refused(told("This is no valid public key.")) from error
    key_id = members.get("kid") or thumbprint
    if not isinstance(key_id, str) or not 0 < len(key_id) <= LONGEST_ID or not key_id.isprintable():
        raise _refused(told("The kid is a text of at most 64 visible characters."))
    return PublicKey(key_id, {**public, "kid": key_id}, thumbprint)


def end_of_life(wanted: datetime | None, *, at: datetime) -> datetime:
    """When a key handed in at `at` ends. Raises `Invalid` for the past or for more than 398 days."""
    ends_at = wanted or at + USUAL_LIFE
    if not at < ends_at <= at + LONGEST_LIFE:
        obstacle = Obstacle("validation", "/not_after", "A key ends within 398 days, and not before tomorrow.")
        raise Invalid("This key cannot be registered.", obstacles=[obstacle])
    return ends_at


def kind_of(public_jwk: dict[str, Any]) -> str:
    """What a stored key is called: `EC P-256` or `Ed25519`."""
    return "Ed25519" if public_jwk.get("kty") == "OKP" else "EC P-256"


def thumbprint_of(public_jwk: dict[str, Any]) -> str:
    """The RFC 7638 thumbprint of a stored key."""
    names = KINDS[(public_jwk["kty"], public_jwk["crv"])]
    return str(jwk.JWK(**{name: public_jwk[name] for name in ("kty", "crv", *names)}).thumbprint())


def _members(text: str) -> dict[str, Any]:
    written = text.strip()
    if not written or len(written) > LONGEST_TEXT:
        raise _refused(told("Send one public key as JWK or PEM, at most 4096 characters."))
    try:
        if written.startswith("{"):
            members = json.loads(written)
        else:
            key = jwk.JWK.from_pem(written.encode())
            members = json.loads(key.export(private_key=key.has_private))
            members.pop("kid", None)
    except (JWException, ValueError, TypeError, RecursionError) as error:
        raise _refused(told("This is neither a JWK nor a PEM public key.")) from error
    return dict(members)


def _refused(sentence: str) -> Invalid:
    return Invalid("This key cannot be registered.", obstacles=[Obstacle("validation", "/key", sentence)])
