"""A register that grows by access records of one large return, to file and to amend in (see benches.positions)."""

import uuid
from datetime import datetime

from django.db import connection

from api.examples import EXAMPLES
from benches.documents import documents
from benches.positions import CUSTOMERS, MONTH, RECORDS
from registry.accounts.policy import ROLES, of_the_register
from registry.acting import Actor, acting_as
from registry.compute import facility_actions, return_reference
from registry.compute.models import AccessRecord, Facility, Return
from registry.filings import actions as filings
from registry.filings.actions import NewFiling
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.screening import position_actions, posting
from registry.screening.models import Position

SCREENER, INTAKE = of_the_register("screener"), of_the_register("intake")


class Growing:
    """One compute provider with one return; developers of one filing each."""

    def __init__(self, *, at: datetime) -> None:
        self.at, self.records = at, 0
        self.provider = self._organisation("Provider", is_compute_provider=True)
        with acting_as(self.provider):
            self.hall: Facility = facility_actions.register(
                content=EXAMPLES["facility"]["value"], by=self.provider, at=at
            )
            self.row = Return.objects.create(
                reference=return_reference.make(year=MONTH.year, number=900_000),
                organisation_id=self.provider.organisation,
                territory="DE",
                month=MONTH,
                opened_at=at,
                opened_by=self.provider.id,
                changed_at=at,
            )

    def grow(self, records: int) -> None:
        """Up to so many records, posted and read as far as anything would be read."""
        self._version(first=self.records + 1, last=records, prefix="line-")
        self.records = records
        self.post_return(self.row.reference, read=False)
        with acting_as(SCREENER):
            Position.objects.update(stale_since=None)
        with connection.cursor() as cursor:
            cursor.execute("analyze")

    def file(self) -> str:
        """A filing of a new developer; its reference."""
        by = self._organisation(f"Developer {uuid.uuid4().hex[:8]}", is_developer=True)
        with acting_as(by):
            outcome = filings.file([NewFiling(content=documents(1)[0])], by=by, at=self.at)[0]
        if outcome.refusal is not None:
            raise RuntimeError(f"the example is refused: {outcome.refusal.obstacles}")
        return outcome.reference

    def amend(self) -> str:
        """End one record of the return and add another in a new version; the return's reference."""
        with acting_as(self.provider):
            one = AccessRecord.objects.filter(monthly_return=self.row, until_version__isnull=True)[:1].get()
            AccessRecord.objects.filter(pk=one.pk, month=MONTH).update(until_version=self.row.version + 1)
        number = self.records + 1
        self._version(first=number, last=number, prefix=f"amended-{self.row.version}-")
        return self.row.reference

    def post_filing(self, reference: str) -> None:
        """What the event of a filing leads to."""
        with acting_as(SCREENER):
            posting.post_filing(reference=reference, by=SCREENER, at=self.at)
        self._read()

    def post_return(self, reference: str, *, read: bool = True) -> None:
        """What the event of a return leads to."""
        with acting_as(SCREENER):
            posting.post_return(reference=reference, by=SCREENER, at=self.at)
        if read:
            self._read()

    def _read(self) -> None:
        with acting_as(SCREENER):
            position_actions.read_stale(limit=20, by=SCREENER, at=self.at)

    def _version(self, *, first: int, last: int, prefix: str) -> None:
        version = self.row.version + 1
        with acting_as(INTAKE), connection.cursor() as cursor:
            cursor.execute(
                RECORDS,
                {
                    "month": MONTH,
                    "organisation": self.provider.organisation,
                    "return": self.row.id,
                    "prefix": prefix,
                    "version": version,
                    "facility": self.hall.id,
                    "customers": CUSTOMERS,
                    "at": self.at,
                    "first": first,
                    "last": last,
                },
            )
        with acting_as(self.provider):
            if self.row.version:
                Return.objects.filter(pk=self.row.pk).update(state="amending")
            Return.objects.filter(pk=self.row.pk).update(state="submitted", version=version, submitted_at=self.at)
            self.row.refresh_from_db()

    def _organisation(self, name: str, **roles: bool) -> Actor:
        registrar = of_the_register("registrar")
        new = NewOrganisation(legal_name=name, seat_country="DE", territory="DE", **roles)
        with acting_as(registrar):
            made = organisations.register([new], by=registrar, at=self.at)[0]
        role = ROLES["provider_submitter"]
        return Actor(
            id=f"person:{uuid.uuid4()}",
            name=name,
            audience=role.audience,
            permissions=frozenset(str(each) for each in role.permissions),
            organisation=made.id,
            roles=frozenset({"provider_submitter"}),
        )
