from django.urls import path

from . import views

app_name = "search"
urlpatterns = [
    path("search/", views.everywhere, name="everywhere"),
    path("t/<slug:tenant>/search/", views.index, name="index"),
]
