from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("screening", "0005_returns_screened_and_authorisations")]

    operations = [
        migrations.AddField("authorisation", "reason", models.CharField(max_length=500, default=""), preserve_default=False),
    ]
