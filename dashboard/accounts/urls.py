"""Only what we want of django-allauth, under the names by which it finds its own pages."""

from django.urls import path

from . import email, factor_views, page, passkey_views, reset, views

urlpatterns = [
    path("", page.index, name="account_index"),
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("login/passkey/", passkey_views.SignInWithPasskey.as_view(), name="mfa_login_webauthn"),
    path("login/second-step/", views.SecondStep.as_view(), name="mfa_authenticate"),
    path("logout/", views.SignOut.as_view(), name="account_logout"),
    path("prove/", views.ProveByPassword.as_view(), name="account_reauthenticate"),
    path("prove/code/", views.ProveByCode.as_view(), name="mfa_reauthenticate"),
    path("prove/passkey/", passkey_views.ProveByPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("second-factor/", page.second_factor, name="account_second_factor"),
    path("profile/", page.profile, name="account_profile"),
    path("password/", page.ChangePassword.as_view(), name="account_change_password"),
    path("password/reset/", reset.ask, name="account_reset_password"),
    path("password/reset/<str:uid>/<str:token>/", reset.choose, name="account_reset_password_from_key"),
    path("email/", email.change, name="account_email"),
    path("email/<str:token>/", email.confirm, name="account_confirm_email"),
    path("app/", factor_views.AddApp.as_view(), name="mfa_activate_totp"),
    path("app/remove/", factor_views.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("recovery-codes/", factor_views.ShowCodes.as_view(), name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", factor_views.MakeCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("passkeys/add/", factor_views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/rename/", factor_views.RenamePasskey.as_view(), name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", factor_views.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("sessions/<int:pk>/end/", page.end_session, name="account_end_session"),
    path("sessions/end-others/", page.end_other_sessions, name="account_end_other_sessions"),
]
