"""What a check looks at, what it says back, and the list into which each check enters itself. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal

from registry.compute.catalogue import Accelerator
from registry.compute.catalogue import catalogue as accelerator_catalogue
from registry.filings.checks.needed import missing
from registry.filings.document.run import Hardware, Run
from registry.filings.document.whole import FilingDocument
from registry.filings.judgement import Estimates, estimate
from registry.quantities import two_significant_figures

VersionKind = Literal["notification", "update", "completion", "correction", "withdrawal"]

_PLAIN_BELOW: Final = Decimal(1_000_000)


@dataclass(frozen=True, kw_only=True)
class OrganisationFacts:
    """What the register holds on the organisation that files. Countries are ISO 3166-1 alpha-2."""

    legal_name: str
    lei: str | None
    seat_country: str
    territory: str


@dataclass(frozen=True, kw_only=True)
class Context:
    """Everything a check may know beside the document. The caller reads it; nothing here asks a clock or a database.

    `previous` is the newest version filed before this one; `known_run_ids` are the run ids of the filer's own other
    filings with the reference of each, `known_references` the filing references the base model may name.
    """

    today: date
    kind: VersionKind
    organisation: OrganisationFacts
    previous: FilingDocument | None = None
    known_run_ids: Mapping[str, str] = field(default_factory=dict)
    known_references: frozenset[str] = frozenset()
    accelerators: Mapping[str, Accelerator] = field(default_factory=accelerator_catalogue)


@dataclass(frozen=True)
class Subject:
    """A document in its context. `reckoned` are its estimates, where the caller has them already."""

    document: FilingDocument
    context: Context
    reckoned: Estimates | None = None

    @property
    def run(self) -> Run:
        """The training run of the document."""
        return self.document.run

    @cached_property
    def missing(self) -> Mapping[str, tuple[str, ...]]:
        """Pointers of what the stage needs and the document lacks, by row of the schema."""
        return missing(self.document)

    @cached_property
    def estimates(self) -> Estimates:
        """What the register reckons from the document, by the Commission's methods."""
        return self.reckoned or estimate(self.document)

    @property
    def starts_on(self) -> date | None:
        """The first day of the run: the actual one where known, else the planned."""
        return self.run.actual_start_on or self.run.planned_start_on

    @property
    def ends_on(self) -> date | None:
        """The last day of the run: the actual one where known, else the planned."""
        return self.run.actual_end_on or self.run.planned_end_on

    @property
    def flop(self) -> Decimal | None:
        """The declared training compute of the run, FLOP."""
        return self.run.training_compute.training_compute_flop if self.run.training_compute else None

    def hardware_parts(self) -> Iterator[tuple[str, Hardware, Accelerator]]:
        """Pointer, entry and catalogue part of every hardware entry whose accelerator is in the catalogue."""
        for index, entry in enumerate(self.run.hardware):
            part = self.context.accelerators.get(entry.accelerator or "")
            if part is not None:
                yield f"/run/hardware/{index}", entry, part


@dataclass(frozen=True)
class Hit:
    """One place where a check has something to say. `inputs` fill the placeholders of its texts."""

    pointer: str
    inputs: Mapping[str, str]


Function = Callable[[Subject], Iterator[Hit]]
FUNCTIONS: dict[str, Function] = {}
"""Every check's function by its code, filled when the families are imported."""


def check(code: str) -> Callable[[Function], Function]:
    """Enter a function as the one that answers for `code`. Raises ValueError when the code is taken."""

    def enter(function: Function) -> Function:
        if code in FUNCTIONS:
            raise ValueError(f"two functions answer for {code}")
        FUNCTIONS[code] = function
        return function

    return enter


def hit(pointer: str, **inputs: str | int | date | Decimal) -> Hit:
    """A hit at `pointer`; numbers and dates become the words of the sentence."""
    return Hit(pointer, MappingProxyType({name: _written(value) for name, value in sorted(inputs.items())}))


def flop(value: Decimal) -> str:
    """An amount of operations as the register prints it: `2.3e25`."""
    return two_significant_figures(value)


def _written(value: str | int | date | Decimal) -> str:
    if isinstance(value, Decimal):
        return _number(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: Decimal) -> str:
    """Plain digits, at most two after the point, below a million; above, the form `2.3e25`."""
    if abs(value) >= _PLAIN_BELOW:
        return flop(value)
    shortened = value.quantize(Decimal("0.01")) if value >= 1 else value.quantize(Decimal("0.0001"))
    text = format(shortened, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
