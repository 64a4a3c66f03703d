"""The REST edge, mounted at /api/v1/: endpoints, problems, pagination, the OpenAPI document."""
