"""Volumes as sparse files in one folder. No guest reads them: there is no data path."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from cinder import interface
from cinder.image import image_utils
from cinder.volume import configuration, driver
from oslo_config import cfg
from oslo_utils import units

OPTIONS = [cfg.StrOpt("skydeck_lab_folder")]
cfg.CONF.register_opts(OPTIONS, group=configuration.SHARED_CONF_GROUP)


@interface.volumedriver
class SparseFiles(driver.VolumeDriver):
    VERSION = "1.0.0"

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.configuration.append_config_values(OPTIONS)

    @staticmethod
    def get_driver_options():
        return OPTIONS

    def do_setup(self, context):
        self.folder = Path(self.configuration.skydeck_lab_folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def check_for_setup_error(self):
        """There is none to be had."""

    def local_path(self, volume):
        return str(self.folder / volume.name)

    def create_volume(self, volume):
        self._grow(volume.name, volume.size)

    def delete_volume(self, volume):
        (self.folder / volume.name).unlink(missing_ok=True)

    def extend_volume(self, volume, new_size):
        self._grow(volume.name, new_size)

    def create_snapshot(self, snapshot):
        self._copy(snapshot.volume_name, snapshot.name)

    def delete_snapshot(self, snapshot):
        (self.folder / snapshot.name).unlink(missing_ok=True)

    def revert_to_snapshot(self, context, volume, snapshot):
        self._copy(snapshot.name, volume.name)

    def create_volume_from_snapshot(self, volume, snapshot):
        self._copy(snapshot.name, volume.name)
        self._grow(volume.name, volume.size)

    def create_cloned_volume(self, volume, src_vref):
        self._copy(src_vref.name, volume.name)
        self._grow(volume.name, volume.size)

    def copy_image_to_volume(self, context, volume, image_service, image_id, disable_sparse=False):
        path, block_size = self.local_path(volume), self.configuration.volume_dd_blocksize
        image_utils.fetch_to_raw(
            context, image_service, image_id, path, block_size, size=volume.size, run_as_root=False
        )
        self._grow(volume.name, volume.size)

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        path = self.local_path(volume)
        image_utils.upload_volume(context, image_service, image_meta, path, volume_format="raw", run_as_root=False)

    def ensure_export(self, context, volume):
        """Nothing is exported."""

    def create_export(self, context, volume, connector):
        """Nothing is exported."""

    def remove_export(self, context, volume):
        """Nothing is exported."""

    def initialize_connection(self, volume, connector, **named):
        return {
            "driver_volume_type": "local",
            "data": {"device_path": self.local_path(volume), "volume_id": volume.id},
        }

    def terminate_connection(self, volume, connector, **named):
        """Nothing was connected."""

    def retype(self, context, volume, new_type, diff, host):
        return True, None

    def get_volume_stats(self, refresh=False):
        pool = {
            "pool_name": "files",
            "total_capacity_gb": 10000,
            "free_capacity_gb": shutil.disk_usage(self.folder).free // units.Gi,
            "provisioned_capacity_gb": 0,
            "reserved_percentage": 0,
            "thin_provisioning_support": True,
            "max_over_subscription_ratio": 1000.0,
            "multiattach": True,
            "QoS_support": False,
        }
        return {
            "volume_backend_name": self.configuration.safe_get("volume_backend_name"),
            "vendor_name": "skydeck-lab",
            "driver_version": self.VERSION,
            "storage_protocol": "file",
            "pools": [pool],
        }

    def _grow(self, name, size_gib):
        with (self.folder / name).open("ab") as file:
            file.truncate(size_gib * units.Gi)

    def _copy(self, source, target):
        # keeps the holes, and the files are mostly that
        subprocess.run(["cp", "--sparse=always", self.folder / source, self.folder / target], check=True)
