"""What can be done to the accelerator catalogue: load it."""

from registry.acting import Actor, inside_acting_as
from registry.compute import catalogue
from registry.compute.catalogue import Precision
from registry.compute.models import Accelerator


@inside_acting_as
def load_accelerators(*, by: Actor) -> int:
    """Make the stored catalogue equal to `data/accelerators.csv`, adding and changing; returns how many there are."""
    by.require("reference_load")
    listed = [_stored(part) for part in catalogue.catalogue().values()]
    columns = [f.name for f in Accelerator._meta.concrete_fields if not f.primary_key]
    Accelerator.objects.bulk_create(listed, update_conflicts=True, unique_fields=["code"], update_fields=columns)
    return len(listed)


def _stored(part: catalogue.Accelerator) -> Accelerator:
    peaks = part.dense_peak_flop_per_s
    return Accelerator(
        code=part.code,
        vendor=part.vendor,
        name=part.model,
        released_on=part.released_on,
        peak_bf16_flop_per_s=peaks.get(catalogue.default_precision(part.code)),
        peak_fp8_flop_per_s=peaks.get(Precision.FP8),
        peak_fp4_flop_per_s=peaks.get(Precision.FP4),
        memory_gb=part.memory_gb,
        thermal_design_power_w=None if part.power_w is None else int(part.power_w),
        control_entry=part.ear_category,
        source=", ".join(part.source_codes),
    )
