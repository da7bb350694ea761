"""Reading labels."""

from django.db.models import QuerySet

from webapp.labels.models import Label


def labels_of(project_id: int, *, archived: bool = False) -> QuerySet[Label]:
    """The project's labels in their order, the archived ones only where asked for."""
    labels = Label.objects.filter(label_set__project_id=project_id)
    return labels if archived else labels.filter(archived=False)
