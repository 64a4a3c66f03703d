"""What everybody may read: accelerators, thresholds, checks, code lists, the schemas of forms."""

from datetime import date

from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoint import Endpoint
from api.filings import spoken
from registry.compute import facility, record
from registry.compute.catalogue import export_status
from registry.compute.models import Accelerator
from registry.errors import NotFound
from registry.filings import document
from registry.filings.checks.catalogue import RULE_SET, every_check, reasons
from registry.filings.models import CodeListItem, Threshold

FILING, RECORD = "filing", "access-record"


class Accelerators(Endpoint):
    """`/accelerators/`: the catalogue, with dense peaks in FLOP/s."""

    permissions = {"GET": None}

    def get(self, request: Request) -> Response:
        """All accelerators by vendor and date, each with the dated events of its export-control status."""
        language = spoken(request)
        with self.reading(request):
            found = [
                {
                    "code": part.code,
                    "vendor": part.vendor,
                    "name": part.name,
                    "released_on": part.released_on.isoformat(),
                    "dense_peak_flop_per_s": {
                        name: str(value)
                        for name, value in (
                            ("bf16", part.peak_bf16_flop_per_s),
                            ("fp8", part.peak_fp8_flop_per_s),
                            ("fp4", part.peak_fp4_flop_per_s),
                        )
                        if value is not None
                    },
                    "thermal_design_power_w": part.thermal_design_power_w,
                    "control_entry": part.control_entry,
                    "export_events": _export_events(part.code, language),
                    "source": part.source,
                }
                for part in Accelerator.objects.all()
            ]
        return Response({"results": found})


def _export_events(code: str, language: str) -> list[dict[str, str]]:
    """The events that concern an accelerator, oldest first."""
    return [
        {
            "code": event.code,
            "on": event.on.isoformat(),
            "precision": event.precision,
            "kind": event.kind.value,
            "sentence": event.sentences[language],
            "source": event.source,
        }
        for event in export_status(code=code, on=date.max)
    ]


class Thresholds(Endpoint):
    """`/thresholds/`: the dated thresholds with operator and legal basis."""

    permissions = {"GET": None}

    def get(self, request: Request) -> Response:
        """All rows, past and future ones too."""
        with self.reading(request):
            found = [
                {
                    "code": row.code,
                    "quantity": row.quantity,
                    "unit": row.unit,
                    "operator": row.operator,
                    "value": row.value,
                    "legal_basis": row.legal_basis,
                    "effect": row.effect,
                    "valid_from": row.valid_from.isoformat(),
                    "valid_until": row.valid_until.isoformat() if row.valid_until else None,
                }
                for row in Threshold.objects.all()
            ]
        return Response({"results": found})


class Checks(Endpoint):
    """`/checks/`: the catalogue of checks, versioned."""

    permissions = {"GET": None}

    def get(self, request: Request) -> Response:
        """Every check with its sentence in the reader's language."""
        language = spoken(request)
        found = [
            {
                "code": check.code,
                "severity": check.severity,
                "sentence": check.texts[language].sentence,
                "remedy": check.texts[language].remedy,
                "source": check.source,
            }
            for check in every_check().values()
        ]
        return Response({"rule_set": RULE_SET, "results": found})


class CodeLists(Endpoint):
    """`/code-lists/`: the codes that the document and acknowledgements use, with their words."""

    permissions = {"GET": None}

    def get(self, request: Request) -> Response:
        """All lists."""
        language = spoken(request)
        lists: dict[str, list[dict[str, str]]] = {}
        with self.reading(request):
            for item in CodeListItem.objects.all():
                label = getattr(item, f"label_{language}")
                lists.setdefault(item.list, []).append({"code": item.code, "label": label})
        lists["check_reasons"] = [{"code": each.code, "label": each.names[language]} for each in reasons().values()]
        return Response({"lists": lists})


class FormSchema(Endpoint):
    """`/schemas/filing-1.0.json` and others: the JSON Schema of what can be filed or said."""

    permissions = {"GET": None}

    def get(self, request: Request, form: str, version: str) -> Response:
        """The schema, made from the models that validate."""
        known = {FILING: document.SCHEMA_VERSION, **dict.fromkeys(facility.FORMS, facility.SCHEMA_VERSION)}
        if {**known, RECORD: record.SCHEMA_VERSION}.get(form) != version:
            raise NotFound
        made = {FILING: document.json_schema, RECORD: record.json_schema}
        schema = made[form]() if form in made else facility.json_schema(form)
        return Response(schema, content_type="application/schema+json")
