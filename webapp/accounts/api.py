"""Who am I, which projects are there, and who belongs to them."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.authtoken.views import ObtainAuthToken
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.parsers import FormParser, JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts import selectors, services
from webapp.accounts.models import Membership, Project, Role, User
from webapp.accounts.permissions import IsSuperuser, project_role
from webapp.accounts.serializers import (
    LooksSerializer,
    MemberSerializer,
    MeSerializer,
    NewMemberSerializer,
    NewProjectSerializer,
    NewUserSerializer,
    ProjectDetailSerializer,
    ProjectSerializer,
    RoleSerializer,
    UserSerializer,
)
from webapp.accounts.throttles import LoginThrottle


class TokenView(ObtainAuthToken):
    """Give a script its token for a name and a password."""

    parser_classes = [JSONParser, FormParser]
    throttle_classes = [LoginThrottle]

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        try:
            return super().post(request, *args, **kwargs)
        except ValidationError:
            LoginThrottle().note_failure(request)
            raise


class MeView(APIView):
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        return Response(_me(request.user))

    @extend_schema(request=LooksSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        wanted = LooksSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        return Response(_me(services.change_looks(user=request.user, **wanted.validated_data)))


class UsersView(ListAPIView):
    permission_classes = [IsSuperuser]
    serializer_class = UserSerializer
    queryset = User.objects.order_by("username")

    @extend_schema(request=NewUserSerializer, responses={201: UserSerializer})
    def post(self, request: Request) -> Response:
        wanted = NewUserSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        user = services.create_user(**wanted.validated_data)
        return Response(UserSerializer(user).data, status.HTTP_201_CREATED)


class ProjectsView(ListAPIView):
    serializer_class = ProjectSerializer
    queryset = Project.objects.none()  # for the schema; what a user sees is asked below

    def get_queryset(self):
        return selectors.projects_of(self.request.user)

    def get_serializer_context(self):
        return super().get_serializer_context() | {"roles": _roles(self.request)}

    @extend_schema(request=NewProjectSerializer, responses={201: ProjectDetailSerializer})
    def post(self, request: Request) -> Response:
        if not IsSuperuser().has_permission(request, self):
            self.permission_denied(request, IsSuperuser.message, "forbidden")
        wanted = NewProjectSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        project = services.create_project(name=wanted.validated_data["name"], by=request.user)
        return Response(_project_detail(request, project), status.HTTP_201_CREATED)


class ProjectView(APIView):
    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=ProjectDetailSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        return Response(_project_detail(request, project))


class MembersView(ListAPIView):
    permission_classes = [project_role(Role.VIEWER, POST=Role.ADMIN)]
    serializer_class = MemberSerializer
    queryset = Membership.objects.none()

    def get_queryset(self):
        return selectors.members_of(self.kwargs["project_id"])

    @extend_schema(request=NewMemberSerializer, responses={201: MemberSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        wanted = NewMemberSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        member = services.add_member(
            project=project,
            username=wanted.validated_data["username"],
            role=Role(wanted.validated_data["role"]),
        )
        return Response(MemberSerializer(member).data, status.HTTP_201_CREATED)


class MemberView(APIView):
    permission_classes = [project_role(Role.ADMIN)]

    def _member(self, request: Request, member_id: int) -> Membership:
        member = get_object_or_404(Membership.objects.select_related("user"), pk=member_id)
        self.check_object_permissions(request, member)
        return member

    @extend_schema(request=RoleSerializer, responses=MemberSerializer)
    def patch(self, request: Request, member_id: int) -> Response:
        member = self._member(request, member_id)
        wanted = RoleSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        member = services.change_role(membership=member, role=Role(wanted.validated_data["role"]))
        return Response(MemberSerializer(member).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, member_id: int) -> Response:
        services.remove_member(membership=self._member(request, member_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _me(user: User) -> dict:
    me = {
        "id": user.pk,
        "username": user.username,
        "is_superuser": user.is_superuser,
        "language": user.language,
        "theme": user.theme,
        "preferences": user.preferences,
        "projects": selectors.projects_of(user),
    }
    return MeSerializer(me, context={"roles": selectors.roles_of(user)}).data


def _roles(request: Request) -> dict[int, Role]:
    return selectors.roles_of(request.user) if request.user.is_authenticated else {}


def _project_detail(request: Request, project: Project) -> dict:
    project.counts = selectors.counts_of(project)
    return ProjectDetailSerializer(project, context={"roles": _roles(request)}).data
