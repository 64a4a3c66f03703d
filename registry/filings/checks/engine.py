"""Judge a filing document: every check in force, all answers at once, and the words for people. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from registry.errors import Obstacle, told
from registry.filings.checks import arithmetic, dates, form, law, physics, presence, proportions, register, versions
from registry.filings.checks.catalogue import RULE_SET, SEVERITIES, Check, Severity, catalogue, every_check, reasons
from registry.filings.checks.subject import FUNCTIONS, Context, OrganisationFacts, Subject
from registry.filings.document import FilingDocument, element_at
from registry.filings.judgement import Estimates

__all__ = [
    "RULE_SET",
    "Acknowledgement",
    "Answer",
    "Check",
    "Context",
    "OrganisationFacts",
    "acknowledged",
    "answer",
    "baseless",
    "catalogue",
    "render",
    "unacknowledged",
]

FAMILIES = (arithmetic, dates, form, law, physics, presence, proportions, register, versions)
"""The modules that hold the functions; importing them enters the functions in the list."""
SHORTEST_SENTENCE = 10
REASON_CODE, REASON = "acknowledged_for", "acknowledged_with"


@dataclass(frozen=True)
class Answer:
    """What one check says about one place of the document. `inputs` are the filer's own data or public law.

    The filer's reason for keeping what a warning questions is its own data too, and stands among them.
    """

    code: str
    severity: Severity
    pointer: str
    inputs: Mapping[str, str]

    @property
    def reason(self) -> tuple[str, str] | None:
        """Why the filer keeps what a warning questions: the code of the reason and its sentence."""
        return (self.inputs[REASON_CODE], self.inputs[REASON]) if REASON_CODE in self.inputs else None


@dataclass(frozen=True)
class Acknowledgement:
    """The filer keeps what a warning questions: why, as a code of `reasons()` and in a sentence of its own.

    `place` is where it stands in a request (JSON Pointer); it must then answer a warning (`baseless`).
    """

    code: str
    pointer: str
    reason_code: str
    sentence: str
    place: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether the reason is in the list and the sentence says something."""
        return self.reason_code in reasons() and len(self.sentence.strip()) >= SHORTEST_SENTENCE


def answer(document: FilingDocument, context: Context, reckoned: Estimates | None = None) -> tuple[Answer, ...]:
    """Every answer to the document, errors first, then by place and code. Empty where there is nothing to say.

    `reckoned` spares the work of estimating a second time where the caller has judged the document already.
    """
    subject = Subject(document, context, reckoned)
    answers = [
        Answer(rule.code, rule.severity, hit.pointer, MappingProxyType(dict(hit.inputs)))
        for rule in catalogue(context.today)
        if rule.on_withdrawal or context.kind != "withdrawal"
        for hit in FUNCTIONS[rule.code](subject)
    ]
    return tuple(sorted(answers, key=_place))


def stored(code: str, severity: str, pointer: str, inputs: Mapping[str, str]) -> Answer:
    """An answer given earlier, from its stored columns. Raises ValueError for a severity that does not exist."""
    known = next((each for each in SEVERITIES if each == severity), None)
    if known is None:
        raise ValueError(f"there is no severity {severity!r}")
    return Answer(code, known, pointer, inputs)


def render(answer: Answer, language: str) -> tuple[str, str]:
    """Sentence and remedy of an answer. Raises KeyError for an unknown code or language.

    An input called `element` is the place of a member and becomes its label in that language.
    """
    text = every_check()[answer.code].texts[language]
    words = dict(answer.inputs)
    if "element" in words:
        named = element_at(words["element"])
        words["element"] = (named.label.get(language) if named else None) or words["element"]
    return text.sentence.format_map(words), text.remedy.format_map(words)


def unacknowledged(answers: Iterable[Answer], acknowledgements: Iterable[Acknowledgement]) -> tuple[Answer, ...]:
    """The warnings that no complete acknowledgement of the same code and place covers, in their order."""
    covered = {(each.code, each.pointer) for each in acknowledgements if each.is_complete}
    return tuple(each for each in answers if each.severity == "warning" and (each.code, each.pointer) not in covered)


def acknowledged(answers: Iterable[Answer], acknowledgements: Iterable[Acknowledgement]) -> tuple[Answer, ...]:
    """The answers, each warning with the reason of the complete acknowledgement that covers it."""
    given = {(each.code, each.pointer): each for each in acknowledgements if each.is_complete}
    return tuple(_kept(each, given.get((each.code, each.pointer))) for each in answers)


def baseless(answers: Iterable[Answer], acknowledgements: Iterable[Acknowledgement]) -> tuple[Obstacle, ...]:
    """What is wrong with acknowledgements in a request: no such warning, not there, no such reason, nothing said."""
    places: dict[str, list[str]] = {}
    for each in answers:
        if each.severity == "warning":
            places.setdefault(each.code, []).append(each.pointer)
    return tuple(wrong for each in acknowledgements if each.place for wrong in _faults(each, places))


def _kept(answer: Answer, reason: Acknowledgement | None) -> Answer:
    if reason is None or answer.severity != "warning":
        return answer
    inputs = {**answer.inputs, REASON_CODE: reason.reason_code, REASON: reason.sentence.strip()}
    return replace(answer, inputs=MappingProxyType(inputs))


def _faults(given: Acknowledgement, places: Mapping[str, list[str]]) -> Iterator[Obstacle]:
    if given.code not in places:
        remedy = told("Take the codes from the warnings; leave out what no check warned of.")
        yield Obstacle("no-such-warning", f"{given.place}/code", "No check warned under this code.", remedy)
    elif given.pointer not in places[given.code]:
        remedy = told("It stands at {places}.", places=", ".join(places[given.code]))
        yield Obstacle("no-such-warning", f"{given.place}/pointer", "The warning does not stand at this place.", remedy)
    if given.reason_code not in reasons():
        sentence = told("It must be one of {choices}.", choices=", ".join(reasons()))
        yield Obstacle("not-in-list", f"{given.place}/reason_code", sentence)
    if len(given.sentence.strip()) < SHORTEST_SENTENCE:
        sentence = told("A sentence of at least {shortest} characters is needed.", shortest=SHORTEST_SENTENCE)
        yield Obstacle("text", f"{given.place}/sentence", sentence)


def _place(answer: Answer) -> tuple[int, tuple[tuple[int, str], ...], str, tuple[tuple[str, str], ...]]:
    """Order of showing: severity, place (numbers of lists as numbers), code."""
    steps = tuple((int(step), "") if step.isdigit() else (-1, step) for step in answer.pointer.split("/"))
    return SEVERITIES.index(answer.severity), steps, answer.code, tuple(sorted(answer.inputs.items()))
