"""What an act about duties is about, found and locked: a filing, or an organisation itself, and a duty of it."""

import uuid
from dataclasses import dataclass
from datetime import date

from registry.acting import Actor
from registry.errors import NotFound, NotPossible
from registry.filings.duty_models import of_organisation
from registry.filings.models import Duty, DutyQuerySet, Filing, Plea
from registry.organisations.models import Organisation


@dataclass(frozen=True)
class Place:
    """What an act is about: a filing, or without one an organisation itself."""

    organisation_id: uuid.UUID
    territory: str
    filing: Filing | None = None

    @property
    def name(self) -> str:
        """As the ledger and the events name it."""
        return self.filing.reference if self.filing else str(self.organisation_id)

    def kind(self, kind: str) -> str:
        """What the act is called."""
        return kind if self.filing else of_organisation(kind)


def locked(reference: str, by: Actor) -> Filing:
    """The filing, if the actor may see it, locked until the unit of work ends."""
    found = Filing.objects.visible_to(by).filter(reference=reference).select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound
    return found


def of_filing(filing: Filing) -> Place:
    """That a filing is what it is about."""
    return Place(filing.organisation_id, filing.territory, filing)


def place_named(reference: str | None, by: Actor) -> Place:
    """The filing, locked; without a reference the organisation that the actor acts for."""
    if reference is not None:
        return of_filing(locked(reference, by))
    organisation = Organisation.objects.visible_to(by).filter(id=by.organisation).first() if by.organisation else None
    if organisation is None:
        raise NotFound
    return Place(organisation.id, organisation.territory)


def place_of(plea: Plea, by: Actor) -> Place:
    """What a plea is about, locked: two decisions about it come one after the other."""
    if plea.filing is not None:
        return of_filing(locked(plea.filing.reference, by))
    _hold(Duty.objects.visible_to(by).filter(pleas=plea))
    return Place(plea.organisation_id, plea.territory)


def _hold(chosen: DutyQuerySet) -> Duty:
    """The one duty chosen, locked until the unit of work ends, or NotFound."""
    found = chosen.select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound
    return found


def occurrence(place: Place, code: str, trigger_on: date, *, subject: str) -> Duty:
    """The occurrence, or NotFound: an unknown code and another trigger look alike."""
    if place.filing is None:
        own = Duty.objects.of_organisations().filter(organisation_id=place.organisation_id, is_current=True)
        return _hold(own.filter(code=code, trigger_on=trigger_on, subject=subject))
    found = place.filing.duties.filter(code=code, trigger_on=trigger_on, is_current=True).first()
    if found is None:
        raise NotFound
    if found.is_withdrawn:
        raise NotPossible("The filing is withdrawn, and its duties with it.", remedy="Nothing is asked of you.")
    return found
