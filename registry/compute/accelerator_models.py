"""The accelerator catalogue as stored reference data (registry.compute.catalogue holds the rows themselves)."""

from django.db import models


class Accelerator(models.Model):
    """One accelerator model. Peaks are dense, in FLOP/s, by number format; null where the part lacks it."""

    code = models.CharField(max_length=64, primary_key=True)
    vendor = models.CharField(max_length=64)
    name = models.CharField(max_length=128)
    released_on = models.DateField()
    peak_bf16_flop_per_s = models.DecimalField(max_digits=24, decimal_places=0, null=True)
    peak_fp8_flop_per_s = models.DecimalField(max_digits=24, decimal_places=0, null=True)
    peak_fp4_flop_per_s = models.DecimalField(max_digits=24, decimal_places=0, null=True)
    memory_gb = models.DecimalField(max_digits=8, decimal_places=1, null=True)
    thermal_design_power_w = models.PositiveIntegerField(null=True)
    control_entry = models.CharField(max_length=64, help_text="3A090 by parameters: computed, not official")
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["vendor", "released_on", "code"]

    def __str__(self) -> str:
        return f"{self.vendor} {self.name}"
