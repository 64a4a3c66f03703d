"""The app of filings. Once loaded, both edges can name a filing in a path."""

from django.apps import AppConfig
from django.urls import register_converter

from registry.filings.reference import InPath


class Filings(AppConfig):
    """Registers `<reference:...>` for the maps of both edges."""

    name = "registry.filings"

    def ready(self) -> None:
        """One converter for the whole house, before any map is read."""
        register_converter(InPath, "reference")
