"""Building a vintage, step by step, and publishing at the embargo: what the worker does.

Each step is a unit of work that looks whether it still is to be done, so that a repeated message does no harm. What
takes long (protecting, attacking, writing files) is done between them, from what was stored and nothing else.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.periods import Quarter
from registry.statistics import assembling, definitions, facts, gathering, protecting
from registry.statistics.disclosure.rules import Rules
from registry.statistics.facts import Fact
from registry.statistics.formats import bundle, reading
from registry.statistics.formats.manifest import MANIFEST
from registry.statistics.models import (
    State,
    Vintage,
    VintageFile,
    VintageInput,
    VintagePlan,
    VintageReport,
)
from registry.statistics.protecting import Found, Protected
from registry.statistics.published import PublishedRelease
from registry.statistics.systems import Earlier
from registry.statistics.vintages import name

PUBLISHED: Final = "release.published"
SIGNATURE: Final = f"{MANIFEST}.sig"
UNPROTECTABLE, UNREADABLE = "unprotectable", "unreadable"
"""Why a vintage could not be built: no pattern is safe, or what is stored cannot be counted."""
GATHERED, PROTECTED, ATTACKED = 20, 70, 100  # per cent


@dataclass(frozen=True)
class Published:
    """A vintage that is published, with the facts behind it."""

    number: int
    release: PublishedRelease
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Material:
    """All that a vintage is built from. `before` are the published vintages of the year, in their order."""

    release: str
    number: int
    as_of: datetime
    publish_at: datetime
    is_provisional: bool
    facts: tuple[Fact, ...]
    before: tuple[Published, ...]

    @cached_property
    def quarter(self) -> Quarter:
        """Its quarter."""
        return definitions.quarter_of(self.release)

    @property
    def head(self) -> PublishedRelease:
        """The release without dimensions and tables."""
        return PublishedRelease(self.release, self.number, self.as_of, self.publish_at, self.is_provisional, (), (), ())

    @property
    def revised(self) -> Published | None:
        """The vintage before this one, of the same release."""
        same = [each for each in self.before if each.release.id == self.release]
        return same[-1] if same else None


@inside_acting_as
def waiting(*, by: Actor, limit: int) -> list[UUID]:
    """Vintages that are still to be built, the oldest first."""
    by.require("release_build")
    found = Vintage.objects.visible_to(by).filter(state__in=[State.DRAFT, State.PROTECTED])
    return list(found.order_by("drafted_at").values_list("id", flat=True)[:limit])


@inside_acting_as
def gather(*, vintage: UUID, by: Actor, at: datetime) -> bool:
    """Store what the vintage counts, once; whether there is a vintage to go on with."""
    by.require("release_build")
    found = _locked(vintage, State.DRAFT, by)
    if found is None:
        return Vintage.objects.visible_to(by).filter(id=vintage, state=State.PROTECTED).exists()
    if VintageInput.objects.filter(vintage=found).exists():
        return True
    quarter = definitions.quarter_of(found.release)
    gathered = [*_of_the_year(quarter, found, by), *gathering.gather(quarter=quarter, as_of=found.as_of, by=by)]
    packed = facts.packed(gathered)
    rows.insert(VintageInput, [{"vintage_id": found.id, "facts": packed, "stored_at": at}])
    Vintage.objects.filter(pk=found.pk).update(progress=GATHERED)
    return True


def _of_the_year(quarter: Quarter, found: Vintage, by: Actor) -> list[Fact]:
    """At the end of a year the quarters before, as they were published: the year is the sum of what everybody saw."""
    if quarter.number < 4:
        return []
    known: list[Fact] = []
    for number in (1, 2, 3):
        earlier = Quarter(quarter.year, number)
        newest = Vintage.objects.visible_to(by).published().filter(release=str(earlier)).order_by("-number").first()
        if newest is not None:
            stored = facts.unpacked(bytes(VintageInput.objects.get(vintage=newest).facts))
            known += [each for each in stored if each.key.get(definitions.QUARTER) == str(earlier)]
        else:
            fresh = gathering.gather(quarter=earlier, as_of=found.as_of, by=by)
            known += [each for each in fresh if definitions.QUARTER in each.key]
    return known


@inside_acting_as
def material(*, vintage: UUID, by: Actor) -> Material:
    """What was stored to build a vintage, with every vintage of the year published before it."""
    by.require("release_build")
    found = Vintage.objects.visible_to(by).get(id=vintage)
    year = str(definitions.quarter_of(found.release).year)
    earlier = (
        Vintage.objects.visible_to(by)
        .published()
        .filter(release__startswith=year, publish_at__lt=found.publish_at)
        .exclude(id=found.id)
    )
    before = tuple(_published(each) for each in earlier.order_by("publish_at", "release", "number"))
    own = facts.unpacked(bytes(VintageInput.objects.get(vintage=found).facts))
    return Material(found.release, found.number, found.as_of, found.publish_at, found.is_provisional, own, before)


def _published(vintage: Vintage) -> Published:
    stored = facts.unpacked(bytes(VintageInput.objects.get(vintage=vintage).facts))
    return Published(vintage.number, release_of(vintage), stored)


def release_of(vintage: Vintage) -> PublishedRelease:
    """The release that the stored files of a vintage show."""
    return reading.read(lambda path: bytes(vintage.files.get(path=path).content))


def protect(known: Material, *, rules: Rules, found: Iterable[Found] = ()) -> Protected:
    """What of it is withheld, given what an audit found before. Pure.

    Raises `Unprotectable` (a ValueError) where no pattern is safe.
    """
    earlier = [Earlier(each.release, each.facts) for each in known.before]
    return protecting.protect(
        known.facts, head=known.head, quarter=known.quarter, rules=rules, earlier=earlier, found=found
    )


def shown(known: Material, plan: assembling.Plan) -> PublishedRelease:
    """What a vintage shows, by a plan. Pure."""
    revised = known.revised
    return assembling.assemble(plan, known.facts, before=(revised.release, revised.facts) if revised else None)


def files(known: Material, plan: assembling.Plan, *, software: str) -> Mapping[str, bytes]:
    """Every file of the vintage but the signature; the same bytes whenever it is called. Pure."""
    return bundle.render(shown(known, plan), software=software)


@inside_acting_as
def keep_protected(
    *, vintage: UUID, done: Protected, contents: Mapping[str, bytes], software: str, by: Actor, at: datetime
) -> None:
    """Store plan and files of a draft, once."""
    by.require("release_build")
    found = _locked(vintage, State.DRAFT, by)
    if found is None:
        return
    review = [_plain(asdict(each)) for each in done.review]
    plan = {"vintage_id": found.id, "plan": assembling.plan_bytes(done.plan), "review": review, "stored_at": at}
    rows.insert(VintagePlan, [plan])
    rows.insert(VintageFile, [_file(found, path, content) for path, content in sorted(contents.items())])
    digest = hashlib.sha256(contents[MANIFEST]).hexdigest()
    Vintage.objects.filter(pk=found.pk).update(
        state=State.PROTECTED, progress=PROTECTED, manifest_sha256=digest, software=software
    )


@inside_acting_as
def plan_of(*, vintage: UUID, by: Actor) -> assembling.Plan | None:
    """What of a vintage is withheld, as it was stored; None before that."""
    by.require("release_build")
    stored = VintagePlan.objects.filter(vintage_id=vintage).first()
    return None if stored is None else assembling.plan_of(bytes(stored.plan))


@inside_acting_as
def keep_report(*, vintage: UUID, verdict: str, report: str, by: Actor, at: datetime) -> None:
    """Store what the auditor said of a protected vintage, once."""
    by.require("release_build")
    found = _locked(vintage, State.PROTECTED, by)
    if found is None:
        return
    said = {"vintage_id": found.id, "verdict": verdict, "report": report, "stored_at": at}
    rows.insert(VintageReport, [said])
    Vintage.objects.filter(pk=found.pk).update(state=State.ATTACKED, progress=ATTACKED, verdict=verdict)


@inside_acting_as
def fail(*, vintage: UUID, reason: str, by: Actor) -> None:
    """Give up a vintage that cannot be built; the reason is a code that tells nothing of what was counted."""
    by.require("release_build")
    found = _locked(vintage, State.DRAFT, by)
    if found is not None:
        Vintage.objects.filter(pk=found.pk).update(state=State.DROPPED, failure=reason)


@inside_acting_as
def is_any_due(*, by: Actor, at: datetime) -> bool:
    """Whether an embargo is over."""
    by.require("release_build")
    return Vintage.objects.visible_to(by).filter(state=State.APPROVED, publish_at__lte=at).exists()


@inside_acting_as
def publish_due(*, key: Ed25519PrivateKey, by: Actor, at: datetime) -> list[str]:
    """Publish what was approved and whose embargo is over: sign, enter in the ledger, show. Returns which."""
    by.require("release_build")
    due = Vintage.objects.visible_to(by).filter(state=State.APPROVED, publish_at__lte=at)
    found = list(due.select_for_update(of=("self",), skip_locked=True).order_by("publish_at", "release"))
    for vintage in found:
        manifest = bytes(vintage.files.get(path=MANIFEST).content)
        rows.insert(VintageFile, [_file(vintage, SIGNATURE, key.sign(manifest))])
        digest = hashlib.sha256(rfc8785.dumps(document(vintage))).digest()
        salt = os.urandom(chain.HASH_BYTES)
        line = Line(PUBLISHED, name(vintage), chain.commitment(salt=salt, digest=digest))
        entry = log.append([line], by=by, at=at)[0]
        Vintage.objects.filter(pk=vintage.pk).update(
            state=State.PUBLISHED,
            published_at=vintage.publish_at,
            content_digest=digest,
            salt=salt,
            entry_id=entry.index,
        )
    return [name(each) for each in found]


def document(vintage: Vintage) -> Any:
    """What the entry about a vintage commits to: the digest of its manifest, which lists all files."""
    return {"release": vintage.release, "vintage": vintage.number, "manifest_sha256": vintage.manifest_sha256}


def _locked(vintage: UUID, state: str, by: Actor) -> Vintage | None:
    return Vintage.objects.visible_to(by).filter(id=vintage, state=state).select_for_update(of=("self",)).first()


def _file(vintage: Vintage, path: str, content: bytes) -> dict[str, object]:
    return {
        "vintage_id": vintage.id,
        "path": path,
        "content": content,
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _plain(review: Mapping[str, Any]) -> Mapping[str, Any]:
    """A review as JSON: cells as lists of codes."""
    reasons: Sequence[Any] = review["reasons"]
    return {**review, "reasons": [[list(key), reason] for key, reason in reasons]}
