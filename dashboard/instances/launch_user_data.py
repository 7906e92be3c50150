"""User data in the launch form: typed or uploaded, looked at, and never shown by a list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.interface import Feature
from dashboard.clouds.models import Cloud

from .launch_key import LaunchKey
from .userdata.check import MOST_BYTES, check, compressed, no_text, too_long
from .userdata.problems import Report

MOST_DIGITS = 15


class LaunchUserData(LaunchKey):
    user_data = forms.CharField(
        label=gettext_lazy("User data"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 10, "spellcheck": "false", "autocomplete": "off", "wrap": "off", "class": "code"}
        ),
        help_text=gettext_lazy(
            "For the first boot: #cloud-config, a script that begins with #!, or another format that cloud-init knows."
        ),
    )
    user_data_file = forms.FileField(
        label=gettext_lazy("Or a file with it"), required=False, allow_empty_file=True, widget=forms.FileInput
    )
    user_data_report: Report | None = None
    """What was found, once there is something to look at."""

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        uploaded = files.get("user_data_file") if files else None
        self.unfit: Report | None = None
        most = most_of(kwargs["cloud"])
        if data is not None and uploaded:
            text, self.unfit = read(uploaded, most=most)
            data = data.copy()
            data["user_data"] = text
        elif data is not None and (size := bytes_of(data.get("user_data_size", ""))) > most:
            self.unfit = too_long(size, most=most)
        super().__init__(data, files, **kwargs)
        if not self.chosen_cloud.can(Feature.USER_DATA):
            del self.fields["user_data"], self.fields["user_data_file"]
        elif self.initial.get("user_data"):
            self.user_data_report = check(str(self.initial["user_data"]), most=most_of(self.chosen_cloud))

    def clean_user_data(self) -> str:
        text: str = self.cleaned_data["user_data"].replace("\r\n", "\n")  # browsers send the former
        if self.unfit:
            self.user_data_report = self.unfit
        elif text.strip():
            self.user_data_report = check(text, most=most_of(self.chosen_cloud))
        else:
            return ""
        if self.user_data_report.problems:  # which, the report says below the field
            raise forms.ValidationError(_("This cannot be sent as it is."))
        return text


def bytes_of(size: str) -> int:
    """Of a file that is too large or no text user_data.js sends its size, and how it begins, until it is launched."""
    return int(size) if size.isdecimal() and len(size) <= MOST_DIGITS else 0


def most_of(cloud: Cloud) -> int:
    """Bytes of user data that can be given at a launch there."""
    return min(MOST_BYTES, cloud.bounds.user_data_bytes or MOST_BYTES)


def read(uploaded: UploadedFile, *, most: int = MOST_BYTES) -> tuple[str, Report | None]:
    """The text of a file, or why it is none."""
    if (uploaded.size or 0) > most:
        return "", too_long(uploaded.size or 0, most=most)
    content: bytes = uploaded.read()
    if content.startswith(b"\x1f\x8b"):
        return "", compressed()
    try:
        return content.decode().lstrip("\ufeff"), None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return "", no_text(line, 1)
