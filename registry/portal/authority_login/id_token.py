"""Whether an ID token is to be believed (OpenID Connect Core 1.0, 3.1.3.7; RFC 8725). Pure, but reads the clock."""

import json
from collections.abc import Collection, Mapping
from typing import Any

import jwt

# Signed by the provider's own key: nothing symmetric, nothing unsigned
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
LONGEST = 16_384
LEEWAY = 30  # seconds that two clocks may differ


class NotBelieved(Exception):
    """The token is not from this provider, not for us, not for this sign-in, or no more."""


def claims_of(
    token: str, *, keys: Mapping[str, Any], issuer: str, client_id: str, nonce: str, acr: Collection[str]
) -> dict[str, Any]:
    """The claims of `token` if it holds against the provider's key set; raises `NotBelieved`.

    `acr`: one of them must be claimed; none is demanded where empty.
    """
    if len(token) > LONGEST or not nonce:
        raise NotBelieved("too long, or without a nonce to hold against")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key=_key_of(token, keys),
            algorithms=list(ALGORITHMS),
            issuer=issuer,
            audience=client_id,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )
    except jwt.PyJWTError as error:
        raise NotBelieved(type(error).__name__) from error
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise NotBelieved("azp")
    if claims["nonce"] != nonce:
        raise NotBelieved("nonce")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 191:
        raise NotBelieved("sub")
    if acr and claims.get("acr") not in acr:
        raise NotBelieved("acr")
    return claims


def _key_of(token: str, keys: Mapping[str, Any]) -> jwt.PyJWK:
    """The key that the token's header names; of a set of one it need not name it."""
    header = jwt.get_unverified_header(token)
    listed = keys.get("keys")
    if header.get("alg") not in ALGORITHMS or not isinstance(listed, list):
        raise NotBelieved("alg")
    fitting = [each for each in listed if isinstance(each, dict) and each.get("use", "sig") == "sig"]
    named = [each for each in fitting if each.get("kid") == header.get("kid")] if "kid" in header else fitting
    if len(named) != 1 or named[0].get("kty") == "oct":
        raise NotBelieved("kid")
    try:
        return jwt.PyJWK.from_json(json.dumps(named[0]), algorithm=header["alg"])
    except jwt.PyJWTError as error:
        raise NotBelieved("key") from error
