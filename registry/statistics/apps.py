"""The app of statistics. Once loaded, `check --deploy` looks at the sealed parameters."""

from django.apps import AppConfig

from registry.statistics import parameters


class Statistics(AppConfig):
    """Nothing is done when it is ready; importing the parameters registers their check."""

    name = "registry.statistics"
    check = staticmethod(parameters.are_sealed)
