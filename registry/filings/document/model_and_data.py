"""The model that comes out and the data that goes in (MODEL-1 to 9, DATA-1 to 6)."""

from functools import partial
from typing import Annotated, Literal

from registry.filings.document.elements import COMPLETED, PLANNED, element
from registry.forms.parts import Part
from registry.forms.scalars import (
    Count,
    Country,
    Day,
    HistoricDay,
    Line,
    Listing,
    Many,
    Name,
    Prose,
    Sha256,
    Terabytes,
    Url,
)

Modality = Literal["text", "images", "audio", "video", "biological_sequences", "other"]
ParametersBand = Literal["1m-500m", "500m-5b", "5b-15b", "15b-50b", "50b-100b", "100b-500b", "500b-1t", "over-1t"]
Provenance = Literal["web_crawling", "private_licensed", "user_data", "publicly_available", "synthetic", "other"]
SensitiveCategory = Literal[
    "none", "personal_data", "special_categories", "health", "biometric", "children", "biological", "copyrighted"
]
DataSizeBand = Literal["under-1tb", "1tb-10tb", "10tb-100tb", "100tb-1pb", "over-1pb"]
DataPointsBand = Literal["under-1m", "1m-1b", "1b-1t", "1t-10t", "over-10t"]
Medium = Literal["network", "physical_media"]

_FORM = "AI Act Annex XI 1; Model Documentation Form"
_name = partial(element, code="MODEL-1", cls="R", source=_FORM)
_architecture = partial(element, code="MODEL-2", cls="R", source="AI Act Annex XI 1(d); Model Documentation Form")
_parameters = partial(element, code="MODEL-3", cls="R", source="AI Act Annex XI 1(d), Annex XIII(a)")
_modalities = partial(element, code="MODEL-4", cls="R", source="AI Act Annex XI 1(e), Annex XIII(d)")
_licence = partial(element, code="MODEL-5", cls="R", source="AI Act Annex XI 1(f)")
_dates = partial(element, code="MODEL-6", cls="R", source="AI Act Annex XI 1(c); Model Documentation Form")
_distribution = partial(element, code="MODEL-7", cls="R", source="AI Act Annex XI 1(c); Model Documentation Form")
_reach = partial(element, code="MODEL-8", cls="R", source="AI Act Annex XIII(f)-(g)")
_weights = partial(element, code="MODEL-9", cls="S", source="EO 14110; Regulation (EU) 2021/821 Art. 2(2)(d), 2(3)(c)")
_ORIGIN = "AI Act Annex XI 2(c); Model Documentation Form; training-content template"
_data_modalities = partial(element, code="DATA-1", cls="R", source=_ORIGIN)
_data_size = partial(element, code="DATA-2", cls="R", source=_ORIGIN)
_provenance = partial(element, code="DATA-3", cls="R", source=_ORIGIN)
_points = partial(element, code="DATA-4", cls="R", source=_ORIGIN)
_sensitive = partial(element, code="DATA-5", cls="R", source=_ORIGIN)
_path = partial(element, code="DATA-6", cls="S", source="Case of June 2025 (data carried on disks); domain facts 0")


class ModalityLimit(Part):
    """One modality and the largest item of it."""

    modality: Modality | None = _modalities(text="modality.modality", needed=PLANNED)
    maximum_size: Line | None = _modalities(text="modality.maximum_size", needed=COMPLETED)


class Licence(Part):
    """Under which terms the model is released."""

    name: Line | None = _licence(text="licence.name", needed=COMPLETED)
    url: Url | None = _licence(text="licence.url")
    category: Literal["open", "restricted", "proprietary", "not_released"] | None = _licence(
        text="licence.category", needed=PLANNED
    )


class WeightsHolder(Part):
    """Who holds a copy of the weights, and where."""

    name: Name | None = _weights(text="weights_holder.name", needed=PLANNED)
    country: Country | None = _weights(text="weights_holder.country", needed=PLANNED)


class WeightsTransfer(Part):
    """One planned or made transfer of the weights."""

    to_country: Country | None = _weights(text="weights_transfer.to_country", needed=PLANNED)
    recipient: Name | None = _weights(text="weights_transfer.recipient")
    medium: Medium | None = _weights(text="weights_transfer.medium", needed=PLANNED)
    on: Day | None = _weights(text="weights_transfer.on", needed=PLANNED)


class Weights(Part):
    """Where the weights are, who holds them, and where they go."""

    stored_in_countries: Annotated[tuple[Country, ...], Listing] = _weights(
        text="weights.stored_in_countries", needed=PLANNED, default=(), max_length=60
    )
    holders: Annotated[tuple[WeightsHolder, ...], Listing] = _weights(
        text="weights.holders", needed=PLANNED, default=(), max_length=50
    )
    transfers: Annotated[tuple[WeightsTransfer, ...], Listing] = _weights(
        text="weights.transfers", default=(), max_length=100
    )
    sha256: Sha256 | None = _weights(text="weights.sha256", needed=COMPLETED)


class Model(Part):
    """The model being trained."""

    name: Name | None = _name(text="model.name", needed=PLANNED)
    version: Line | None = _name(text="model.version", needed=PLANNED)
    architecture: Line | None = _architecture(text="model.architecture", needed=PLANNED)
    design_choices: Prose | None = _architecture(text="model.design_choices", needed=COMPLETED)
    parameters: Many | None = _parameters(text="model.parameters", needed=PLANNED)
    parameters_band: ParametersBand | None = _parameters(text="model.parameters_band", needed=PLANNED)
    modalities_in: Annotated[tuple[ModalityLimit, ...], Listing] = _modalities(
        text="model.modalities_in", needed=PLANNED, default=(), max_length=6
    )
    modalities_out: Annotated[tuple[ModalityLimit, ...], Listing] = _modalities(
        text="model.modalities_out", needed=PLANNED, default=(), max_length=6
    )
    licence: Licence | None = _licence(text="model.licence", needed=PLANNED)
    release_on: Day | None = _dates(text="model.release_on", needed=COMPLETED)
    union_placing_on: Day | None = _dates(text="model.union_placing_on", needed=COMPLETED)
    distribution: Annotated[
        tuple[Literal["download", "api", "application", "embedded", "internal_only", "other"], ...], Listing
    ] = _distribution(text="model.distribution", needed=PLANNED, default=(), max_length=6)
    distribution_description: Line | None = _distribution(text="model.distribution_description")
    expected_business_users_count: Count | None = _reach(text="model.expected_business_users_count")
    reaches_10000_business_users: bool | None = _reach(text="model.reaches_10000_business_users", needed=PLANNED)
    expected_end_users_count: Count | None = _reach(text="model.expected_end_users_count")
    weights: Weights | None = _weights(text="model.weights", needed=PLANNED)


class DataTransfer(Part):
    """One way the training data took to the facility."""

    from_country: Country | None = _path(text="data_transfer.from_country", needed=PLANNED)
    to_country: Country | None = _path(text="data_transfer.to_country", needed=PLANNED)
    medium: Medium | None = _path(text="data_transfer.medium", needed=PLANNED)
    volume_tb: Terabytes | None = _path(text="data_transfer.volume_tb", needed=PLANNED)
    on: Day | None = _path(text="data_transfer.on", needed=PLANNED)
    carrier: Name | None = _path(text="data_transfer.carrier")


class Data(Part):
    """The training data."""

    modalities: Annotated[tuple[Modality, ...], Listing] = _data_modalities(
        text="data.modalities", needed=PLANNED, default=(), max_length=6
    )
    size_band: DataSizeBand | None = _data_size(text="data.size_band", needed=PLANNED)
    provenance: Annotated[tuple[Provenance, ...], Listing] = _provenance(
        text="data.provenance", needed=PLANNED, default=(), max_length=6
    )
    provenance_description: Prose | None = _provenance(text="data.provenance_description")
    crawl_ended_on: HistoricDay | None = _provenance(text="data.crawl_ended_on")
    points_band: DataPointsBand | None = _points(text="data.points_band", needed=PLANNED)
    sensitive_categories: Annotated[tuple[SensitiveCategory, ...], Listing] = _sensitive(
        text="data.sensitive_categories", needed=PLANNED, default=(), max_length=8
    )
    origin_countries: Annotated[tuple[Country, ...], Listing] = _path(
        text="data.origin_countries", needed=PLANNED, default=(), max_length=249
    )
    transfers: Annotated[tuple[DataTransfer, ...], Listing] = _path(
        text="data.transfers", needed=PLANNED, default=(), max_length=200
    )
