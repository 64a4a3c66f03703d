"""The ledger's tables: entries, and the leaves and checkpoints of the public log; all are only ever appended.

A commitment says nothing without its opening (salt and document), which lies with the package that owns the document:
deleting it there erases lawfully without breaking the chain (AI Act Art. 78(2)).
"""

import pgtrigger
from django.db import models

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)

# Not granted to those who file: the public log holds hashes only
RESTRICTED = ("kind", "subject", "actor", "mandate", "salt")


class Entry(models.Model):
    """One line of the log. `commitment` says nothing without its opening; the hashes chain the lines.

    `kind` is the greppable word of the act (`filing.submitted`), `subject` a reference, `actor` who did it, `mandate`
    the one by which it was for another: these are restricted, and committed to under `salt` in a leaf of their own
    (registry.ledger.acts); index, moment, commitment and hashes are public.
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
    salt = models.BinaryField(max_length=32)

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["index"]
        triggers = [APPEND_ONLY]
        constraints = [models.CheckConstraint(condition=models.Q(index__gte=0), name="entry_index_from_zero")]

    def __str__(self) -> str:
        return f"{self.index} {self.kind} {self.subject}"


class Leaf(models.Model):
    """One leaf of the public log. Of an entry there are two: its commitment, and the one to the act; the rest covers.

    Which leaf is a cover is nobody's business outside: it would tell how much was filed when.
    """

    position = models.BigIntegerField(primary_key=True)
    commitment = models.BinaryField(max_length=32, db_index=True)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="leaves")
    is_act = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "leaves"
        ordering = ["position"]
        triggers = [APPEND_ONLY]
        constraints = [
            models.UniqueConstraint(fields=["entry", "is_act"], name="leaf_once"),
            models.CheckConstraint(condition=models.Q(position__gte=0), name="leaf_position_from_zero"),
        ]

    def __str__(self) -> str:
        return f"leaf {self.position}"


class Checkpoint(models.Model):
    """A signed head of the public log: its size, the root, and the note as the register signed it.

    `peaks` are the roots of the complete subtrees, 32 bytes each: all that growing the tree needs.
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    peaks = models.BinaryField(max_length=2016)
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["size"]
        triggers = [APPEND_ONLY]
        constraints = [models.CheckConstraint(condition=models.Q(size__gte=0), name="checkpoint_size_from_zero")]

    def __str__(self) -> str:
        return f"checkpoint {self.size}"


class Cosignature(models.Model):
    """A witness's signature line under a checkpoint, and the moment that it names."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="cosignatures")
    witness = models.CharField(max_length=128)
    line = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["checkpoint", "witness"]
        triggers = [APPEND_ONLY]
        constraints = [models.UniqueConstraint(fields=["checkpoint", "witness"], name="cosignature_once")]

    def __str__(self) -> str:
        return f"{self.witness} at {self.checkpoint_id}"
