"""Machine clients as people administer them: register one, add a key (two persons); end a key, revoke (one, at once).

Clients cannot raise themselves: nothing here is permitted by a scope. What two persons decided is carried out by the
steward (EXECUTORS); the web's roles may make no client and no key, only end them, and never later than they would.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from registry.accounts import client_keys, proposals
from registry.accounts.client_keys import PublicKey
from registry.accounts.models import ApiClient, ClientKey, KeyWarning, Proposal, StaticKey
from registry.accounts.policy import SCOPE_PERMISSIONS, Permission
from registry.accounts.proposals import Announce
from registry.accounts.stewardship import Executor
from registry.acting import Actor, inside_acting_as
from registry.errors import Invalid, NotFound, NotPossible, Obstacle
from registry.ledger import chain, log

REGISTERED: Final = "client.registered"
REVOKED: Final = "client.revoked"
KEY_ADDED: Final = "client_key.added"
KEY_ENDED: Final = "client_key.ended"
KEY_EXPIRING: Final = "client_key.expiring"
WARNED_DAYS: Final = (30, 14, 3)  # before a key ends
STATIC_PREFIX: Final = "sk_test_"
STATIC_LIFE: Final = timedelta(days=90)
HINT_LENGTH: Final = 14
LONGEST_NAME: Final = 100


@inside_acting_as
def propose_client(
    *,
    name: str,
    scopes: Sequence[str],
    key: str,
    not_after: datetime | None,
    by: Actor,
    at: datetime,
    announce: Announce,
) -> Proposal:
    """Propose a machine client with its first key. Raises `Invalid` for name, scopes or key."""
    by.require(Permission.CLIENT_MANAGE)
    obstacles = []
    if not 0 < len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        obstacles.append(Obstacle("validation", "/name", "A name of at most 100 visible characters is needed."))
    if not scopes or not set(scopes) <= set(SCOPE_PERMISSIONS):
        obstacles.append(Obstacle("validation", "/scopes", "Choose at least one of the scopes that exist."))
    if obstacles:
        raise Invalid("This client cannot be registered.", obstacles=obstacles)
    public, ends_at = client_keys.read(key), client_keys.end_of_life(not_after, at=at)
    said = {"client": name.strip(), "scopes": " ".join(sorted(scopes))}
    return proposals.propose(
        kind="client.register",
        payload={**said, **_payload(public, ends_at)},
        shown={**said, **_shown(public, ends_at)},
        by=by,
        at=at,
        announce=announce,
    )


@inside_acting_as
def propose_key(
    *, client_id: str, key: str, not_after: datetime | None, by: Actor, at: datetime, announce: Announce
) -> Proposal:
    """Propose a further key of a client. Raises `NotFound`, `Invalid` for the key, `NotPossible` beyond five."""
    by.require(Permission.CLIENT_MANAGE)
    client = _own(client_id, by, at)
    public, ends_at = client_keys.read(key), client_keys.end_of_life(not_after, at=at)
    _require_room(client, public.key_id, at)
    return proposals.propose(
        kind="client.key",
        payload={"client_id": client.client_id, **_payload(public, ends_at)},
        shown={"client": client.name, **_shown(public, ends_at)},
        subject=client.client_id,
        by=by,
        at=at,
        announce=announce,
    )


@inside_acting_as
def propose_static_key(
    *, client_id: str, is_sandbox: bool, by: Actor, at: datetime, announce: Announce
) -> tuple[Proposal, str]:
    """Propose a static key for the sandbox; returns it in clear, this once: its SHA-256 alone is kept.

    It opens nothing before a second person confirmed it. Raises `NotPossible` outside of a sandbox.
    """
    by.require(Permission.CLIENT_MANAGE)
    if not is_sandbox:
        raise NotPossible("Static keys exist in the sandbox only.", remedy="Add a public key instead.")
    client = _own(client_id, by, at)
    secret = STATIC_PREFIX + secrets.token_urlsafe(32)
    ends_at = at + STATIC_LIFE
    said = {"hint": secret[:HINT_LENGTH]}
    proposal = proposals.propose(
        kind="client.static_key",
        payload={**said, "client_id": client.client_id, "checksum": checksum(secret), "ends_at": ends_at.isoformat()},
        shown={**said, "client": client.name, "until": f"{ends_at:%Y-%m-%d}"},
        subject=client.client_id,
        by=by,
        at=at,
        announce=announce,
    )
    return proposal, secret


@inside_acting_as
def end_key(*, client_id: str, key_id: str, by: Actor, at: datetime, announce: Announce) -> None:
    """End a key at once; one person may. A second time does nothing. Raises `NotFound`."""
    by.require(Permission.CLIENT_MANAGE)
    client = _own(client_id, by, at)
    kept = ClientKey.objects.filter(client=client, key_id=key_id)
    if not kept.exists():
        raise NotFound
    if kept.filter(ends_at__gt=at).update(ends_at=at):
        _record(KEY_ENDED, client, {"key_id": key_id}, key_id, by=by, at=at, announce=announce)


@inside_acting_as
def end_static_key(*, client_id: str, hint: str, by: Actor, at: datetime, announce: Announce) -> None:
    """End a static key at once; one person may. Raises `NotFound`."""
    by.require(Permission.CLIENT_MANAGE)
    client = _own(client_id, by, at)
    kept = StaticKey.objects.filter(client=client, hint=hint).defer("checksum")
    if not kept.exists():
        raise NotFound
    if kept.filter(ends_at__gt=at).update(ends_at=at):
        _record(KEY_ENDED, client, {"key_id": hint}, hint, by=by, at=at, announce=announce)


@inside_acting_as
def revoke(*, client_id: str, by: Actor, at: datetime, announce: Announce) -> None:
    """End a client at once, with its keys and tokens; one person may. A second time does nothing. Raises `NotFound`."""
    by.require(Permission.CLIENT_MANAGE)
    client = visible_to(by).filter(client_id=client_id).first()
    if client is None:
        raise NotFound
    if client.ends_at is None or client.ends_at > at:
        visible_to(by).filter(pk=client.pk).update(ends_at=at)
        _record(REVOKED, client, {}, by=by, at=at, announce=announce)


def visible_to(actor: Actor) -> Any:
    """The organisation's clients: the application's own layer, sufficient without the database's."""
    return ApiClient.objects.filter(organisation_id=actor.organisation)


@inside_acting_as
def warn_of_expiry(*, by: Actor, at: datetime, announce: Announce) -> int:
    """Announce each key that ends within 30, 14 or 3 days, once for each; returns how many were announced."""
    by.require(Permission.PROPOSAL_CARRY_OUT)
    soon = ClientKey.objects.filter(
        ends_at__gt=at, ends_at__lte=at + timedelta(days=max(WARNED_DAYS)), client__ends_at__isnull=True
    )
    warned = 0
    for key in soon.select_related("client").order_by("id"):
        passed = [days for days in WARNED_DAYS if key.ends_at <= at + timedelta(days=days)]
        known = set(KeyWarning.objects.filter(client_key=key).values_list("days", flat=True))
        if min(passed) in known:
            continue
        KeyWarning.objects.bulk_create([KeyWarning(client_key=key, days=d, at=at) for d in passed if d not in known])
        announce(KEY_EXPIRING, subjects=[key.key_id], at=at, organisation=key.client.organisation_id)
        warned += 1
    return warned


def checksum(secret: str) -> str:
    """What is kept of a static key: SHA-256 in hex. It has 256 bits of chance, so it needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


# --- the steward ------------------------------------------------------------------------------------------------------


def _register(proposal: Proposal, by: Actor, at: datetime, announce: Announce) -> None:
    said = proposal.payload
    client = ApiClient.objects.create(
        organisation_id=proposal.organisation_id,
        name=said["client"],
        scopes=said["scopes"],
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
        client_secret="",
        hash_client_secret=False,
    )
    _store_key(client, said, at)
    _record(REGISTERED, client, said, by=by, at=at, announce=announce)


def _add_key(proposal: Proposal, by: Actor, at: datetime, announce: Announce) -> None:
    client = _proposed_for(proposal, at)
    _require_room(client, proposal.payload["public_jwk"]["kid"], at)
    _store_key(client, proposal.payload, at)
    _record(KEY_ADDED, client, proposal.payload, proposal.payload["public_jwk"]["kid"], by=by, at=at, announce=announce)


def _add_static_key(proposal: Proposal, by: Actor, at: datetime, announce: Announce) -> None:
    said, client = proposal.payload, _proposed_for(proposal, at)
    StaticKey.objects.create(
        client=client,
        hint=said["hint"],
        checksum=said["checksum"],
        starts_at=at,
        ends_at=datetime.fromisoformat(said["ends_at"]),
    )
    _record(KEY_ADDED, client, {"hint": said["hint"]}, said["hint"], by=by, at=at, announce=announce)


EXECUTORS: Final[Mapping[str, Executor]] = MappingProxyType(
    {"client.register": _register, "client.key": _add_key, "client.static_key": _add_static_key}
)


def _store_key(client: ApiClient, said: Mapping[str, Any], at: datetime) -> None:
    ends_at = datetime.fromisoformat(said["ends_at"])
    if ends_at <= at:
        raise NotPossible("The key would end before it begins.", remedy="Propose it anew with a later end.")
    ClientKey.objects.create(
        client=client, key_id=said["public_jwk"]["kid"], public_jwk=said["public_jwk"], starts_at=at, ends_at=ends_at
    )


def _proposed_for(proposal: Proposal, at: datetime) -> ApiClient:
    known = ApiClient.objects.filter(client_id=proposal.payload["client_id"], organisation_id=proposal.organisation_id)
    return _living(known.select_for_update().first(), at)


def _own(client_id: str, by: Actor, at: datetime) -> ApiClient:
    return _living(visible_to(by).filter(client_id=client_id).first(), at)


def _living(client: ApiClient | None, at: datetime) -> ApiClient:
    if client is None:
        raise NotFound
    if client.ends_at and client.ends_at <= at:
        raise NotPossible("This client was revoked.", remedy="Register a new one.")
    return client


def _require_room(client: ApiClient, key_id: str, at: datetime) -> None:
    if ClientKey.objects.filter(client=client, key_id=key_id).exists():
        obstacle = Obstacle("validation", "/key", "The client has, or had, a key of this id already.")
        raise Invalid("This key cannot be registered.", obstacles=[obstacle])
    if ClientKey.objects.filter(client=client, ends_at__gt=at).count() >= client_keys.KEYS_AT_ONCE:
        raise NotPossible("A client has five keys at most.", remedy="End a key that is not used any more.")


def _payload(public: PublicKey, ends_at: datetime) -> dict[str, Any]:
    return {"public_jwk": public.public_jwk, "ends_at": ends_at.isoformat()}


def _shown(public: PublicKey, ends_at: datetime) -> dict[str, str]:
    return {"key_id": public.key_id, "thumbprint": public.thumbprint, "until": f"{ends_at:%Y-%m-%d}"}


def _record(
    kind: str,
    client: ApiClient,
    content: Mapping[str, Any],
    key_id: str = "",
    *,
    by: Actor,
    at: datetime,
    announce: Announce,
) -> None:
    announce(kind, subjects=[key_id or client.client_id], at=at, organisation=client.organisation_id)
    log.append([log.Line(kind, client.client_id, _commitment(content))], by=by, at=at)


def _commitment(content: Mapping[str, Any]) -> bytes:
    """A commitment under a salt that is not kept: the line proves that and when it was done, the proposal what."""
    digest = hashlib.sha256(repr(sorted(content.items())).encode()).digest()
    return chain.commitment(salt=secrets.token_bytes(chain.HASH_BYTES), digest=digest)
