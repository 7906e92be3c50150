"""What the verbs ask for that need more than a yes: a size, an image, a name, notes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.clouds.interface import Feature
from dashboard.clouds.maintenance import why_closed
from dashboard.images.models import Image
from dashboard.ui.names import check_line, check_name
from dashboard.ui.templatetags.ui import amount, mib, vcpus

from .flavors import OfferedFlavorField, is_larger
from .marked import MarkedForm
from .models import Flavor, Instance
from .notes import metadata_of, metadata_text, tags_of, tags_text, untypable


class VerbForm(MarkedForm):
    """`arguments` is what actions.change wants, in words of reshaping.py; only after `is_valid`."""

    def __init__(self, *args: Any, instance: Instance, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance = instance
        self.prepare()
        for field in self.fields.values():  # a browser would cut what is pasted, and say nothing
            field.widget.attrs.pop("maxlength", None)
        self.mark_wrong_fields()

    def prepare(self) -> None:
        """Set choices and first values from the instance."""

    def arguments(self) -> dict[str, Any]:
        raise NotImplementedError

    @property
    def size(self) -> Flavor | None:
        return None


class FlavorField(OfferedFlavorField):
    def label_from_instance(self, flavor: Flavor) -> str:
        return _("%(name)s (%(cpus)s, %(ram)s memory, %(disk)s disk)") % {
            "name": flavor.name,
            "cpus": vcpus(flavor.vcpus),
            "ram": mib(flavor.ram_mib),
            "disk": amount(flavor.disk_gib, "disk_gib"),
        }


def why_not_size(instance: Instance, flavor: Flavor) -> str:
    """A disk may not shrink, on no cloud; one that is a volume is not the flavor's. In maintenance nothing grows."""
    if is_larger(flavor, instance) and (closed := why_closed(instance.cloud)):
        return closed
    if instance.asked.get("boot_volume_gib") or flavor.disk_gib >= instance.disk_gib:
        return ""
    said = _("A disk cannot shrink: it has %(have)s, and this flavor has %(new)s.")
    return said % {"have": amount(instance.disk_gib, "disk_gib"), "new": amount(flavor.disk_gib, "disk_gib")}


class ResizeForm(VerbForm):
    flavor = FlavorField(
        Flavor.objects.none(),
        label=gettext_lazy("New flavor"),
        empty_label=gettext_lazy("Choose a flavor"),
        error_messages={
            "required": gettext_lazy("Choose a flavor."),
            "invalid_choice": gettext_lazy("This flavor does not exist any more. Choose another one."),
        },
    )

    def prepare(self) -> None:
        others = Flavor.objects.usable().for_tenant(self.instance.tenant).filter(cloud=self.instance.cloud)
        if self.instance.flavor_id:
            others = others.exclude(pk=self.instance.flavor_id)
        self.fields["flavor"].queryset = others  # type: ignore[attr-defined]

    def clean_flavor(self) -> Flavor:
        flavor: Flavor = self.cleaned_data["flavor"]
        if reason := why_not_size(self.instance, flavor):
            raise forms.ValidationError(reason)
        return flavor

    @property
    def size(self) -> Flavor | None:
        return self.cleaned_data["flavor"]  # type: ignore[no-any-return]

    def arguments(self) -> dict[str, Any]:
        flavor = self.cleaned_data["flavor"]
        return {"flavor": flavor.remote_id, "flavor_row": str(flavor.pk)}


def images_of(instance: Instance) -> Any:
    return Image.objects.usable().for_tenant(instance.tenant).filter(cloud=instance.cloud)


IMAGE_GONE = gettext_lazy("This image does not exist any more. Choose another one.")


class RebuildForm(VerbForm):
    image = forms.ModelChoiceField(
        Image.objects.none(),
        label=gettext_lazy("Image"),
        empty_label=gettext_lazy("Choose an image"),
        error_messages={"required": gettext_lazy("Choose an image."), "invalid_choice": IMAGE_GONE},
    )
    typed = forms.CharField(
        label=gettext_lazy("Type the name of the instance, to be sure"),
        error_messages={"required": gettext_lazy("Type the name of the instance.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def prepare(self) -> None:
        self.fields["image"].queryset = images_of(self.instance)  # type: ignore[attr-defined]
        self.initial.setdefault("image", self.instance.image_id)

    def clean_image(self) -> Image:
        image: Image = self.cleaned_data["image"]
        have = self.instance.asked.get("boot_volume_gib") or self.instance.disk_gib
        if image.min_disk_gib > have:
            raise forms.ValidationError(
                _("%(image)s needs a disk of %(need)s; this instance has %(have)s.")
                % {
                    "image": image.name,
                    "need": amount(image.min_disk_gib, "disk_gib"),
                    "have": amount(have, "disk_gib"),
                }
            )
        if image.min_ram_mib > self.instance.ram_mib:
            raise forms.ValidationError(
                _("%(image)s needs %(need)s of memory; this instance has %(have)s.")
                % {"image": image.name, "need": mib(image.min_ram_mib), "have": mib(self.instance.ram_mib)}
            )
        return image

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed != self.instance.name.strip():
            raise forms.ValidationError(_("This is not its name. Nothing was done."))
        return typed

    def arguments(self) -> dict[str, Any]:
        image = self.cleaned_data["image"]
        return {"image": image.remote_id, "image_row": str(image.pk)}


class RescueForm(VerbForm):
    image = forms.ModelChoiceField(
        Image.objects.none(),
        label=gettext_lazy("Image to start from"),
        required=False,
        empty_label=gettext_lazy("Let the cloud choose"),
        error_messages={"invalid_choice": IMAGE_GONE},
    )

    def prepare(self) -> None:
        self.fields["image"].queryset = images_of(self.instance)  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        image = self.cleaned_data["image"]
        return {"image": image.remote_id} if image else {}


TOO_LONG = gettext_lazy("The name has %(show_value)d characters; %(limit_value)d are possible.")


class SnapshotForm(VerbForm):
    name = forms.CharField(
        label=gettext_lazy("Name of the image"),
        max_length=255,
        validators=[check_name],
        error_messages={"required": gettext_lazy("Give the image a name."), "max_length": TOO_LONG},
    )

    def prepare(self) -> None:
        self.initial.setdefault("name", f"{self.instance.name[:240]} {timezone.localdate().isoformat()}")

    def arguments(self) -> dict[str, Any]:
        return {"name": self.cleaned_data["name"]}


class RenameForm(VerbForm):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=255,
        validators=[check_name],
        error_messages={"required": gettext_lazy("Give the instance a name."), "max_length": TOO_LONG},
    )

    def prepare(self) -> None:
        self.initial.setdefault("name", self.instance.name)

    def arguments(self) -> dict[str, Any]:
        return {"name": self.cleaned_data["name"]}


class DescribeForm(RenameForm):
    """Both at once. A cloud that cannot rename only takes the description."""

    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=255,
        validators=[check_line],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("255 characters at most. Empty: none."),
        error_messages={"max_length": gettext_lazy("It has %(show_value)d characters; %(limit_value)d are possible.")},
    )

    def prepare(self) -> None:
        super().prepare()
        self.initial.setdefault("description", self.instance.description)
        for field in self.fields.values():
            field.show_hidden_initial = True
        if not self.instance.cloud.can(Feature.RENAME):
            del self.fields["name"]

    def arguments(self) -> dict[str, Any]:
        """Only what was typed: whoever leaves the name as it stood does not take back what another made of it."""
        return {name: self.cleaned_data[name] for name in self.fields if name in self.changed_data}


class TagsForm(VerbForm):
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("With a comma or a line between them; 60 characters each at most."),
    )

    def prepare(self) -> None:
        self.initial.setdefault("tags", tags_text(self.instance.tags))

    def clean_tags(self) -> list[str]:
        return tags_of(self.cleaned_data["tags"], cloud=self.instance.cloud)

    def arguments(self) -> dict[str, Any]:
        return {"tags": self.cleaned_data["tags"]}


class MetadataForm(VerbForm):
    metadata = forms.CharField(
        label=gettext_lazy("Metadata"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("One key=value in a line. What is not here any more is removed."),
    )

    def prepare(self) -> None:
        self.initial.setdefault("metadata", metadata_text(self.instance.metadata))

    def clean_metadata(self) -> dict[str, str]:
        return metadata_of(self.cleaned_data["metadata"], cloud=self.instance.cloud)

    def arguments(self) -> dict[str, Any]:
        return {"metadata": {**untypable(self.instance.metadata), **self.cleaned_data["metadata"]}}


FORMS: dict[str, type[VerbForm]] = {
    "resize": ResizeForm,
    "rebuild": RebuildForm,
    "rescue": RescueForm,
    "snapshot": SnapshotForm,
    "rename": RenameForm,
    "describe": DescribeForm,
    "tags": TagsForm,
    "metadata": MetadataForm,
}
