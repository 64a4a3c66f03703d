"""Bad input, rows 45 to 47: names that a browser or a spreadsheet would obey are shown as they are, and do nothing."""

import csv
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from registry.acting import Actor
from registry.filings.models import Filing
from registry.organisations.models import Organisation
from registry.oversight.models import Export
from tests.registry.portal.conftest import File, SignIn

NAMES = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(1)",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "{% now 'Y' %}",
    "${7*7}",
    "' OR 1=1--",
)


class Page(HTMLParser):
    """What a browser makes of a page: its text, and what would run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.active: list[str] = []
        self.inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note handlers, and where scripts begin."""
        self.inside = tag
        self.active += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        """Note text, apart from scripts."""
        if self.inside == "script":
            self.active += ["script"] if "alert" in data else []
        else:
            self.text += data


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_text_on_every_page_that_shows_it(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File, name: str
) -> None:
    reference = file(alice, filer__legal_name=name, run__client_run_id=f"r-{NAMES.index(name)}")
    officer, provider = sign_in("officer", "FR"), sign_in("provider_reader", aurelia)
    officer.post(reverse("oversight-filings-open", args=[reference]), {"purpose": "review"})
    pages = [
        officer.get(reverse("oversight-filings-one", args=[reference])),
        officer.get(reverse("queue")),
        officer.get(reverse("queue"), {"q": name}),
        provider.get(reverse("workspace-filings-one", args=[reference])),
        provider.get(reverse("workspace"), {"q": name}),
    ]
    for page in pages:
        assert page.status_code == 200
        assert Page(page.content.decode()).active == []
    assert name in Page(pages[0].content.decode()).text
    assert name in Page(pages[3].content.decode()).text


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_of_a_download_is_a_formula(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File, name: str
) -> None:
    reference = file(alice, filer__legal_name=name, run__client_run_id=f"r-{NAMES.index(name)}")
    Organisation.objects.filter(pk=aurelia.pk).update(legal_name=name)
    Filing.objects.filter(reference=reference).update(client_reference=name)
    officer, provider = sign_in("officer", "FR"), sign_in("provider_reader", aurelia)
    wanted = {"content": "list", "format": "csv", "purpose": "finding", "case": name}
    assert officer.post(reverse("exports-new") + "?scope=filed", wanted).status_code == 302
    told = f"'{name}" if name[0] in "=+-@" else name
    for browser, address, column in (
        (officer, reverse("exports-file", args=[Export.objects.get().id]), "provider"),
        (officer, reverse("access-log-csv"), "case_reference"),  # that of the export just downloaded
        (provider, reverse("workspace-csv"), "client_reference"),
    ):
        answer = browser.get(address)
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert answer["Content-Disposition"].startswith("attachment")
        rows = list(csv.DictReader(b"".join(answer).decode().splitlines()))  # type: ignore[arg-type]
        assert [row[column] for row in rows] == [told]
        assert not [cell for row in rows for cell in row.values() if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]
