"""Addresses of the pages that people open in a browser."""

from django.urls import path

from webapp.pages import views

app_name = "pages"

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.LoginPage.as_view(), name="login"),
    path("logout/", views.LogoutPage.as_view(), name="logout"),
    path("looks/", views.looks, name="looks"),
    path("projects/", views.project_list, name="projects"),
    path("projects/<slug:slug>/", views.library, name="library"),
    path("projects/<slug:slug>/clips/<int:video_id>/", views.clip, name="clip"),
    path("projects/<slug:slug>/review/", views.review, name="review"),
    path("projects/<slug:slug>/training/", views.training, name="training"),
    path("projects/<slug:slug>/pose/", views.pose, name="pose"),
    path("projects/<slug:slug>/labels/", views.labels, name="labels"),
    path("projects/<slug:slug>/members/", views.members, name="members"),
]
