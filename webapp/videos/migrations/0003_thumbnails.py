# Sheets of small pictures for scrubbing; older clips get theirs when first asked for.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('videos', '0002_library_by_date'),
    ]

    operations = [
        migrations.AddField(
            model_name='video',
            name='thumbnails_file',
            field=models.CharField(blank=True, default='', max_length=255),
            preserve_default=False,
        ),
    ]
