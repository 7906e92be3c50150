"""What administrators see of all tenants, under `/operations/`. A tenant's own pages are in urls.py."""

from django.urls import path

from . import all_views

app_name = "all-operations"
urlpatterns = [
    path("", all_views.index, name="index"),
    path("mend/", all_views.mend, name="mend"),
]
