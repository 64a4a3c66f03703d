"""The running number of filing references."""

from django.db import migrations


class Migration(migrations.Migration):
    """A sequence, because a number once shown is never given again, not even after a rollback."""

    dependencies = [("filings", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "create sequence filings_reference_number as bigint", "drop sequence filings_reference_number"
        )
    ]
