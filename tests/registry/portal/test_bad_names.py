"""Bad input, rows 45 to 47: names that a browser or a spreadsheet would obey are shown as they are, and do nothing."""

import csv
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from registry.acting import Actor
from registry.organisations.models import Organisation
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
    file(alice, filer__legal_name=name, run__client_run_id=f"r-{NAMES.index(name)}")
    Organisation.objects.filter(pk=aurelia.pk).update(legal_name=name)
    downloads = [(sign_in("officer", "FR"), "queue-csv"), (sign_in("provider_reader", aurelia), "workspace-csv")]
    shown = []
    for browser, address in downloads:
        answer = browser.get(reverse(address))
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert answer["Content-Disposition"].startswith("attachment")
        text = b"".join(answer).decode()  # type: ignore[arg-type]
        shown += [cell for row in csv.reader(text.splitlines()) for cell in row]
    assert not [cell for cell in shown if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]
    assert {name, f"'{name}"} & set(shown)
