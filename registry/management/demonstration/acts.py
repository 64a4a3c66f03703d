"""One thing done to one filing, and what is said with it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from registry.filings.checks.subject import VersionKind
from registry.management.demonstration.runs import DemoRun

# With each of these a version is filed, and screened the night after.
VERSIONS = frozenset({"file", "submit", "amend"})
DECISIONS = frozenset({"review", "ask", "accept", "return", "confirm_withdrawal"})

REASONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "accept": (
            "Complete and consistent; the estimate agrees with hardware and architecture.",
            "The figures were checked against the catalogue and the power of the site; nothing is open.",
            "Complete. The assumptions behind the utilisation are plausible for a run of this size.",
        ),
        "return": (
            "The utilisation does not fit the run that precedes it. Please state how it was measured and file anew.",
            "The number of accelerators does not agree with the plan presented in May. Please correct it.",
        ),
        "ask": (
            "Please say how the utilisation was measured, and on which preceding run.",
            "Please confirm that no synthetic data that is not public was generated for this run.",
            "Which part of the site is used by this run, and which by your other customers?",
        ),
        "answer": (
            "The utilisation was measured over the first week of the preceding run; the record is on file.",
            "We confirm it: all data are from our own crawl and from public corpora.",
            "The run has one hall to itself; the other customers of the site are not affected.",
        ),
        "withdraw": (
            "The run was cancelled before it began.",
            "Filed twice by mistake; the other filing stands.",
        ),
        "confirm_withdrawal": ("The run did not take place; confirmed after a call with the provider.",),
        "ask_excuse": (
            "The person in charge of notifications had left, and the post was vacant for six weeks.",
            "The forecast rose above the threshold in a late revision that did not reach the legal department.",
        ),
        "grant": ("The circumstances are shown, and the notification was complete as soon as it came.",),
        "refuse": (
            "Who trains at this size has to see to it that forecasts reach those who notify.",
            "The arguments rest on planned mitigations, which are no grounds (Guidelines, paragraph 40).",
        ),
        "designate": ("Capabilities and reach of the model meet the criteria of Annex XIII, (a) and (f).",),
        "report": ("https://reports.example/",),
    }
)

# Which fields of the document each question is about.
ASKED_ABOUT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict(
        zip(
            REASONS["ask"],
            (
                ("/run/hardware/0/utilisation", "/run/hardware/0/utilisation_kind"),
                ("/data/provenance", "/data/provenance_description"),
                ("/facilities/0",),
            ),
            strict=True,
        )
    )
)


@dataclass(frozen=True)
class Act:
    """One thing done to the filing of a run. `territory` is set where an authority acts (`EU`: the AI Office).

    `kind` is that of a version, `factor` what became of the utilisation since the plan, `duty` the code of the duty
    that is reported on or asked about, `is_granted` what is decided on what was asked.
    """

    at: datetime
    run: DemoRun
    verb: str
    territory: str = ""
    kind: VersionKind = "notification"
    factor: Decimal = Decimal(1)
    reason: str = ""
    duty: str = ""
    is_granted: bool = False

    @property
    def hand(self) -> str:
        """Who acts: an authority's territory or a company's short name."""
        return self.territory or self.run.company.slug


def stage_on(run: DemoRun, day: date) -> str:
    """The stage of a document signed on a day."""
    if day < run.starts_on:
        return "planned"
    return "monitoring" if day <= run.ends_on else "completed"
