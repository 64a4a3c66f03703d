"""A look may be at a facility, which is no filing: its reference tells which."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("filings", "0009_duties_of_organisations"), ("oversight", "0008_cases")]
    operations = [
        migrations.AlterField(
            model_name="look",
            name="filing",
            field=models.ForeignKey(
                help_text="Empty: a facility was seen",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="looks",
                to="filings.filing",
            ),
        ),
    ]
