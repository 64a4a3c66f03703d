"""What leads on: the Link Objects of the OpenAPI document, from each answer to the calls that its members allow.

`FOUND` says where the body of an answer names what stands in a path. With the path of its own call, that gives the
addresses of all operations that need nothing else; a required `If-Match` is the `ETag` of the answer.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from uritemplate import variables

METHODS: Final = ("get", "put", "post", "patch", "delete")
_FILING: Final = {"reference": "/reference", "number": "/version"}
_WEBHOOK: Final = {"webhook": "/id"}
FOUND: Final[Mapping[str, Mapping[str, str]]] = {
    "Filing": _FILING,
    "AmendedFiling": _FILING,
    "FilingPage": {"reference": "/results/0/reference"},
    "Version": {"number": "/number"},
    "VersionList": {"number": "/results/0/number"},
    "DutyList": {"duty_code": "/results/0/code"},
    "OwnDutyList": {"own_duty_code": "/results/0/code"},
    "RegisteredFacility": {"facility": "/reference"},
    "FacilityPage": {"facility": "/results/0/reference"},
    "FacilityYear": {"year": "/year"},
    "Cluster": {"cluster": "/id"},
    "Installation": {"installation": "/id"},
    "InstallationList": {"installation": "/results/0/id"},
    "Return": {"monthly_return": "/reference"},
    "ReturnPage": {"monthly_return": "/results/0/reference"},
    "ReturnUpload": {"monthly_return": "/return", "number": "/number"},
    "StoredRecord": {"line_id": "/line_id"},
    "Mandate": {"mandate": "/id"},
    "MandateList": {"mandate": "/results/0/id"},
    "Mismatch": {"mismatch": "/reference"},
    "MismatchPage": {"mismatch": "/results/0/reference"},
    "Webhook": _WEBHOOK,
    "WebhookWithSecret": _WEBHOOK,
    "WebhookPage": {"webhook": "/results/0/id"},
    "Delivery": {"delivery": "/id"},
    "DeliveryPage": {"delivery": "/results/0/id"},
}


def link(paths: Mapping[str, Any]) -> dict[str, Any]:
    """Name in every success of `paths` what it leads to, and return the links for `components.links`."""
    links: dict[str, Any] = {}
    for path, operation in _operations(paths):
        for reply in _successes(operation):
            name = _schema(reply)
            if name not in FOUND:
                continue
            known = {each: f"$request.path.{each}" for each in variables(path)}
            known |= {each: f"$response.body#{pointer}" for each, pointer in FOUND[name].items()}
            reply["links"] = {}
            for target, made in _from(name, known, paths, has_tag="ETag" in reply["headers"]):
                place = f"{operation['operationId']}.{target}"
                links[place] = made
                reply["links"][target] = {"$ref": f"#/components/links/{place}"}
    return links


def _from(
    name: str, known: Mapping[str, str], paths: Mapping[str, Any], *, has_tag: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation that what is known is enough for, and that needs some of what the body told."""
    for path, operation in _operations(paths):
        needed = tuple(variables(path))
        if not set(needed) <= set(known) or not set(needed) & set(FOUND[name]):
            continue
        given = {f"path.{each}": known[each] for each in needed}
        if _needs_tag(operation):
            if not has_tag:
                continue
            given["header.If-Match"] = "$response.header.ETag"
        yield operation["operationId"], {"operationId": operation["operationId"], "parameters": given}


def _operations(paths: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in paths.items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, operation


def _successes(operation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return (reply for status, reply in operation["responses"].items() if status.startswith("2"))


def _schema(reply: Mapping[str, Any]) -> str:
    """The name of the schema of a JSON answer."""
    content = reply["content"].get("application/json", {})
    return str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]


def _needs_tag(operation: Mapping[str, Any]) -> bool:
    return any(each.get("name") == "If-Match" and each["required"] for each in operation["parameters"])
