"""The texts of the public pages: accessibility statement, about the register, what must be filed in short."""

from django.utils.translation import gettext

from registry.portal.presentation.open_pages import TextSection


def accessibility() -> tuple[TextSection, ...]:
    """The accessibility statement (model of Implementing Decision (EU) 2018/1523)."""
    return (
        TextSection(
            gettext("How accessible this site is"),
            (
                gettext(
                    "This site is built to conform to the Web Content Accessibility Guidelines 2.2, level AA, and to "
                    "EN 301 549. Every page works without script, with a keyboard alone, at 400 % zoom, on a narrow "
                    "screen and in high-contrast mode."
                ),
            ),
            (
                gettext("Each chart has a name, a sentence that says what it shows, and its values as a table."),
                gettext(
                    "Nothing is told by colour alone: a status has an icon and a word, a confidential cell a letter."
                ),
                gettext("The pages can be read in English, French and German."),
            ),
        ),
        TextSection(
            gettext("What is not accessible yet"),
            (
                gettext(
                    "Passkeys and security keys need a script of the browser; a one-time code works without. The "
                    "pages have not been tested with people who use screen readers."
                ),
            ),
        ),
        TextSection(
            gettext("How this was checked"),
            (
                gettext(
                    "Every page is tested automatically, at two widths, with the axe rules for WCAG 2.2 AA and EN "
                    "301 549 before each release."
                ),
            ),
        ),
        TextSection(
            gettext("Tell us"),
            (
                gettext(
                    "If you meet a barrier, write to the operator of this deployment. You may also turn to the "
                    "enforcement body of your Member State under Directive (EU) 2016/2102."
                ),
            ),
        ),
    )


def about() -> tuple[TextSection, ...]:
    """What the register is."""
    return (
        TextSection(
            gettext("What the register is for"),
            (
                gettext(
                    "Two kinds of people report the same event and do not know what the other says. Developers file "
                    "training runs: what they train, with how much compute, where, on what, and who owns them. "
                    "Compute providers file who rents which accelerators, where, for how long, and who pays."
                ),
                gettext(
                    "The register checks each report against the law and against physics, computes the training "
                    "compute by the Commission’s two methods, finds the day on which a threshold is crossed, and "
                    "every duty that follows."
                ),
            ),
        ),
        TextSection(
            gettext("Who sees what"),
            (
                gettext(
                    "The competent authority and the AI Office see a filing in full, the public sees statistics "
                    "only. Every look at an identified filing states its purpose, is logged, and can be read by the "
                    "provider concerned."
                ),
            ),
        ),
        TextSection(
            gettext("What can be proved"),
            (
                gettext(
                    "Each submission gets a signed receipt and an entry in a public log. The log holds commitments "
                    "only: nothing of a filing can be read from it, but a later change of what was filed would be "
                    "seen."
                ),
            ),
        ),
        _licences(),
    )


def _licences() -> TextSection:
    return TextSection(
        gettext("Licences"),
        (
            gettext(
                "The software is published under the European Union Public Licence 1.2. It uses the Europa "
                "Component Library (EUPL 1.2) with a theme of its own, the Inter typeface (SIL Open Font "
                "Licence), Phosphor icons (MIT) and Natural Earth boundaries (public domain). Statistics are "
                "published under CC BY 4.0."
            ),
            gettext("This is not a website of an EU institution."),
        ),
    )


def steps() -> tuple[tuple[str, str], ...]:
    """The four steps of a developer."""
    return (
        (
            gettext("Estimate"),
            gettext("Before the large pre-training run: the cumulative compute, by hardware or by architecture."),
        ),
        (
            gettext("Notify"),
            gettext("Within two weeks of meeting the threshold, or of knowing that it will be met."),
        ),
        (
            gettext("Update"),
            gettext("When the estimate, the sites, the hardware or the owners change."),
        ),
        (
            gettext("Complete"),
            gettext("When training ends: actual compute, energy, and where the weights are."),
        ),
    )
