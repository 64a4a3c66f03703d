"""People, their memberships, and machine clients with their keys."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from oauth2_provider.models import AbstractApplication

from registry.organisations.models import Authority, Organisation


class UserManager(BaseUserManager["User"]):
    """Makes people by e-mail address, stored in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store one person. An absent password makes sign-in by password impossible."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with this e-mail address, whatever its case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]
    """A person. What they may do follows from their membership alone (registry.accounts.policy)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=2, default="en")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.email


class Membership(models.Model):
    """What a person is, where, from when until when: a role in one organisation or at one authority, never both."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    authority = models.ForeignKey(Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=32)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(organisation__isnull=True) | models.Q(authority__isnull=True),
                name="membership_in_one_place",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="membership_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class ApiClient(AbstractApplication):  # type: ignore[misc]
    """A machine of one organisation. It has no secret: it signs assertions with its own key (RFC 7523)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    scopes = models.CharField(max_length=200, default="filings:read filings:write")
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API client"

    def __str__(self) -> str:
        return str(self.client_id)


class ClientKey(models.Model):
    """One public key of a client. Several may overlap; none lasts longer than 398 days."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=64)
    public_jwk = models.JSONField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key_id"], name="client_key_id")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.key_id}"


class SpentAssertion(models.Model):
    """A `jti` that was used once. In the database, because a cache that is lost would allow a replay."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="+")
    jti = models.CharField(max_length=128)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "jti"], name="assertion_spent_once")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.jti}"
