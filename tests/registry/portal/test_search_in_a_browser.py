"""The search and the queue in a browser: accessible, wide and narrow."""

from urllib.parse import urlencode

from django.urls import reverse

from registry.acting import Actor
from registry.case_tasks import open_cases
from registry.organisations.models import Organisation
from tests.registry.oversight.cases import finding
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_in_a_browser import fetched, inspected, pytestmark

__all__ = ["pytestmark"]


def test_results_and_the_queue_of_a_supervisor_are_accessible(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    for number in range(3):
        file(alice, run__client_run_id=f"aurelia-{number}", model__name=f"Nébula-{number} <large>")
    finding(aurelia, subject_name="Nebula Calcul SAS", group_key="lei:X")
    open_cases()
    supervisor, reader = sign_in("supervisor", "FR"), sign_in("provider_reader", aurelia)
    search, queue = reverse("search"), reverse("queue")
    found = [f"{search}?{urlencode({'q': words})}" for words in ("nebula", "aurelia", "qwxzv", "")]
    addresses = [*found, f"{queue}?sort=newest&view=unassigned", found[0].replace("/en/", "/de/", 1)]
    pages = {address: fetched(supervisor, address) for address in addresses}
    pages |= {f"{search}?q=nebula&own=": fetched(reader, f"{search}?q=nebula&own=")}
    assert not inspected(pages)
