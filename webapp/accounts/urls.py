"""API routes of users, projects and members."""

from django.urls import path

from webapp.accounts import api

urlpatterns = [
    path("auth/token/", api.TokenView.as_view(), name="api-token"),
    path("me/", api.MeView.as_view(), name="api-me"),
    path("users/", api.UsersView.as_view(), name="api-users"),
    path("projects/", api.ProjectsView.as_view(), name="api-projects"),
    path("projects/<int:project_id>/", api.ProjectView.as_view(), name="api-project"),
    path("projects/<int:project_id>/members/", api.MembersView.as_view(), name="api-members"),
    path("members/<int:member_id>/", api.MemberView.as_view(), name="api-member"),
]
