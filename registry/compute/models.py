"""All tables of the package. They stand in modules by what they are about; others import them from here."""

from registry.compute.accelerator_models import Accelerator
from registry.compute.facility_models import (
    Cluster,
    Facility,
    FacilityAct,
    FacilityKind,
    FacilityReport,
    Installation,
    InstallationQuerySet,
    Stage,
)

__all__ = [
    "Accelerator",
    "Cluster",
    "Facility",
    "FacilityAct",
    "FacilityKind",
    "FacilityReport",
    "Installation",
    "InstallationQuerySet",
    "Stage",
]
