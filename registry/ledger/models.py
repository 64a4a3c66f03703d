"""The ledger's table: entries that are only ever appended.

A commitment says nothing without its opening (salt and document), which lies with the package that owns the document:
deleting it there erases lawfully without breaking the chain (AI Act Art. 78(2)).
"""

import pgtrigger
from django.db import models

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)

RESTRICTED = ("kind", "subject", "actor", "mandate")  # not granted to those who file: the public log holds hashes only


class Entry(models.Model):
    """One line of the log. `commitment` says nothing without its opening; the hashes chain the lines.

    `kind` is the greppable word of the act (`filing.submitted`), `subject` a reference, `actor` who did it, `mandate`
    the one by which it was for another: these are restricted; index, moment, commitment and hashes are public.
    """

    index = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=64, db_index=True)
    actor = models.CharField(max_length=64)
    mandate = models.UUIDField(null=True, blank=True, help_text="Under which the actor acted for another organisation")
    at = models.DateTimeField()
    commitment = models.BinaryField(max_length=32)
    previous_hash = models.BinaryField(max_length=32)
    entry_hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["index"]
        triggers = [APPEND_ONLY]
        constraints = [models.CheckConstraint(condition=models.Q(index__gte=0), name="entry_index_from_zero")]

    def __str__(self) -> str:
        return f"{self.index} {self.kind} {self.subject}"
