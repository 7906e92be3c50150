from django.urls import path

from . import views

app_name = "keypairs"
urlpatterns = [
    path("", views.index, name="index"),
    path("import/", views.import_key, name="import"),
    path("generate/", views.generate, name="generate"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/delete/", views.delete, name="delete"),
]
