"""Facilities for tests: a sound statement, cluster, installation and report, to be changed where a test is about it."""

from collections.abc import Mapping
from typing import Any

H100 = "nvidia-h100-sxm5-80gb"


def statement(**changes: Any) -> dict[str, Any]:
    """A co-hosting site of 2 MW in Lyon; None leaves a member out."""
    contact = {"name": "Duty desk", "email": "desk@example.org"}
    sound = {
        "name": "Lyon One",
        "operator": contact,
        "owner_name": "Rhône Halls",
        "owner": contact,
        "kind": "co_hosting",
        "country": "FR",
        "lau_code": "69123",
        "nuts_code": "FRK26",
        "operating_from": "2023-03-01",
        "electrical_redundancy": "2n",
        "cooling_redundancy": "n_plus_1",
        "it_power_kw": "2000",
    }
    return _changed(sound, changes)


def cluster(**changes: Any) -> dict[str, Any]:
    """A cluster over 400 Gbit/s."""
    return _changed({"name": "alpha", "interconnect_gbit_per_s": "400", "from_on": "2024-01-10"}, changes)


def installation(**changes: Any) -> dict[str, Any]:
    """Eight hundred H100 that operate since January 2024, delivered with a note."""
    sound = {
        "lot": "a1",
        "accelerator": H100,
        "count": 800,
        "stage": "operating",
        "from_on": "2024-02-01",
        "delivered_on": "2024-01-15",
        "evidence": "Delivery note 4711",
    }
    return _changed(sound, changes)


def report(**changes: Any) -> dict[str, Any]:
    """The year 2025, every needed indicator given."""
    sound = {
        "year": 2025,
        "it_power_kw": "1800",
        "floor_area_m2": "4000",
        "computer_room_area_m2": "1500",
        "total_energy_kwh": "12000000",
        "it_energy_kwh": "10000000",
        "backup_energy_kwh": "3000",
        "water_m3": "9000",
        "potable_water_m3": "4000",
        "heat_reused_kwh": "600000",
        "renewable_energy_kwh": "9000000",
    }
    return _changed(sound, changes)


def _changed(sound: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**sound, **changes}.items() if value is not None}
