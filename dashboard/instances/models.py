"""Instances and flavors. What was asked for and what was seen never share a field."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from dashboard.clouds.interface import Status
from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.keypairs.models import KeyPair
from dashboard.tenancy.models import Tenant

LISTED = Q(deleted_at=None) & Q(delete_at=None)
"""What lists show: the condition of their indexes."""
STATUSES = [(status.value, status.value.title()) for status in Status]


class FlavorQuerySet(models.QuerySet["Flavor"]):
    def usable(self) -> FlavorQuerySet:
        """What a launch and a resize offer."""
        return self.filter(is_gone=False, is_retired=False)

    def for_tenant(self, tenant: Tenant) -> FlavorQuerySet:
        """Everybody's, and those that were given to the tenant."""
        return self.filter(Q(tenant=None) | Q(tenant=tenant))


class Flavor(models.Model):
    """A size that a cloud offers: its own, or, with Feature.FLAVOR_EDIT, one that administrators keep here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE, related_name="flavors")
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE, related_name="+")
    """Who alone may use it; None: everybody who has a place on the cloud."""
    remote_id = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=255)
    vcpus = models.PositiveIntegerField()
    ram_mib = models.PositiveIntegerField()
    disk_gib = models.PositiveIntegerField()
    extra_specs = models.JSONField(default=dict)
    is_gone = models.BooleanField(default=False)
    """The cloud does not list it any more, or an administrator deleted it: its name is free again."""
    is_retired = models.BooleanField(default=False)
    """Instances keep it, nothing new gets it, until an administrator brings it back."""

    objects = FlavorQuerySet.as_manager()

    class Meta:
        ordering = ["vcpus", "ram_mib", "disk_gib", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["cloud", "name"], condition=Q(tenant=None, is_gone=False), name="flavor_public_once"
            ),
            models.UniqueConstraint(
                fields=["cloud", "tenant", "name"], condition=~Q(tenant=None), name="flavor_own_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def resources(self) -> dict[str, int]:
        """What one instance of it takes from a quota."""
        return {"instances": 1, "vcpus": self.vcpus, "ram_mib": self.ram_mib, "disk_gib": self.disk_gib}


class InstanceQuerySet(models.QuerySet["Instance"]):
    def for_tenant(self, tenant: Tenant) -> InstanceQuerySet:
        return self.filter(tenant=tenant)

    def present(self) -> InstanceQuerySet:
        """Those that are on the cloud, or may come to be: what a quota, a sync and a leftover are asked about."""
        return self.filter(deleted_at=None)

    def listed(self) -> InstanceQuerySet:
        """Those that lists show: present, and not deleted with time to restore them."""
        return self.filter(LISTED)

    def restorable(self) -> InstanceQuerySet:
        """Those that were deleted and are still there: hidden, until the cloud has removed them."""
        return self.present().filter(delete_at__isnull=False)


AnyInstance = models.Manager.from_queryset(InstanceQuerySet)


class InstanceManager(AnyInstance):
    """User data may hold secrets, so no query reads them but one that asks for them."""

    def get_queryset(self) -> InstanceQuerySet:
        return InstanceQuerySet(self.model, using=self._db).defer("user_data")


class Instance(models.Model):
    """A virtual machine of a tenant. Its row stays after it is deleted, for the timeline."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="instances")
    cloud = models.ForeignKey(Cloud, on_delete=models.PROTECT, related_name="instances")

    # asked for
    name = models.CharField(max_length=255)
    image = models.ForeignKey(Image, null=True, on_delete=models.SET_NULL)
    flavor = models.ForeignKey(Flavor, null=True, on_delete=models.SET_NULL)
    vcpus = models.PositiveIntegerField()
    ram_mib = models.PositiveIntegerField()
    disk_gib = models.PositiveIntegerField()
    public_key = models.TextField(blank=True)
    key_pair = models.ForeignKey(KeyPair, null=True, on_delete=models.SET_NULL, related_name="+")
    """Where the public key came from, while that is there; the instance keeps the key."""
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    asked = models.JSONField(default=dict)
    """What else was asked for at launch; see options.py."""
    is_adopted = models.BooleanField(default=False)
    """Made on the cloud by somebody else, and found there."""
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)
    held_size = models.JSONField(null=True)
    """While a resize is neither confirmed nor reverted: the larger of both sizes, which its quota holds."""
    confirm_by = models.DateTimeField(null=True)
    """When its new size is confirmed by itself, unless somebody confirms or goes back before."""
    delete_at = models.DateTimeField(null=True)
    """It was deleted, and is hidden with its quota held: until then it can be restored, then it is removed."""
    user_data = models.TextField(blank=True)
    """What cloud-init gets at the first boot, sealed (clouds/secrets.py): people put passwords into it."""

    # seen
    remote_id = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=16, choices=STATUSES, default=Status.BUILD)
    fault = models.TextField(blank=True)
    """The cloud's reason for ERROR, hostile text, for administrators only."""
    failure = models.CharField(max_length=64, blank=True)
    """A code of operations/failures.py: why it is in ERROR, in words for everybody."""
    failure_values = models.JSONField(default=dict)
    """What the words of the failure name: amounts, limits, hosts."""
    task = models.CharField(max_length=64, blank=True)
    """What the cloud itself is doing about it, in its own word; empty when it is at rest."""
    description = models.CharField(max_length=255, blank=True)
    is_locked = models.BooleanField(default=False)
    keeps_disk = models.BooleanField(default=True)
    """False: its disk is there only as long as it runs, so it cannot be stopped."""
    zone = models.CharField(max_length=255, blank=True)
    key_name = models.CharField(max_length=255, blank=True)
    tags = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    volume_ids = models.JSONField(default=list)
    addresses = models.JSONField(default=list)
    host = models.CharField(max_length=255, blank=True)
    seen_at = models.DateTimeField(null=True)
    missed = models.PositiveSmallIntegerField(default=0)
    """Complete lists in a row that did not have it. Two are needed to believe that it is gone."""
    actions_asked_at = models.DateTimeField(null=True)
    """When a worker was last asked for what the cloud remembers of it; see history.py."""

    objects = InstanceManager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cloud", "remote_id"], condition=~Q(remote_id="") & Q(deleted_at=None), name="instance_once"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], condition=Q(deleted_at=None), name="instance_list"),
            models.Index(fields=["-created_at", "-id"], condition=LISTED, name="instance_list_of_all"),
            models.Index(fields=["remote_id"], condition=Q(deleted_at=None), name="instance_by_remote_id"),
            models.Index(Lower("name"), "id", condition=LISTED, name="instance_by_name"),
            models.Index(fields=["tenant", "status", "task", "id"], condition=LISTED, name="instance_counts"),
            models.Index(fields=["status", "task", "id"], condition=LISTED, name="instance_counts_of_all"),
            models.Index(
                fields=["delete_at"],
                condition=Q(deleted_at=None) & Q(delete_at__isnull=False),
                name="instance_to_remove",
            ),
            models.Index(
                fields=["confirm_by"],
                condition=Q(deleted_at=None) & Q(confirm_by__isnull=False),
                name="instance_to_confirm",
            ),
            models.Index(
                fields=["cloud", "tenant"], condition=Q(deleted_at=None) & ~Q(task=""), name="instance_at_work"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_hidden(self) -> bool:
        """It was deleted, and is still there."""
        return self.delete_at is not None and self.deleted_at is None

    @property
    def is_restorable(self) -> bool:
        """It was deleted, and there is time left to bring it back."""
        return self.is_hidden and self.delete_at is not None and self.delete_at > timezone.now()

    @property
    def may_be_windows(self) -> bool:
        """Unless its image says otherwise. A list brings what it says along, as `image_is_windows`."""
        if "image_is_windows" in vars(self):
            return vars(self)["image_is_windows"] is not False
        return self.image is None or self.image.is_windows is not False

    @property
    def resources(self) -> dict[str, int]:
        """What it takes from its tenant's quota: while a resize is open, the larger of both sizes."""
        size = {"vcpus": self.vcpus, "ram_mib": self.ram_mib, "disk_gib": self.disk_gib}
        if self.held_size:
            size = {name: max(amount, self.held_size.get(name, 0)) for name, amount in size.items()}
        taken = {"instances": 1, **size}
        if gib := self.asked.get("boot_volume_gib"):
            taken |= {"disk_gib": 0, "volumes": 1, "volume_gib": gib}
        return taken


class LaunchTemplateQuerySet(models.QuerySet["LaunchTemplate"]):
    def for_tenant(self, tenant: Tenant) -> LaunchTemplateQuerySet:
        return self.filter(tenant=tenant)

    def with_user_data(self) -> LaunchTemplateQuerySet:
        """`has_user_data` on each, without reading them."""
        return self.annotate(has_user_data=~Q(user_data="")).defer("user_data")


class LaunchTemplate(models.Model):
    """What was typed into the launch form, kept under a name for all of a tenant; see templates.py."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="launch_templates")
    name = models.CharField(max_length=255)
    cloud = models.ForeignKey(Cloud, null=True, on_delete=models.SET_NULL, related_name="+")
    cloud_name = models.CharField(max_length=255, blank=True)
    values = models.JSONField(default=dict)
    """Field of the form -> text, or a list of texts. Nothing secret."""
    labels = models.JSONField(default=dict)
    """What the chosen things were called, so that one that is gone can be named: prefill.Labels."""
    user_data = models.TextField(blank=True)
    """Sealed, as that of an instance."""
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    objects = LaunchTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="launch_template_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def image_name(self) -> str:
        return ", ".join(self.labels.get("image", {}).values())

    @property
    def flavor_name(self) -> str:
        return ", ".join(self.labels.get("flavor", {}).values())


class ConsoleLog(models.Model):
    """The last look at a guest's console output. Pages show it with its age; the worker takes it."""

    instance = models.OneToOneField(Instance, on_delete=models.CASCADE, related_name="console_log")
    text = models.TextField(blank=True)
    taken_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=64, blank=True)


class PasswordData(models.Model):
    """The last look at what a guest encrypted its administrator's password to. Nobody here can decrypt it."""

    instance = models.OneToOneField(Instance, on_delete=models.CASCADE, related_name="password_data")
    data = models.TextField(blank=True)
    """In base64; empty while there is none."""
    taken_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=64, blank=True)


class CloudAction(models.Model):
    """One thing that was done to an instance, as the cloud remembers it: the timeline shows it among our operations."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="cloud_actions")
    request_id = models.CharField(max_length=128)
    name = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    by = models.CharField(max_length=255, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [models.UniqueConstraint(fields=["instance", "request_id", "name"], name="cloud_action_once")]


class PlacingChoice(models.Model):
    """Where on a cloud an instance can be put, as one tenant sees it; without places, as everybody does."""

    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE, related_name="+")
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE, related_name="+")
    zones = models.JSONField(default=list)
    groups = models.JSONField(default=list)
    """Server groups: `{"id": the cloud's, "name": ..., "policy": ...}` each."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cloud"], condition=Q(tenant=None), name="placing_of_all_once"),
            models.UniqueConstraint(fields=["cloud", "tenant"], condition=~Q(tenant=None), name="placing_once"),
        ]


class Stray(models.Model):
    """Something on a cloud that carries the mark of an instance which is closed here."""

    cloud = models.ForeignKey(Cloud, on_delete=models.CASCADE)
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE)
    """In whose place it was seen; None on a cloud without places."""
    remote_id = models.CharField(max_length=255)
    looks = models.PositiveSmallIntegerField(default=0)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cloud", "remote_id"], name="stray_once")]
