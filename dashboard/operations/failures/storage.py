"""Images and volumes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .entry import Failure, Sign

STORAGE: dict[str, Failure] = {
    "refused-image-missing": Failure(
        cause=_("The image does not exist any more on the cloud."),
        action=_("Launch again with another image."),
        affects=_("the image"),
        signs=(
            Sign(r"Can not find requested image"),
            Sign(r"No image found with ID"),
            Sign(r"Image [0-9a-f-]{36} could not be found"),
        ),
    ),
}
