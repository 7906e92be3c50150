"""Public keys as people have them, against the words of ssh-keygen itself; and every wrong kind."""

import subprocess

import pytest
from django.core.exceptions import ValidationError

from dashboard.keypairs.public_keys import generate, read

GOOD = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFpgGrHxMbvhHH+VrqfCBuLGHvWc2SbmzjZIfvQ3wn1R"
# from the tests of OpenSSH, regress/unittests/sshkey/testdata
DSA = "ssh-dss AAAAB3NzaC1kc3MAAACBAOW9y8aF1VaC27E7C8h3"


def made_by_ssh_keygen(folder, *options):
    path = folder / "key"
    command = ["ssh-keygen", "-q", "-N", "", "-C", "me@desk", "-f", str(path), *options]
    subprocess.run(command, check=True)
    return path


@pytest.mark.parametrize(
    "options", [("-t", "ed25519"), ("-t", "rsa", "-b", "2048"), ("-t", "ecdsa", "-b", "521")], ids=lambda o: o[1]
)
def test_a_key_has_the_fingerprints_type_and_bits_that_ssh_keygen_tells(tmp_path, options):
    path = made_by_ssh_keygen(tmp_path, *options)
    key = read(path.with_suffix(".pub").read_text())
    said = subprocess.run(["ssh-keygen", "-l", "-f", path], capture_output=True, text=True, check=True).stdout
    assert said.strip() == f"{key.bits} {key.fingerprint} {key.comment} ({key.kind})"
    said = subprocess.run(["ssh-keygen", "-l", "-E", "md5", "-f", path], capture_output=True, text=True, check=True)
    assert f" MD5:{key.md5} " in said.stdout


@pytest.mark.parametrize(("type", "kind", "bits"), [("ed25519", "ED25519", 256), ("rsa", "RSA", 3072)])
def test_what_we_generate_is_a_pair_that_ssh_keygen_reads(tmp_path, type, kind, bits):
    private_key, public_key = generate(comment="a name 🔑", type=type)
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(private_key)
    said = subprocess.run(["ssh-keygen", "-y", "-f", path], capture_output=True, text=True, check=True).stdout
    assert said.split()[:2] == public_key.text.split()[:2]
    assert (public_key.kind, public_key.bits, public_key.comment) == (kind, bits, "a name 🔑")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "This is not a public key."),
        ("hello", "This is not a public key."),
        ("\ufffd\ufffd\x01ELF", "This is not a public key."),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", "This is a private key."),
        ("-----BEGIN RSA PRIVATE KEY-----\nb3Bl", "This is a private key."),
        ("PuTTY-User-Key-File-3: ssh-ed25519", "This is a private key."),
        ("-----BEGIN PUBLIC KEY-----\nMIIB", "another format"),
        ("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA", "another format"),
        (f"{GOOD}\n{GOOD}", "several lines"),
        (f'command="ls" {GOOD}', "Something stands before the key."),
        (f"host.example {GOOD}", "Something stands before the key."),
        (GOOD[:-5], "damaged or not complete"),
        ("ssh-ed25519 !!!!", "damaged or not complete"),
        ("ssh-ed25519", "damaged or not complete"),
        (GOOD.replace("ssh-ed25519", "ssh-rsa"), "damaged or not complete"),
        ("ssh-ed25519-cert-v01@openssh.com AAAA", "This is a certificate."),
        (f"{DSA} me", "This is a DSA key"),
        (f"{GOOD} a\u202eb", "cannot be seen"),
        ("ssh-rsa " + "A" * 100_000, "too long"),
    ],
)
def test_every_wrong_kind_is_refused_in_its_own_words(text, message):
    with pytest.raises(ValidationError, match=message):
        read(text)


def test_a_weak_rsa_key_is_refused_with_its_bits(tmp_path):
    path = made_by_ssh_keygen(tmp_path, "-t", "rsa", "-b", "1024")
    with pytest.raises(ValidationError, match="has 1024 bits, which is too weak; 2048 are needed"):
        read(path.with_suffix(".pub").read_text())
