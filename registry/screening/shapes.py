"""What the screening rules look at: frozen snapshots of a filing, a customer, what belongs together, a facility, a use.

A snapshot holds facts of one day (`as_of`) and no identity beside what a sentence needs; who it is about, the caller
knows. Countries are ISO 3166-1 alpha-2, amounts of compute FLOP, shares between 0 and 1. None and "" say that nothing
is known, and a rule never hits on what is not known unless not knowing is what it looks for. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

Medium = Literal["physical_media", "network"]
RequestedBy = Literal["customer", "compute_provider", "authority", "other", ""]
AddressKind = Literal["business", "residential", "virtual_office", ""]
EmailKind = Literal["own_domain", "free_domain", ""]
Workload = Literal["training", "fine_tuning", "inference", "other", "unknown"]
Stage = Literal["installed", "delivered", "planned"]


class SubjectKind(StrEnum):
    """What a snapshot is about, and so what a finding is tied to."""

    FILING = "filing"
    CUSTOMER = "customer"
    OWNER_GROUP = "owner_group"
    LINEAGE = "lineage"
    FACILITY = "facility"
    USE = "use"


# --- a filing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class HardwareLine:
    """One line of the hardware declared. `reference_peak_flop_per_s` is the catalogue's dense one, None if unknown."""

    number: int
    accelerator: str
    precision: str
    is_dense: bool | None
    peak_flop_per_s: Decimal | None
    reference_peak_flop_per_s: Decimal | None
    utilisation: Decimal | None
    utilisation_kind: str


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Data that arrive or weights that leave. `country` is where data come from or weights go to; `what` names them."""

    country: str
    on: date
    medium: Medium
    volume_gb: Decimal | None = None
    carrier: str = ""
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class FilingSnapshot:
    """All that the rules may look at, for one version of one filing. Amounts are FLOP; None where nothing is stated.

    `reported_flop` is what the filer states for the run, the two others the register's estimates from what it declares.
    `cumulative_flop` holds every figure that stands for the whole lineage, stated or estimated.
    `notified_at` is the receipt of the first version that states the crossing of the systemic-risk threshold, and
    `notification_due_at` the end of the period of Art. 52(1), None while no day is known on which it began.
    `modification_limit_flop` is a third of the base model's compute, or what the Guidelines (¶61) put in its place.
    `is_base_counted` tells whether the compute of the base model's weights is among what the filer counts.
    """

    reported_flop: Decimal | None = None
    hardware_flop: Decimal | None = None
    architecture_flop: Decimal | None = None
    cumulative_flop: tuple[Decimal, ...] = ()
    hardware: tuple[HardwareLine, ...] = ()
    met_on: date | None = None
    known_on: date | None = None
    crossed_on: Mapping[str, date] = field(default_factory=dict)
    notified_at: datetime | None = None
    notification_due_at: datetime | None = None
    modification_flop: Decimal | None = None
    modification_limit_flop: Decimal | None = None
    base_model: str = ""
    is_base_public: bool | None = None
    is_base_counted: bool = False
    has_non_public_synthetic_data: bool | None = None
    synthetic_data_flop: Decimal | None = None
    data_arrivals: tuple[Movement, ...] = ()
    weights_departures: tuple[Movement, ...] = ()
    ended_on: date | None = None

    @property
    def estimate_flop(self) -> Decimal | None:
        """The largest figure anybody states or computes: screening asks what could be, not what is most likely."""
        run = (self.reported_flop, self.hardware_flop, self.architecture_flop)
        return max((*(amount for amount in run if amount is not None), *self.cumulative_flop), default=None)


# --- a customer ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Party:
    """A company, state body or person that takes part: end user, parent, reseller or owner."""

    name: str
    country: str = ""
    is_natural_person: bool = False
    is_russian_government: bool = False


@dataclass(frozen=True, kw_only=True)
class ContractingEntity:
    """Who held the contract of the same end user before, until when, and who asked for the change."""

    name: str
    country: str = ""
    until_on: date | None = None
    change_requested_by: RequestedBy = ""


@dataclass(frozen=True, kw_only=True)
class Director:
    """A director; `also_directs` names organisations outside the customer's own group, `listed_boards` listed parties.

    `has_relevant_role` tells whether the person has a part in the business of any of them; None if nobody knows.
    """

    name: str
    also_directs: tuple[str, ...] = ()
    listed_boards: tuple[str, ...] = ()
    has_relevant_role: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Owner:
    """An owner with the effective share, over all chains. `is_listed`: on a sanctions or entity list in use."""

    name: str
    share: Decimal | None = None
    country: str = ""
    is_listed: bool = False
    has_control: bool = False


@dataclass(frozen=True, kw_only=True)
class Payment:
    """Who paid, from which country, on which day."""

    payer: str
    country: str = ""
    on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Reseller:
    """A link between provider and customer, nearest to the provider first; whether it attests its own verification."""

    party: Party
    has_attestation: bool


@dataclass(frozen=True, kw_only=True)
class Authorisation:
    """An exemption or authorisation under Article 5n, as the authority recorded it; the last day is included."""

    reference: str
    from_on: date
    until_on: date | None = None

    def covers(self, day: date) -> bool:
        """Whether it holds on that day."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, kw_only=True)
class MonthOfUse:
    """What one customer used in one month (its first day), and the compute that amounts to at `utilisation` assumed."""

    month: date
    accelerators: int
    accelerator_hours: Decimal
    flop: Decimal
    utilisation: Decimal


@dataclass(frozen=True, kw_only=True)
class CustomerSnapshot:
    """One end customer at one compute provider, or a filer itself (then `provider` is empty).

    `parents` are ultimate parents; `beneficial_owners` with `is_owner_unknown` for "none could be established".
    `is_traded` tells that its shares are traded on a regulated market, which spares it the search for owners (AMLR).
    `declared_countries` is every country it named: seats, offices, payment. `is_first_order` and `months` cover what
    was ordered and used; `declared_flop` is what its stated purpose needs, `staff` and `revenue_eur` what it states.
    """

    as_of: date
    name: str
    seat_country: str = ""
    provider: str = ""
    provider_country: str = ""
    is_natural_person: bool = False
    is_russian_government: bool = False
    incorporated_on: date | None = None
    contract_on: date | None = None
    previous_entities: tuple[ContractingEntity, ...] = ()
    directors: tuple[Director, ...] = ()
    parents: tuple[Party, ...] = ()
    beneficial_owners: tuple[Owner, ...] = ()
    is_owner_unknown: bool = False
    is_ownership_circular: bool = False
    is_traded: bool = False
    end_users: tuple[Party, ...] = ()
    resellers: tuple[Reseller, ...] = ()
    payments: tuple[Payment, ...] = ()
    declared_countries: frozenset[str] = frozenset()
    declared_access_countries: frozenset[str] = frozenset()
    observed_access_countries: frozenset[str] = frozenset()
    address_kind: AddressKind = ""
    has_web_presence: bool | None = None
    email_kind: EmailKind = ""
    purpose: str = ""
    declared_flop: Decimal | None = None
    staff: int | None = None
    revenue_eur: Decimal | None = None
    is_first_order: bool = False
    months: tuple[MonthOfUse, ...] = ()
    data_arrivals: tuple[Movement, ...] = ()
    weights_departures: tuple[Movement, ...] = ()
    ended_on: date | None = None
    authorisations: tuple[Authorisation, ...] = ()


# --- what belongs together ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A part of what is added up: a filing's estimate, or what an access record amounts to, from one day to another.

    Both days are included, and the amount accrues evenly over them. `key` is the filing's reference or the record's
    id, `by` the entity that filed or used, `provider` where. A record that reconciliation matched with a filing names
    it in `matched_key`; it is not added a second time where that filing is in the same snapshot. `stated_flop` is the
    largest figure that a filing itself states for the run or its whole lineage: what it says openly is not hidden.
    """

    source: Literal["filing", "record"]
    key: str
    by: str
    from_on: date
    until_on: date
    flop: Decimal
    provider: str = ""
    accelerators: int = 0
    accelerator_hours: Decimal = Decimal(0)
    workload: Workload = "training"
    lineage: str = ""
    weights_sha256: str = ""
    matched_key: str = ""
    stated_flop: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class ModelChange:
    """A modification of a base model: its compute, and the limit that applies (a third of the base's)."""

    key: str
    by: str
    base: str
    flop: Decimal
    limit_flop: Decimal


@dataclass(frozen=True, kw_only=True)
class GroupSnapshot:
    """A model lineage or an owner group (`kind`), with every amount that belongs to it over time."""

    kind: Literal[SubjectKind.LINEAGE, SubjectKind.OWNER_GROUP]
    name: str
    as_of: date
    amounts: tuple[Amount, ...] = ()
    modifications: tuple[ModelChange, ...] = ()


# --- a facility ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ControlEvent:
    """An export-control event that concerns an accelerator: code, day, and a kind of the catalogue's `EventKind`."""

    code: str
    on: date
    kind: str


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Accelerators of one kind as declared by the operator. `tdp_w` is the catalogue's power of one, None if unknown.

    `delivered` and `boxed` are counts that somebody else than the operator confirms, None where nobody says; of
    `events` those that concern the accelerator, oldest first; `licensed_on` the day of a licence that is recorded.
    """

    accelerator: str
    count: int
    stage: Stage
    tdp_w: Decimal | None = None
    in_use_from: date | None = None
    delivered: int | None = None
    boxed: int | None = None
    delivery_on: date | None = None
    events: tuple[ControlEvent, ...] = ()
    licensed_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class FacilitySnapshot:
    """A data centre with what stands in it. `parent_country` is the seat of its operator's ultimate parent."""

    as_of: date
    name: str
    country: str = ""
    operator: str = ""
    parent_country: str = ""
    it_power_kw: Decimal | None = None
    is_capacity_attested: bool | None = None
    installations: tuple[Installation, ...] = ()


# --- a use of compute ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class UsageSnapshot:
    """One continuous use by one customer at one provider, and the filing that is the same run, if any.

    `record_*` is what the provider's returns say, `filing_*` what the developer files; None where that side is missing.
    Hours are accelerator-hours. `all_reduce_share` is the part of network traffic that synchronises gradients.
    `flop_per_day` is what the fleet does in a day at the utilisation assumed.
    """

    as_of: date
    customer: str
    provider: str = ""
    from_on: date | None = None
    until_on: date | None = None
    filing_reference: str = ""
    record_hours: Decimal | None = None
    filing_hours: Decimal | None = None
    record_flop: Decimal | None = None
    filing_flop: Decimal | None = None
    workload: Workload = "unknown"
    accelerators: int = 0
    nodes: int | None = None
    interconnect_gbit_per_s: Decimal | None = None
    steady_days: int | None = None
    all_reduce_share: Decimal | None = None
    utilisation: Decimal | None = None
    flop_per_day: Decimal | None = None


Snapshot = FilingSnapshot | CustomerSnapshot | GroupSnapshot | FacilitySnapshot | UsageSnapshot


def kind_of(snapshot: Snapshot) -> SubjectKind:
    """What the snapshot is about."""
    match snapshot:
        case FilingSnapshot():
            return SubjectKind.FILING
        case CustomerSnapshot():
            return SubjectKind.CUSTOMER
        case GroupSnapshot():
            return snapshot.kind
        case FacilitySnapshot():
            return SubjectKind.FACILITY
        case UsageSnapshot():
            return SubjectKind.USE
