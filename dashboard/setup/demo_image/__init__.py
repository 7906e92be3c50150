"""The demo image: a 20 MB cloud guest made from the distribution's own packages, without root.

    packages.py    what it is made of, fetched with `apt-get download` and unpacked
    initramfs.py   the guest's system, which installs itself onto the disk
    cpio.py        the archive format of an initramfs
    disk.py        boot loader, partition table, ext4, qcow2
    build.py       the three in order, with progress
    guest/         the guest's own scripts, as they are in the guest

Debian's cloud kernel, busybox, dropbear and the QEMU guest agent. It boots by
BIOS from virtio or IDE, logs in on tty1 and ttyS0 (demo/demo; ssh by key only),
grows to its disk, and takes name, keys and a user-data script from a NoCloud disk
(label cidata), a config drive (label config-2) or the metadata service.
Its kernel has no AHCI: give it the seed as a virtio disk, not as a SATA CD-ROM.
"""
