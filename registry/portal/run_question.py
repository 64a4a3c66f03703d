"""«Must my run be filed, by when and how?»: a question for everybody, answered by the register's own rules."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext

from registry.compute.catalogue import catalogue, default_precision, dense_peak
from registry.filings import duties, estimation, thresholds
from registry.filings.estimation import Estimate, HardwarePeriod, NotEstimable, Units
from registry.filings.working_days import last_day
from registry.portal import calculator, element_form
from registry.portal.calculator import GENERAL_PURPOSE, SYSTEMIC_RISK
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.marks import Field, Label, Link, Option, Tone
from registry.portal.presentation.open_pages import RunAnswer
from registry.quantities import parse_decimal

NAMES: Final = ("accelerator", "count", "days", "utilisation")
USUAL: Final[Mapping[str, str]] = {"accelerator": "nvidia-h100-sxm5-80gb", "utilisation": "40"}
SECONDS_A_DAY: Final = 86_400
MOST: Final[Mapping[str, int]] = {"count": 10_000_000, "days": 3_650, "utilisation": 100}
_LONGEST: Final = 12


@dataclass(frozen=True)
class Question:
    """A run as somebody thinks of it: the fields, and the estimate unless one of them is wrong."""

    fields: tuple[Field, ...]
    period: HardwarePeriod | None = None
    estimate: Estimate | None = None


def asked(query: Mapping[str, str]) -> Question:
    """The question in an address; an address without one has the usual values to begin with."""
    is_asked = "count" in query
    values = {name: query.get(name, USUAL.get(name, "")).strip()[:80] for name in NAMES}
    wrong = _wrong(values) if is_asked else {}
    fields = _fields(values, wrong)
    if not is_asked or wrong:
        return Question(fields)
    code = values["accelerator"]
    precision = default_precision(code)
    peak = dense_peak(code=code, precision=precision) or Decimal(0)
    units = (Units(int(values["count"]), peak, precision.value),)
    period = HardwarePeriod(units, _number(values["days"]) * SECONDS_A_DAY, _number(values["utilisation"]) / 100)
    try:
        return Question(fields, period, estimation.from_hardware([period]))
    except NotEstimable as refused:
        told = refused.sentence
        return Question(_fields(values, {"accelerator": str(told)}))


def answered(question: Question, *, today: date, holidays: Collection[date]) -> RunAnswer | None:
    """Whether it must be filed, by when and how; nothing where nothing was asked."""
    found, period = question.estimate, question.period
    if found is None or period is None:
        return None
    systemic = thresholds.threshold(SYSTEMIC_RISK, on=today)
    general = thresholds.threshold(GENERAL_PURPOSE, on=today)
    if thresholds.crossed(found.value, systemic):
        label = Label(gettext("Yes, it must be filed"), Tone.ALERT, "warning-octagon")
        told = [words.powers(systemic.sentence(language())), *_by_when(today, holidays)]
    elif thresholds.crossed(found.high, systemic):
        label = Label(gettext("Not by this estimate, but close"), Tone.WAITING, "warning")
        told = [words.powers(thresholds.threshold("watch-systemic-risk", on=today).sentence(language()))]
        told += [_from_which_utilisation(period, systemic), *_by_when(today, holidays)]
    elif thresholds.crossed(found.value, general):
        label = Label(gettext("No notification for systemic risk"), Tone.NEW, "info")
        told = [words.powers(general.sentence(language()))]
    else:
        label = Label(gettext("No"), Tone.DONE, "check-circle")
        told = [gettext("The run stays below every threshold of training compute.")]
    told.append(
        gettext(
            "What lies before the run counts too: the weights it starts from, and synthetic data that is not public."
        )
    )
    return RunAnswer(
        label,
        tuple(each for each in told if each),
        calculator.drawn(
            found, found, sentences=[each.sentence(language()) for each in found.assumptions], on=today, days={}
        ),
        (
            Link(gettext("Register your organisation"), reverse("register"), "buildings"),
            Link(gettext("File by form, once you are signed in"), reverse("portal-start"), "file-plus"),
            Link(gettext("File by API"), reverse("api-reference"), "code"),
        ),
    )


def _by_when(today: date, holidays: Collection[date]) -> tuple[str, ...]:
    """The period in the law's words, and the day on which it ends for who knows it today."""
    rule = duties.rule_of("systemic_risk_notification")
    said = [duties.duty_text(rule.code, language()).sentence]
    if rule.term is not None:
        until = last_day(today, rule.term, holidays=holidays)
        told = gettext("If you know today, %(today)s, that it will be passed, the last day is %(until)s.")
        said.append(told % {"today": words.day(today), "until": words.day(until)})
    said.append(duties.duty_text("upfront_estimate", language()).sentence)
    return tuple(said)


def _from_which_utilisation(period: HardwarePeriod, row: thresholds.Threshold) -> str:
    """From which utilisation on the same machines would pass a threshold in the same time."""
    flop = estimation.period_flop(period)
    share = period.utilisation * Decimal(row.value.numerator) / Decimal(row.value.denominator) / flop
    if share > 1:
        return ""
    told = gettext("With these machines and days the threshold is passed above a utilisation of %(share)s %%.")
    return told % {"share": words.count(round(share * 100, 1))}


def _fields(values: Mapping[str, str], wrong: Mapping[str, str]) -> tuple[Field, ...]:
    labels = {
        "accelerator": (gettext("Accelerator"), gettext("Dense peak in 16-bit precision, from the catalogue.")),
        "count": (gettext("How many"), gettext("Such as 4096.")),
        "days": (gettext("For how many days"), gettext("Such as 60.")),
        "utilisation": (
            gettext("Utilisation in per cent"),
            gettext("Share of the peak that the model's computation reaches; 30 to 50 is usual."),
        ),
    }
    options = tuple(Option(code, name, code == values["accelerator"]) for code, name in element_form.accelerators())
    return tuple(
        Field(
            name,
            label,
            "select" if name == "accelerator" else "text",
            values[name],
            options if name == "accelerator" else (),
            help=told,
            error=wrong.get(name, ""),
            required=True,
        )
        for name, (label, told) in labels.items()
    )


def _wrong(values: Mapping[str, str]) -> dict[str, str]:
    found = {}
    if values["accelerator"] not in catalogue():
        found["accelerator"] = gettext("Choose one of the catalogue.")
    for name, most in MOST.items():
        amount = _number(values[name])
        if not 0 < amount <= most or (name == "count" and not values[name].isdecimal()):
            found[name] = gettext("A number above 0, up to %(most)s.") % {"most": words.count(most)}
    return found


def _number(text: str) -> Decimal:
    """The number in a field; a decimal comma is one too. Zero for anything else."""
    if len(text) > _LONGEST or not text.isascii():
        return Decimal(0)
    try:
        return parse_decimal(text.replace(",", "."))
    except ValueError:
        return Decimal(0)
