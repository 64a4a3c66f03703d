"""A release that was built in code, published as people and worker publish one: helper of the tests of its pages."""

import hashlib
from datetime import datetime, timedelta

from registry import rows, statistics_tasks
from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.statistics import vintages
from registry.statistics.formats import bundle
from registry.statistics.formats.manifest import MANIFEST
from registry.statistics.models import State, Verdict, Vintage, VintageFile
from registry.statistics.published import PublishedRelease
from tests.registry.statistics import releasing


def shelve(release: PublishedRelease) -> Vintage:
    """The vintage, at its own moment on the shelf."""
    prepared = prepare(release)
    releasing.approved(prepared, at=release.as_of + timedelta(hours=1))
    statistics_tasks.publish(at=release.published_at)
    return releasing.stored(prepared.id)


def prepare(release: PublishedRelease) -> Vintage:
    """The vintage, built and found clean, before anybody approved it."""
    stefan, at = releasing.stefan(), release.as_of
    with acting_as(stefan):
        vintages.announce(release=release.id, publish_at=release.published_at, by=stefan, at=at)
        drafted = vintages.draft(
            release=release.id, publish_at=release.published_at, is_provisional=release.is_provisional, by=stefan, at=at
        )
    contents = bundle.render(release, software=bundle.written_with())
    builder = of_the_register("builder")
    with acting_as(builder):
        files = [_file(drafted, path, content) for path, content in contents.items()]
        rows.insert(VintageFile, files)
        digest = hashlib.sha256(contents[MANIFEST]).hexdigest()
        own = Vintage.objects.filter(pk=drafted.id)
        own.update(state=State.PROTECTED, manifest_sha256=digest, software=bundle.written_with())
        own.update(state=State.ATTACKED, verdict=Verdict.CLEAN)
    return releasing.stored(drafted.id)


def withdraw(vintage: Vintage, *, at: datetime) -> None:
    """Withdraw it, with a notice."""
    paula = releasing.paula()
    notice = {
        "en": "Two filings were counted twice.",
        "fr": "Deux dossiers doublés.",
        "de": "Zwei Meldungen doppelt.",
    }
    with acting_as(paula):
        vintages.withdraw(vintage=vintage.id, notice=notice, by=paula, at=at)


def _file(vintage: Vintage, path: str, content: bytes) -> dict[str, object]:
    digest = hashlib.sha256(content).hexdigest()
    return {"vintage_id": vintage.id, "path": path, "content": content, "size_bytes": len(content), "sha256": digest}
