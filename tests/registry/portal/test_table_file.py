"""Lists as files: the same rows as CSV and as XLSX, links to both beside each list, no cell a formula."""

import csv
import io
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from registry.acting import Actor
from registry.filings.models import Filing
from registry.organisations.models import Organisation
from registry.oversight.export_rules import Format
from registry.portal import table_file
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_pages import body

pytestmark = pytest.mark.django_db

# a list as a file: its name, the page that leads to it, and who may see both
LISTS = [
    ("workspace", "workspace", "provider_reader"),
    ("workspace-facilities", "workspace-facilities", "provider_reader"),
    ("access-log", "access-log", "provider_reader"),
    ("states", "overview", "officer"),
    ("findings", "findings", "officer"),
    ("oversight-facilities", "oversight-facilities", "officer"),
    ("tallies", "tallies", "analyst"),
]
EXPORTS = [("queue", "queue"), ("runs", "overview")]


def content(browser: Client, address: str, *, kind: str) -> bytes:
    answer = browser.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(kind)
    return b"".join(answer)  # type: ignore[arg-type]


def sheet(told: bytes) -> list[list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(told), read_only=True)
    return [["" if cell is None else str(cell) for cell in row] for row in book.worksheets[0].values]


def lines(told: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(told.decode(), newline="")))


@pytest.mark.parametrize(("name", "page", "role"), LISTS)
def test_a_list_comes_as_csv_and_as_xlsx_with_the_same_rows(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File, name: str, page: str, role: str
) -> None:
    file(alice)
    browser = sign_in(role, aurelia if role.startswith("provider") else "FR")
    shown = body(browser, reverse(page))
    for form in table_file.FORMS:
        assert f'href="{reverse(f"{name}-{form}")}' in shown
    plain = lines(content(browser, reverse(f"{name}-csv"), kind="text/csv"))
    book = sheet(content(browser, reverse(f"{name}-xlsx"), kind="application/vnd.openxmlformats"))
    assert plain == book
    assert plain[0]


@pytest.mark.parametrize(("name", "page"), EXPORTS)
def test_a_list_that_names_providers_is_an_export_in_the_form_that_was_asked(
    sign_in: SignIn, alice: Actor, file: File, name: str, page: str
) -> None:
    file(alice)
    officer = sign_in("officer", "FR")
    shown = body(officer, reverse(page))
    for form in table_file.FORMS:
        assert f'href="{reverse(f"{name}-{form}")}' in shown
        to = officer.get(reverse(f"{name}-{form}")).headers["Location"]
        assert parse_qs(urlsplit(to).query)["format"] == [form.value]
        assert f'<option value="{form.value}" selected' in body(officer, to)


def test_a_cell_of_a_workbook_is_no_formula(sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File) -> None:
    file(alice)
    Filing.objects.update(run_id="=HYPERLINK(1)")
    browser = sign_in("provider_reader", aurelia)
    (_, row) = sheet(content(browser, reverse("workspace-xlsx"), kind="application/vnd"))
    assert row[2] == "'=HYPERLINK(1)"


def test_many_rows_come_in_pieces() -> None:
    rows = [(number,) for number in range(2 * table_file.AT_ONCE + 1)]
    for form, read in ((Format.CSV, lines), (Format.XLSX, sheet)):
        told = table_file.answer("x", ("number",), rows, form=form)
        pieces = list(told)
        assert len(pieces) == 5
        assert read(b"".join(pieces)) == [["number"], *([str(number)] for (number,) in rows)]  # type: ignore[arg-type]


def test_what_no_list_comes_in_has_no_form() -> None:
    assert table_file.form_of("xlsx") is Format.XLSX
    assert table_file.form_of("json") is None
    assert table_file.form_of("") is None
