"""Lines of a return as a provider would send them: five hundred customers, a warning here and there, none bad."""

import json
from collections.abc import Iterator
from typing import Any

CUSTOMERS = 500
WITHOUT_LEI = 25  # one customer in so many

_LINE: dict[str, Any] = {
    "facility": "hall-1",
    "accelerator": "nvidia-h100-sxm5-80gb",
    "accelerators": 64,
    "starts_at": "2026-10-01T00:00:00Z",
    "ends_at": "2026-10-15T00:00:00Z",
    "accelerator_hours": "20160.5",
    "workload_class": "inference",
    "nodes": 8,
    "interconnect_gbit_per_s": "400",
    "customer_country": "FR",
    "customer_address": "1 rue de la Barre, 69002 Lyon",
    "customer_email": "compute@borealis.example",
    "customer_incorporated_on": "2019-05-01",
    "contracted_on": "2024-01-15",
    "payer_country": "FR",
    "payment_means": "bank_transfer",
    "payment_countries": ["FR"],
    "declared_access_countries": ["FR", "DE"],
    "observed_access_countries": ["FR"],
    "verification_method": "register",
    "verified_on": "2024-01-10",
    "is_established_in_russia": False,
    "is_end_use_prohibited": False,
    "attested_on": "2024-01-10",
    "attested_by": "Jeanne Colin",
}


def lines(count: int) -> Iterator[bytes]:
    """`count` lines of NDJSON, about a kilobyte each."""
    for number in range(count):
        customer = number % CUSTOMERS
        name = f"Borealis Analytique {customer} SAS"
        said = {**_LINE, "line_id": f"L-{number:08d}", "customer_key": f"C-{customer:04d}"}
        said |= {"customer_name": name, "payer_name": name}
        if customer % WITHOUT_LEI:
            said["customer_lei"] = "969500DEMONSTRATIO14"
        yield json.dumps(said).encode() + b"\n"
