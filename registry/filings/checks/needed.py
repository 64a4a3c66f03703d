"""What a document must carry at its stage and does not: one walk over it, for all checks of presence. Pure."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from registry.filings.document import Element, FilingDocument, elements
from registry.forms.parts import Part

COMPUTE_SIDE: Final = frozenset({"compute_provider", "reseller", "data_centre_operator"})
"""Roles that know the machines and the customer, but not the model or its data."""
_NOT_ASKED_OF_COMPUTE_SIDE: Final = ("MODEL-", "DATA-", "RUN-5", "RUN-6", "RUN-7", "RUN-10")
_SIGNS_OF_NO_RELEASE: Final = frozenset({"not_released"})


def missing(document: FilingDocument) -> Mapping[str, tuple[str, ...]]:
    """Pointers of the members that the stage needs and the document lacks, by row of the schema (`RUN-4`).

    A missing object is told once, not member by member. What another member makes needless is left out.
    """
    found: dict[str, list[str]] = {}
    for element, pointer in _walk(document, document, "", ""):
        if not _is_needless(document, element):
            found.setdefault(element.code, []).append(pointer)
    return MappingProxyType({row: tuple(pointers) for row, pointers in found.items()})


def _walk(document: FilingDocument, part: Part, pointer: str, pattern: str) -> Iterator[tuple[Element, str]]:
    for element in _members().get(pattern, ()):
        value, here = getattr(part, element.name), f"{pointer}/{element.name}"
        if value is None or value == ():
            if document.stage in element.needed:
                yield element, here
        elif not element.is_leaf and element.is_list:
            for index, item in enumerate(value):
                yield from _walk(document, item, f"{here}/{index}", element.pointer)
        elif not element.is_leaf:
            yield from _walk(document, value, here, element.pointer)


@cache
def _members() -> Mapping[str, tuple[Element, ...]]:
    """The members of each object, by the pattern of the object."""
    found: dict[str, list[Element]] = {}
    for element in elements():
        above = element.pointer.removesuffix("/*").rpartition("/")[0]
        found.setdefault(above, []).append(element)
    return MappingProxyType({above: tuple(members) for above, members in found.items()})


def _is_needless(document: FilingDocument, element: Element) -> bool:
    if document.filer.role in COMPUTE_SIDE and element.code.startswith(_NOT_ASKED_OF_COMPUTE_SIDE):
        return True
    excuse = _EXCUSES.get(element.pointer.removesuffix("/*"))
    return excuse is not None and excuse(document)


def _counts_passes(document: FilingDocument) -> bool:
    architecture = document.run.architecture
    return bool(architecture and architecture.forward_passes and architecture.operations_per_pass)


def _withholds_energy(document: FilingDocument) -> bool:
    return bool(document.run.energy and document.run.energy.withheld_reason)


def _method_is_not(*methods: str) -> Callable[[FilingDocument], bool]:
    def excuse(document: FilingDocument) -> bool:
        compute = document.run.training_compute
        return compute is not None and compute.method is not None and compute.method not in methods

    return excuse


def _has_no_owner(document: FilingDocument) -> bool:
    return bool(document.beneficial_ownership and document.beneficial_ownership.no_owner_reason)


def _is_not_released(document: FilingDocument) -> bool:
    model = document.model
    if model is None:
        return False
    licence = model.licence.category if model.licence else None
    return licence in _SIGNS_OF_NO_RELEASE or model.distribution == ("internal_only",)


def _has_no_modification(document: FilingDocument) -> bool:
    return document.filer.role != "downstream_modifier"


def _is_on_compute_side(document: FilingDocument) -> bool:
    return document.filer.role in COMPUTE_SIDE


_EXCUSES: Final[Mapping[str, Callable[[FilingDocument], bool]]] = MappingProxyType(
    {
        "/run/hardware": _method_is_not("hardware", "measured"),
        "/run/hardware/*/utilisation": _is_on_compute_side,
        "/run/hardware/*/utilisation_kind": _is_on_compute_side,
        "/run/architecture": _method_is_not("architecture"),
        "/run/architecture/tokens": _counts_passes,
        "/run/energy/energy_mwh": _withholds_energy,
        "/run/energy/method": _withholds_energy,
        "/run/base_model/modification_compute_flop": _has_no_modification,
        "/beneficial_ownership/owners": _has_no_owner,
        "/model/release_on": _is_not_released,
        "/model/union_placing_on": _is_not_released,
        "/model/licence/name": _is_not_released,
    }
)
"""Members that something else in the document makes needless, by pattern."""
