"""The European Compute-Access Registry. Loads the Celery app, so that tasks find it; nothing else."""

from registry.celery import app as celery_app

__all__ = ("celery_app",)
