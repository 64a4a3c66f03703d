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
from registry.compute.record_models import AccessRecord, AccessRecordQuerySet
from registry.compute.return_models import (
    Atomicity,
    Format,
    Return,
    ReturnQuerySet,
    ReturnState,
    ReturnVersion,
    Upload,
    UploadPart,
    UploadState,
)

__all__ = [
    "Accelerator",
    "AccessRecord",
    "AccessRecordQuerySet",
    "Atomicity",
    "Cluster",
    "Facility",
    "FacilityAct",
    "FacilityKind",
    "FacilityReport",
    "Format",
    "Installation",
    "InstallationQuerySet",
    "Return",
    "ReturnQuerySet",
    "ReturnState",
    "ReturnVersion",
    "Stage",
    "Upload",
    "UploadPart",
    "UploadState",
]
