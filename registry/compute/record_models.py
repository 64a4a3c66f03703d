"""Access records: who used which accelerators, one line of a return each. Partitioned by month in PostgreSQL.

Rows are written with `registry.rows`, never with `save()`: the key of the table is (id, month), because that is how
partitions are found. These lie in the schema `returns_by_month`, in which nobody has a right: they are read and written
through this table alone, under its row policies (migrations/0003_returns.py; `compute_make_months` adds months).
"""

from typing import Any, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q

from registry.acting import Actor, Audience
from registry.compute.accelerator_models import Accelerator
from registry.compute.facility_models import Facility
from registry.compute.return_models import UNDER_WAY, Atomicity, Return, Upload
from registry.ledger.emptying import deleted_with
from registry.organisations.models import Scoped, ScopedQuerySet

_KEPT = """if current_user = 'ecar_intake' then
  if exists (
    select from compute_upload as upload where upload.id = old.upload_id and upload.state = 'refusing'
  ) then
    return old;
  end if;
end if;
raise exception 'pgtrigger: Cannot delete rows from % table', tg_table_name;"""
"""The intake takes back what an upload held back; the housekeeper's own branch stands before it."""


class AccessRecordQuerySet(ScopedQuerySet["AccessRecord"]):
    """Records; to others than their provider only what was part of a version that was submitted."""

    def visible_to(self, actor: Actor) -> Self:
        """As for every scoped row, without what is not submitted, and what an upload holds back until it is whole."""
        seen = super().visible_to(actor)
        if actor.audience is Audience.PROVIDER:
            return seen.whole()
        if actor.audience is Audience.INTAKE:
            return seen
        return seen.submitted()

    def whole(self) -> Self:
        """Without the lines of uploads that are stored all or none and are not done yet."""
        held = Upload.objects.filter(atomicity=Atomicity.ALL, state__in=UNDER_WAY)
        return self.exclude(upload__in=held.values("id"))

    def submitted(self) -> Self:
        """Every record that is or was part of a submitted version."""
        return self.filter(since_version__lte=F("monthly_return__version"))

    def standing(self) -> Self:
        """The records of the newest submitted version of each return: what counts."""
        return self.submitted().filter(
            Q(until_version__isnull=True) | Q(until_version__gt=F("monthly_return__version"))
        )

    def current(self) -> Self:
        """The records as their provider has them now, submitted or not."""
        return self.filter(until_version__isnull=True)

    def of_version(self, number: int) -> Self:
        """The records of one submitted version; asked of the records of one return."""
        return self.filter(since_version__lte=number).filter(
            Q(until_version__isnull=True) | Q(until_version__gt=number)
        )


class AccessRecord(Scoped):
    """One customer's use of accelerators at one facility in a part of one month, as the provider states it.

    `document` is the whole line by the names of `registry.compute.record`; the columns repeat what is queried of it.
    A record is part of the versions of its return from `since_version` on and before `until_version` (empty: it still
    is). An amendment ends the record and adds the next `revision` of the same `line_id`.
    """

    id = models.BigAutoField(primary_key=True)
    month = models.DateField()
    monthly_return = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="access_records", db_index=False)
    upload = models.ForeignKey(
        Upload, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    line_number = models.PositiveIntegerField(default=0, help_text="In the upload, from 1; 0 where amended by itself")
    line_id = models.CharField(max_length=100, help_text="The provider's own; once in a return")
    revision = models.PositiveIntegerField(default=1)
    since_version = models.PositiveIntegerField()
    until_version = models.PositiveIntegerField(null=True, blank=True)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="+", db_index=False)
    accelerator = models.ForeignKey(Accelerator, on_delete=models.PROTECT, related_name="+", db_index=False)
    accelerators = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    accelerator_hours = models.DecimalField(max_digits=16, decimal_places=3)
    customer_key = models.CharField(max_length=100)
    customer_name = models.CharField(max_length=200)
    customer_lei = models.CharField(max_length=20, blank=True)
    customer_euid = models.CharField(max_length=60, blank=True)
    customer_vat = models.CharField(max_length=16, blank=True)
    customer_country = models.CharField(max_length=2)
    customer_parent_country = models.CharField(
        max_length=2, blank=True, db_default="", help_text="Of the ultimate parent, where it is stated"
    )
    customer_incorporated_on = models.DateField(null=True, blank=True)
    contracted_on = models.DateField()
    workload_class = models.CharField(max_length=24)
    run_reference = models.CharField(max_length=100, blank=True)
    document = models.JSONField()
    digest = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField()

    objects = AccessRecordQuerySet.as_manager()

    class Meta:
        ordering = ["month", "id"]
        triggers = [
            pgtrigger.ReadOnly(name="record_stays", exclude=["until_version"]),
            pgtrigger.Trigger(
                name="record_is_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=deleted_with("compute_accessrecord") + _KEPT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.monthly_return_id} {self.line_id}"

    def said(self, name: str) -> Any:
        """A member of the line as it was stated; None where it was not."""
        return self.document.get(name)
