"""What the library can be filtered and sorted by."""

import django_filters
from django.db.models import QuerySet

from webapp.accounts.selectors import LARGEST_ID
from webapp.reviews.library import ORDERINGS
from webapp.videos.models import Video, VideoState


class IdsFilter(django_filters.BaseInFilter, django_filters.NumberFilter):
    """``ids=3,7``: these and no others."""


class VideoFilters(django_filters.FilterSet):
    ids = IdsFilter(field_name="id", lookup_expr="in", max_value=LARGEST_ID)
    state = django_filters.MultipleChoiceFilter(choices=VideoState.choices)
    label = django_filters.NumberFilter(field_name="label_id", max_value=LARGEST_ID)
    reviewed = django_filters.BooleanFilter()
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains")
    ordering = django_filters.ChoiceFilter(
        choices=[(name, name) for name in ORDERINGS], method="sort"
    )

    class Meta:
        model = Video
        fields: list[str] = []

    def sort(self, videos: QuerySet[Video], name: str, value: str) -> QuerySet[Video]:
        return videos.order_by(*ORDERINGS[value])
