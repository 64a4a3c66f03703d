"""One vintage of a release: what it may show, given everything that was published before, or that it is held back."""

from registry.statistics.disclosure.cube import Cube
from registry.statistics.disclosure.earlier import Held, Ledger, bind
from registry.statistics.disclosure.protect import Auditor, Pattern, protect_until_clean
from registry.statistics.disclosure.rules import Rules, assess
from registry.statistics.disclosure.search import Unprotectable


def protect_release(
    cube: Cube, *, rules: Rules, ledger: Ledger, may_withhold: bool = False, auditor: Auditor | None = None
) -> Pattern | Held:
    """The pattern of a vintage, of which `auditor` finds nothing wrong; `Held` where a change would tell too much.

    With `may_withhold` a new value that would tell too much is withheld instead, where that is enough. What was shown
    before asks for nothing any more. Raises `Unprotectable` and `NotClean` for a release that no pattern makes safe.
    """
    bound = bind(cube, ledger=ledger, rules=rules, may_withhold=may_withhold)
    if isinstance(bound, Held):
        return bound
    needs = {each for each in assess(cube, rules) if each.place not in bound.published}
    try:
        return protect_until_clean(
            cube,
            needs | set(bound.requirements),
            auditor=auditor or _trusting,
            published=bound.published,
            withheld=bound.withheld,
            ratios=rules.ratios,
        )
    except Unprotectable as refused:
        if not bound.requirements:
            raise
        changed = {each.place for each in bound.requirements}
        return Held(tuple(cube.cells[place] for place in sorted({*changed, refused.requirement.place})))


def _trusting(_: Pattern) -> tuple[()]:
    """No audit: the proofs of the pattern alone."""
    return ()
