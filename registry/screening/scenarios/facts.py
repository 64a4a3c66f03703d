"""What a register would hold about an invented world: who owns whom, filings, records, customers, facilities. Pure.

No fact says who evades. The labels stand in `Actor`, which only the measuring sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext

from registry.compute import catalogue
from registry.organisations.ownership import Holding
from registry.quantities import EXACT
from registry.screening.shapes import CustomerSnapshot, FacilitySnapshot, Movement, Workload

_HOURS_A_DAY = 24
_SECONDS_AN_HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A company or a person that owns companies."""

    key: str
    name: str
    country: str
    is_person: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of hardware of a filing, as it is declared; `ends_on` is not included."""

    facility: str
    accelerator: str
    count: int
    starts_on: date
    ends_on: date
    utilisation: Decimal
    utilisation_kind: str = "mfu"
    peak_flop_per_s: Decimal | None = None
    is_dense: bool = True

    @property
    def hours(self) -> Decimal:
        """Accelerator-hours: all of them, all the time."""
        return Decimal(self.count * (self.ends_on - self.starts_on).days * _HOURS_A_DAY)

    @property
    def reference_peak(self) -> Decimal | None:
        """The catalogue's dense 16-bit peak."""
        code = self.accelerator
        return catalogue.dense_peak(code=code, precision=catalogue.default_precision(code))

    @property
    def flop(self) -> Decimal:
        """C = N · L · H · U as declared."""
        peak = self.peak_flop_per_s or self.reference_peak or Decimal(0)
        with localcontext(EXACT):
            return self.hours * _SECONDS_AN_HOUR * peak * self.utilisation


@dataclass(frozen=True, kw_only=True)
class Filing:
    """The newest version of a filing, as the rules need it."""

    reference: str
    by: str
    lineage: str
    lines: tuple[Line, ...]
    reported_flop: Decimal
    submitted_on: date
    cumulative_flop: Decimal | None = None
    architecture_flop: Decimal | None = None
    known_on: date | None = None
    weights_sha256: str = ""
    base_model: str = ""
    is_base_public: bool | None = None
    is_base_counted: bool = False
    modification_flop: Decimal | None = None
    modification_limit_flop: Decimal | None = None
    has_synthetic_data: bool | None = None
    synthetic_data_flop: Decimal | None = None
    data_arrivals: tuple[Movement, ...] = ()
    weights_departures: tuple[Movement, ...] = ()

    @property
    def hardware_flop(self) -> Decimal:
        """The hardware-based estimate: all lines."""
        with localcontext(EXACT):
            return sum((line.flop for line in self.lines), Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Record:
    """One access record. `ends_on` is not included; what is measured of the workload is None where nobody measures."""

    key: str
    provider: str
    customer: str
    facility: str
    accelerator: str
    count: int
    starts_on: date
    ends_on: date
    hours: Decimal
    workload: Workload
    nodes: int | None = None
    interconnect_gbit_per_s: Decimal | None = None
    all_reduce_share: Decimal | None = None


@dataclass(frozen=True)
class Facts:
    """All that the register of an invented world holds. Customers are keyed by entity and provider."""

    as_of: date
    entities: Mapping[str, Entity]
    holdings: tuple[Holding, ...]
    filings: tuple[Filing, ...]
    records: tuple[Record, ...]
    customers: Mapping[tuple[str, str], CustomerSnapshot]
    facilities: Mapping[str, FacilitySnapshot]
    operators: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Actor:
    """A label: which companies act together, what they do, and the rules of which each is meant to see it.

    `expects` is empty for the honest. `facilities` are the actor's own.
    """

    scenario: str
    entities: frozenset[str]
    is_evading: bool
    expects: frozenset[str] = frozenset()
    facilities: frozenset[str] = frozenset()
