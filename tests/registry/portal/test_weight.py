"""What a first visit takes over the wire: two hundred kilobytes at most, the page and everything it asks for."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from registry.acting import Actor
from tests.registry.portal.conftest import File, SignIn
from tests.walk.weighing import MOST

_ASSET = re.compile(r"(?:href|src)=\"/static/([^\"#?]+)")
_FONT = "vendor/inter/inter-latin.woff2"  # the only cut whose unicode-range an English page touches
OF_HEADERS = 600  # octets of an answer beside its body, on the high side
ACCEPTING = {"accept-encoding": "gzip"}


def weight(browser: Client, address: str) -> int:
    """Octets of the page and its assets, compressed as they are sent, headers too."""
    answer = browser.get(address, headers=ACCEPTING)
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    asked = set(_ASSET.findall(gzip.decompress(answer.content).decode()))
    assert {"registry/registry.css", "vendor/ecl/ecl-ec.css"} <= asked
    bodies = [Path(str(finders.find(asset))).read_bytes() for asset in sorted(asked)]
    font = Path(str(finders.find(_FONT))).read_bytes()
    sizes = [len(answer.content), len(font), *(len(gzip.compress(body)) for body in bodies)]
    return sum(sizes) + OF_HEADERS * len(sizes)


def test_the_home_page_is_light(db: None, client: Client) -> None:
    assert weight(client, reverse("home")) <= MOST


def test_the_overview_of_an_authority_is_light(sign_in: SignIn, alice: Actor, file: File) -> None:
    file(alice)
    assert weight(sign_in("officer", "FR"), reverse("overview")) <= MOST


@pytest.mark.parametrize("address", ["/api/v1/legal-bases/", "/api/v1/openapi.json"])
def test_an_answer_of_the_interface_keeps_its_entity_tag(db: None, client: Client, address: str) -> None:
    answer = client.get(address, headers=ACCEPTING)
    assert "Content-Encoding" not in answer.headers
    assert not answer.headers.get("ETag", "").startswith("W/")


def test_a_browser_that_takes_no_compression_gets_the_page_as_it_is(db: None, client: Client) -> None:
    plain = client.get(reverse("home"))
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
