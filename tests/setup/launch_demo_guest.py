"""Launch the demo guest through the running Skydeck, wait for its login prompt, delete it. For `manage.py shell`."""

import time
import uuid

from dashboard.accounts.models import User
from dashboard.clouds.models import Cloud
from dashboard.images.models import Image
from dashboard.instances import actions
from dashboard.instances.models import Flavor
from dashboard.tenancy.access import find_actor

PATIENCE_S = 180


def wait_for(what, condition):
    while not condition():
        if time.monotonic() - began > PATIENCE_S:
            raise SystemExit(f"not within {PATIENCE_S} s: {what}")
        time.sleep(0.2)
    print(f"RESULT {what} after {time.monotonic() - began:.1f} s", flush=True)


def status():
    instance.refresh_from_db()
    return instance.status


def console_log():
    return cloud.driver().compute.console_log(instance.remote_id)


began = time.monotonic()
cloud = Cloud.objects.get(kind="libvirt")
wait_for("image listed", Image.objects.filter(cloud=cloud).exists)
began = time.monotonic()
actor = find_actor(User.objects.get(username="admin"), "demo")
order = {
    "cloud": cloud,
    "image": Image.objects.get(cloud=cloud),
    "flavor": Flavor.objects.get(cloud=cloud, name="small"),
}
instance = actions.launch(actor, name="proof", key=uuid.uuid4().hex, **order)
wait_for("guest active", lambda: status() == "ACTIVE")
wait_for("guest's login prompt", lambda: "proof login:" in console_log())
actions.change(actor, instance.pk, "delete-now")
wait_for("guest deleted", lambda: status() == "DELETED")
