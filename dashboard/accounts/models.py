"""People who sign in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class User(AbstractUser):
    """A person. `is_superuser` is the role `admin`: the whole installation, every tenant."""

    class Meta(AbstractUser.Meta):
        constraints = [
            # one person per address, however it is written; no address is fine
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="user_email_once"),
        ]

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.is_superuser
