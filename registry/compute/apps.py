"""The app of compute. Once loaded, both edges can name a facility and a return in a path."""

from django.apps import AppConfig
from django.urls import register_converter

from registry.compute.facility_reference import FacilityInPath
from registry.compute.return_reference import LineInPath, ReturnInPath


class Compute(AppConfig):
    """Registers `<facility:...>` and `<return:...>` for the maps of both edges."""

    name = "registry.compute"

    def ready(self) -> None:
        """One converter each for the whole house, before any map is read."""
        register_converter(FacilityInPath, "facility")
        register_converter(ReturnInPath, "return")
        register_converter(LineInPath, "line")
