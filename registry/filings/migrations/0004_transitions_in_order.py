"""The change feed reads an organisation's transitions by their number."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("filings", "0003_duties_in_full"),
        ("organisations", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="transition",
            index=models.Index(fields=["organisation", "id"], name="transition_in_order"),
        ),
    ]
