"""What a person keeps for itself: named views of lists, and until when it has read. Nobody else's business."""

from django.db import models


class SavedView(models.Model):
    """A list with its filters and order, as its person named it. `query` is that of the address, without a mark."""

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="saved_views")
    page = models.CharField(max_length=32)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="saved_view_by_name")]
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return f"{self.page} {self.name}"


class Reading(models.Model):
    """Until when a person has read what comes to a page: what came later is unread."""

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="readings")
    page = models.CharField(max_length=48, help_text="And whose it is, for who acts for several")
    read_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page"], name="reading_of_a_page")]

    def __str__(self) -> str:
        return f"{self.page} {self.read_until}"
