"""What is changed of key pairs, as cases of test_every_change.py."""

from .world import Case

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFpgGrHxMbvhHH+VrqfCBuLGHvWc2SbmzjZIfvQ3wn1R bob@desk"


def import_key(world):
    data = {"key": "k", "name": "laptop", "public_key": PUBLIC_KEY}
    return Case("keypairs:import", [("key-pair.import", "laptop")], ["lab"], data)


def generate_key(world):
    return Case(
        "keypairs:generate",
        [("key-pair.generate", "laptop")],
        ["lab"],
        {"key": "k", "name": "laptop", "type": "ed25519"},
    )


def delete_key(world):
    return Case("keypairs:delete", [("key-pair.delete", "laptop")], ["lab", world.key_pair.pk])


CASES = {
    "keypairs:import": import_key,
    "keypairs:generate": generate_key,
    "keypairs:delete": delete_key,
}
