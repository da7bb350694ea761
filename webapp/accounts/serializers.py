"""JSON forms of users, projects and members."""

from django.conf import settings
from rest_framework import serializers

from webapp.accounts.models import Membership, Project, Role, Theme, User


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "email", "is_superuser"]


class NewUserSerializer(serializers.Serializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False, write_only=True)
    email = serializers.EmailField(required=False, default="", allow_blank=True)


class ProjectSerializer(serializers.ModelSerializer):
    """A project as the asking user sees it; ``roles`` comes in the context."""

    role = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = ["id", "name", "slug", "role"]

    def get_role(self, project: Project) -> str | None:
        return self.context["roles"].get(project.pk)


class ProjectDetailSerializer(ProjectSerializer):
    counts = serializers.DictField(read_only=True)

    class Meta(ProjectSerializer.Meta):
        fields = [*ProjectSerializer.Meta.fields, "counts", "created_at"]


class NewProjectSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100)


class MeSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    username = serializers.CharField()
    is_superuser = serializers.BooleanField()
    language = serializers.CharField()
    theme = serializers.CharField()
    preferences = serializers.DictField()
    projects = ProjectSerializer(many=True)


class LooksSerializer(serializers.Serializer):
    """What a person changes of their own: what is left out stays, a preference of null goes."""

    language = serializers.ChoiceField(choices=["", *dict(settings.LANGUAGES)], required=False)
    theme = serializers.ChoiceField(choices=Theme.choices, required=False)
    preferences = serializers.DictField(
        child=serializers.JSONField(allow_null=True), required=False
    )


class MemberSerializer(serializers.ModelSerializer):
    user = UserSerializer(read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "user", "username", "role", "created_at"]


class NewMemberSerializer(serializers.Serializer):
    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Role.choices)


class RoleSerializer(serializers.Serializer):
    role = serializers.ChoiceField(choices=Role.choices)
