"""Who is connected with an organisation by any statement of owners: all whose group or parent its statement can change.

Statements are connected where they name the same entity, by key, by EUID, or as an organisation of the register. All
that were ever stated count, replaced ones too: whom a new statement no longer names changes by it as well.
"""

from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Q

from registry.acting import Actor, inside_acting_as
from registry.filings.ownership_document import organisation_key
from registry.organisations.models import Organisation

_ORGANISATION: Final = "organisation:"
_SAID: Final = """
select key from organisations_ownershipstatement where organisation_id = any(%(new)s)
union select key from organisations_ownershipentity where organisation_id = any(%(new)s)
union select 'euid:' || euid from organisations_ownershipentity where organisation_id = any(%(new)s) and euid <> ''
"""
_SAYING: Final = """
select organisation_id from organisations_ownershipentity where key = any(%(new)s)
union select organisation_id from organisations_ownershipentity where euid = any(%(euids)s) and euid <> ''
"""


@inside_acting_as
def connected(organisation: UUID, *, by: Actor) -> frozenset[UUID]:
    """The organisation and all with which it is connected, through others too. A fixed number of queries a step."""
    by.require("ownership_reckon")
    found, keys = {organisation}, set[str]()
    new = {organisation}
    while new:
        named = _named_by(new, by) - keys
        keys |= named
        new = _naming(named, by) - found if named else set()
        found |= new
    return frozenset(found)


def _named_by(organisations: Collection[UUID], by: Actor) -> set[str]:
    """Keys of everybody that these organisations name, and their own."""
    with connection.cursor() as cursor:
        cursor.execute(_SAID, {"new": list(organisations)})
        named = {key for (key,) in cursor.fetchall() if key}
    rows = Organisation.objects.visible_to(by).filter(id__in=organisations).values_list("id", "lei", "euid")
    return named.union(*(_own(*row) for row in rows))


def _naming(keys: Collection[str], by: Actor) -> set[UUID]:
    """The organisations that name any of these, and those that are any of these."""
    leis, euids = _numbers(keys, "lei:"), _numbers(keys, "euid:")
    with connection.cursor() as cursor:
        cursor.execute(_SAYING, {"new": list(keys), "euids": euids})
        found = {UUID(str(identity)) for (identity,) in cursor.fetchall()}
    ids = _numbers(keys, _ORGANISATION)
    themselves = Organisation.objects.visible_to(by).filter(Q(id__in=ids) | Q(lei__in=leis) | Q(euid__in=euids))
    return found | set(themselves.values_list("id", flat=True))


def _own(identity: UUID, lei: str, euid: str) -> Iterable[str]:
    """Every key by which an organisation may be named."""
    yield organisation_key(lei="", euid="", identity=str(identity))
    yield from (key for key in (f"lei:{lei}" if lei else "", f"euid:{euid}" if euid else "") if key)


def _numbers(keys: Iterable[str], prefix: str) -> list[str]:
    return [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]
