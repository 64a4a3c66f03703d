"""The operator's name on the facility: an authority that sees the site may not see an operator seated elsewhere."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compute", "0003_returns")]
    operations = [
        migrations.AddField(
            model_name="facility",
            name="operator_name",
            field=models.CharField(
                default="", help_text="The organisation's, for who may not look that up", max_length=200
            ),
            preserve_default=False,
        ),
    ]
