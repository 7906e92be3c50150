"""A tenant's quota and its requests for more; the inbox of whoever decides them."""

from django.urls import path

from . import inbox_views, views

app_name = "quota-requests"
urlpatterns = [
    path("t/<slug:tenant>/quota/", views.quota, name="quota"),
    path("t/<slug:tenant>/quota/requests/new/", views.new, name="new"),
    path("t/<slug:tenant>/quota/requests/carry/", views.carry, name="carry"),
    path("t/<slug:tenant>/quota/requests/<uuid:pk>/", views.detail, name="detail"),
    path("t/<slug:tenant>/quota/requests/<uuid:pk>/decide/", views.decide, name="decide"),
    path("t/<slug:tenant>/quota/requests/<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("t/<slug:tenant>/quota/requests/<uuid:pk>/take-back/", views.take_back, name="take-back"),
    path("t/<slug:tenant>/quota/requests/<uuid:pk>/launch/", views.launch, name="launch"),
    path("requests/", inbox_views.inbox, name="inbox"),
    path("requests/count/", inbox_views.count, name="count"),
    path("requests/rules/", inbox_views.rules, name="rules"),
]
