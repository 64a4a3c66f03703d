"""Where the machines stand: facilities, their clusters, the accelerators put up there, and the yearly reports.

Sources: Delegated Regulation (EU) 2024/1364 for facilities and reports (one report a physical location and year);
accelerators are the register's own addition, for the Regulation knows none. Power is in kW, rates in Gbit/s.
"""

import uuid
from datetime import date
from typing import Self

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from registry import searching
from registry.acting import Actor, Audience
from registry.compute.accelerator_models import Accelerator
from registry.ledger.emptying import append_only, only_emptied
from registry.ledger.models import Entry
from registry.organisations.models import Scoped, ScopedQuerySet

_NEVER_DELETED = pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)


class FacilityKind(models.TextChoices):
    """Who uses what stands there (Delegated Regulation (EU) 2024/1364 Art. 2(4)-(9))."""

    ENTERPRISE = "enterprise"
    COLOCATION = "colocation"
    CO_HOSTING = "co_hosting"


class Stage(models.TextChoices):
    """How far accelerators have come, in this order."""

    PLANNED = "planned"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    INSTALLED = "installed"
    OPERATING = "operating"
    RETIRED = "retired"


STANDING = (Stage.INSTALLED, Stage.OPERATING)
"""The stages in which accelerators can be used."""


# These read places and dates of facilities, and not the columns that say whether one is erased.
_COUNTING = frozenset({Audience.INTAKE, Audience.BUILDER})


class FacilityQuerySet(ScopedQuerySet["Facility"]):
    """Facilities; one that was erased after its period is shown to nobody."""

    def visible_to(self, actor: Actor) -> Self:
        """As for every scoped row, without what is erased."""
        seen = super().visible_to(actor)
        return seen if actor.audience in _COUNTING else seen.exclude(operator_name="")


FACILITY_WORDS = searching.Words("reference", "client_reference", "name", "operator_name", "owner_name")


class Facility(Scoped):
    """A data centre at one physical location, reported by its operator, the organisation.

    `country` is where it stands; `territory` that Member State or, for a site outside the Union, the operator's.
    `document` is the statement in force, in its canonical form; the columns repeat what is queried of it. `answers` are
    what the checks said when it, a cluster or an installation last changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=24, unique=True)
    client_reference = models.CharField(max_length=100, blank=True, help_text="What the operator calls it")
    name = models.CharField(max_length=200)
    operator_name = models.CharField(max_length=200, help_text="The organisation's, for who may not look that up")
    owner_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=FacilityKind.choices)
    country = models.CharField(max_length=2)
    nuts_code = models.CharField(max_length=5, blank=True)
    lau_code = models.CharField(max_length=15, blank=True)
    operating_from = models.DateField(null=True, blank=True, help_text="Empty while it is planned")
    closed_on = models.DateField(null=True, blank=True)
    it_power_kw = models.DecimalField(max_digits=12, decimal_places=3, help_text="Installed IT power demand")
    size_class = models.CharField(max_length=16, blank=True)
    document = models.TextField()
    answers = models.JSONField(default=list, blank=True)
    revision = models.PositiveIntegerField(default=1)
    registered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = FacilityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "facilities"
        ordering = ["reference"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=FacilityKind.values), name="facility_kind"),
            models.CheckConstraint(condition=models.Q(it_power_kw__gte=0), name="facility_power_not_below_zero"),
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True) | models.Q(closed_on__gte=models.F("operating_from")),
                name="facility_days_in_order",
            ),
            models.UniqueConstraint(
                fields=["organisation", "client_reference"],
                condition=~models.Q(client_reference=""),
                name="facility_client_reference",
            ),
        ]
        indexes = [
            models.Index(fields=["territory", "registered_at", "id"], name="facility_by_territory"),
            models.Index(fields=["organisation", "registered_at", "id"], name="facility_by_organisation"),
            GinIndex(FACILITY_WORDS, name="facility_by_words"),
        ]
        triggers = [
            _NEVER_DELETED,
            only_emptied("compute_facility"),
            pgtrigger.ReadOnly(name="identity_stays", fields=["reference", "organisation", "territory", "country"]),
        ]

    def __str__(self) -> str:
        return self.reference


class FacilityAct(Scoped):
    """Something said about a facility, for ever: registered, amended, and what was done to clusters and installations.

    `content` is what was said, canonical; `subject` the cluster or installation it is about, empty for the facility.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="acts")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=36, blank=True)
    content = models.TextField()
    digest = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200)
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["facility", "number"], name="facility_act_number")]
        triggers = [append_only("compute_facilityact")]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.number} {self.kind}"


class FacilityReport(Scoped):
    """What was measured at a facility in one calendar year; each amendment is a further version, the highest counts.

    Energy is in kWh. PUE, WUE (litres a kWh), ERF and REF follow from the document (Annex III).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="reports")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField(help_text="Version within the year, from 1")
    document = models.TextField()
    digest = models.BinaryField(max_length=32)
    answers = models.JSONField(default=list, blank=True)
    it_power_kw = models.DecimalField(max_digits=12, decimal_places=3)
    total_energy_kwh = models.DecimalField(max_digits=16, decimal_places=3)
    it_energy_kwh = models.DecimalField(max_digits=16, decimal_places=3)
    pue = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    wue = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    erf = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    ref = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200)
    salt = models.BinaryField(max_length=32)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["year", "number"]
        constraints = [
            models.UniqueConstraint(fields=["facility", "year", "number"], name="facility_report_number"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="facility_report_from_one"),
        ]
        triggers = [append_only("compute_facilityreport")]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.year} v{self.number}"


class Cluster(Scoped):
    """Machines that work together over one network, `interconnect_gbit_per_s` at each node."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="clusters")
    name = models.CharField(max_length=200)
    network = models.CharField(max_length=200, blank=True, help_text="What the network is, as the operator puts it")
    interconnect_gbit_per_s = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True, help_text="The first day on which it no longer is")
    revision = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["facility", "name"], name="cluster_name"),
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True) | models.Q(until_on__gte=models.F("from_on")),
                name="cluster_days_in_order",
            ),
        ]
        triggers = [_NEVER_DELETED]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.name}"


class InstallationQuerySet(ScopedQuerySet["Installation"]):
    """Words for the lists of installations."""

    def holding(self, on: date) -> "InstallationQuerySet":
        """What is said to hold on a day, in whatever stage; a period that was struck holds on none."""
        return self.filter(models.Q(until_on__isnull=True) | models.Q(until_on__gt=on), from_on__lte=on)

    def standing(self, on: date) -> "InstallationQuerySet":
        """What can be used on a day: installed or operating."""
        return self.holding(on).filter(stage__in=STANDING)


class DaysOf(models.Func):
    """The days of a row as a range: `from_on` in, `until_on` out; two equal days make it empty."""

    function = "daterange"
    output_field = DateRangeField()


class Installation(Scoped):
    """A lot of accelerators of one kind in one state, from a day until another: as many, in one stage, in one cluster.

    A lot that changes (more, delivered, moved) ends one period and begins the next. What was said by mistake is struck:
    its period ends on the day on which it began, so that it holds on no day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="installations")
    cluster = models.ForeignKey(Cluster, null=True, blank=True, on_delete=models.PROTECT, related_name="installations")
    lot = models.CharField(max_length=100, help_text="What the operator calls the lot; one facility has each once")
    accelerator = models.ForeignKey(Accelerator, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveIntegerField()
    stage = models.CharField(max_length=16, choices=Stage.choices)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True, help_text="The first day on which it no longer holds")
    delivered_on = models.DateField(null=True, blank=True)
    evidence = models.CharField(max_length=500, blank=True, help_text="Where the delivery can be seen")
    revision = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = InstallationQuerySet.as_manager()

    class Meta:
        ordering = ["lot", "from_on", "recorded_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="installation_stage"),
            models.CheckConstraint(condition=models.Q(count__gte=1), name="installation_of_something"),
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True) | models.Q(until_on__gte=models.F("from_on")),
                name="installation_days_in_order",
            ),
            ExclusionConstraint(
                name="installation_one_state_a_day",
                expressions=[
                    ("facility", RangeOperators.EQUAL),
                    ("lot", RangeOperators.EQUAL),
                    (DaysOf("from_on", "until_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(fields=["facility", "from_on"], name="installation_by_facility"),
            models.Index(fields=["accelerator", "territory"], name="installation_by_accelerator"),
        ]
        triggers = [
            _NEVER_DELETED,
            pgtrigger.ReadOnly(
                name="what_held_stays",
                fields=[
                    "facility",
                    "organisation",
                    "cluster",
                    "lot",
                    "accelerator",
                    "count",
                    "stage",
                    "from_on",
                    "delivered_on",
                    "evidence",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.lot} {self.stage}"
