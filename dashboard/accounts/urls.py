from allauth.account.views import logout
from django.urls import path

from .views import SignIn

urlpatterns = [
    path("login/", SignIn.as_view(), name="account_login"),
    path("logout/", logout, name="account_logout"),
]
