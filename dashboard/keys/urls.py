from django.urls import path

from . import views

app_name = "keys"
urlpatterns = [
    path("new/", views.create, name="create"),
    path("<int:pk>/revoke/", views.revoke, name="revoke"),
]
