"""At which precision who is told what, as read from data/policy.toml: viewer × resource × field class.

A viewer is a role, or one of two standings that no role has: `elsewhere`, an authority to whom the competent one showed
a filing, and `public`. What the file does not say is told to nobody. A word that is not known is refused at the start.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from registry.accounts.policy import ROLES, UNION
from registry.acting import Actor, Audience
from registry.quantities import Precision

_FILE: Final = Path(__file__).parent / "data" / "policy.toml"
ELSEWHERE: Final = "elsewhere"
PUBLIC: Final = "public"
VIEWERS: Final = (*ROLES, ELSEWHERE, PUBLIC)
# Strictly confidential, regulators, aggregates only, open; keys and states that say nothing; secrets.
CLASSES: Final = ("S", "R", "A", "O", "N", "K")


def read(said: Mapping[str, Any], *, includes: Mapping[str, str]) -> dict[tuple[str, str], dict[str, Precision]]:
    """By resource and class, the precision of each viewer; a role has what the one it includes has.

    Raises ValueError for a class, precision or viewer that does not exist, and for a viewer named twice.
    """
    found: dict[tuple[str, str], dict[str, Precision]] = {}
    for resource, classes in said.items():
        for cls, told in classes.items():
            if cls not in CLASSES:
                raise ValueError(f"{_FILE.name}: «{cls}» of {resource} is no class")
            found[resource, cls] = _of_viewers(told, f"{resource} {cls}", includes)
    return found


def _of_viewers(told: Mapping[str, list[str]], where: str, includes: Mapping[str, str]) -> dict[str, Precision]:
    named: dict[str, Precision] = {}
    for precision, viewers in told.items():
        for viewer in viewers:
            if viewer not in VIEWERS or viewer in named:
                raise ValueError(f"{_FILE.name}: «{viewer}» of {where} is no viewer, or named twice")
            named[viewer] = Precision(precision)
    for role in ROLES:  # an included role comes before the one that includes it
        if role not in named and includes.get(role) in named:
            named[role] = named[includes[role]]
    return named


@cache
def _table() -> Mapping[tuple[str, str], Mapping[str, Precision]]:
    said = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    includes = {role["code"]: role["includes"] for role in said["role"] if "includes" in role}
    return MappingProxyType(read(said["precision"], includes=includes))


def resources() -> tuple[str, ...]:
    """All resources, in the order of the file."""
    return tuple(dict.fromkeys(resource for resource, _ in _table()))


def classes_of(resource: str) -> tuple[str, ...]:
    """The classes that the fields of a resource have."""
    return tuple(cls for each, cls in _table() if each == resource)


def precision(*, viewer: str, resource: str, cls: str) -> Precision:
    """How exactly this viewer is told fields of a class; `none` where the policy says nothing."""
    return _table().get((resource, cls), {}).get(viewer, Precision.NONE)


def precisions(*, viewer: str, resource: str) -> dict[str, Precision]:
    """By class, how exactly this viewer is told a resource."""
    return {cls: precision(viewer=viewer, resource=resource, cls=cls) for cls in classes_of(resource)}


def viewer_of(actor: Actor, *, territory: str) -> str:
    """Who `actor` is to a row of that territory: a role, or an authority of elsewhere. Machines look as readers."""
    role = next(iter(actor.roles), "provider_reader" if actor.audience is Audience.PROVIDER else PUBLIC)
    is_foreign = actor.audience is Audience.OFFICER and actor.territory not in {territory, UNION}
    return ELSEWHERE if is_foreign else role
