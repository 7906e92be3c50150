"""What instances can boot from: machine images, not the kernels and ramdisks that are listed among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...interface import NotFound, Reason, Refused, RemoteImage
from .ec2 import Ec2
from .errors import understood
from .mapping import to_image


class EucalyptusImages:
    def __init__(self, ec2: Ec2, *, is_place: bool) -> None:
        self.ec2 = ec2
        self.is_place = is_place

    def list(self) -> Iterator[RemoteImage]:
        """Public ones, the account's own, and those that are shared with it. With the cloud's own key: public ones."""
        rows = self.ec2.rows("describe_images", "Images")
        with understood():
            for raw in rows:
                if is_offered(raw) and (self.is_place or raw.get("Public")):
                    yield to_image(raw)

    def one(self, image_id: str) -> Mapping[str, Any]:
        """As boto3 tells it. Raises Refused where nothing can be launched from it."""
        try:
            rows = self.ec2.rows("describe_images", "Images", ImageIds=[image_id])
        except (NotFound, Refused) as error:
            if isinstance(error, Refused) and error.reason is not Reason.INVALID:
                raise
            raise missing(error.detail) from None
        found = next((raw for raw in rows if raw.get("ImageId") == image_id and is_offered(raw)), None)
        if found is None:
            raise missing(f"InvalidAMIID.NotFound: no image {image_id}")
        return found


def missing(detail: str) -> Refused:
    return Refused(detail, reason=Reason.IMAGE_MISSING, source="ec2")


def is_offered(raw: Mapping[str, Any]) -> bool:
    return raw.get("ImageType", "machine") == "machine" and raw.get("State") == "available"
