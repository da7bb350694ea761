from django.db import migrations, models

KINDS = [
    *(("ingest", "Ingest"), ("analysis", "Analysis"), ("training", "Training")),
    *(("promotion", "Promotion"), ("pose_import", "Pose Import"), ("adaptation", "Adaptation")),
    *(("rebuild", "Rebuild"), ("estimate", "Estimate"), ("description", "Description")),
    ("curves", "Curves"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0003_rebuild"),
    ]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=12),
        ),
    ]
