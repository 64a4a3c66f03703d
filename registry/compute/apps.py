"""The app of compute. Once loaded, both edges can name a facility in a path."""

from django.apps import AppConfig
from django.urls import register_converter

from registry.compute.facility_reference import FacilityInPath


class Compute(AppConfig):
    """Registers `<facility:...>` for the maps of both edges."""

    name = "registry.compute"

    def ready(self) -> None:
        """One converter for the whole house, before any map is read."""
        register_converter(FacilityInPath, "facility")
