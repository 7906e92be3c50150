from django.urls import include, path

from . import accept_views, invitation_views, sign_up_views, user_views, views

app_name = "people"
in_tenant = [
    path("", views.index, name="index"),
    path("invite/", invitation_views.invite, name="invite"),
    path("invitations/<int:pk>/send-again/", invitation_views.send_again, name="send-again"),
    path("invitations/<int:pk>/withdraw/", invitation_views.withdraw, name="withdraw"),
    path("<int:pk>/role/", views.role, name="role"),
    path("<int:pk>/remove/", views.remove, name="remove"),
]
urlpatterns = [
    path("t/<slug:tenant>/people/", include(in_tenant)),
    path("users/", user_views.index, name="users"),
    path("users/invite/", user_views.invite, name="invite-user"),
    path("users/requests/", sign_up_views.index, name="sign-ups"),
    path("users/requests/<int:pk>/", sign_up_views.detail, name="sign-up"),
    path("users/requests/<int:pk>/accept/", sign_up_views.accept, name="accept-sign-up"),
    path("users/requests/<int:pk>/reject/", sign_up_views.reject, name="reject-sign-up"),
    path("accounts/request/", sign_up_views.ask, name="ask"),
    path("accounts/request/<str:token>/", sign_up_views.prove, name="prove"),
    path("users/<int:pk>/", user_views.detail, name="user"),
    path("users/<int:pk>/tenants/", user_views.add, name="add"),
    path("users/<int:pk>/<slug:verb>/", user_views.change, name="change-user"),
    path("invitations/<str:token>/", accept_views.invitation, name="invitation"),
]
