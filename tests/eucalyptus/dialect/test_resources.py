"""Rules 4 and 10: volumes, snapshots, key pairs, groups, addresses, and what EDGE and VPC clouds do apart."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from . import dialect
from .clients import ask, client, code_of, launch

SSH_RULE = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}


def volume(cloud, zone: str = "zone-a", **parameters: str) -> str:
    asked = {"AvailabilityZone": zone, "Size": "1"} | parameters
    return ask(cloud, "ec2", cloud.lab_key, "CreateVolume", **asked).one("volumeId")


@pytest.mark.parametrize("action", ["create_volume", "create_route_table", "create_network_interface"])
def test_what_boto3_adds_by_itself_is_refused(ec2, action):
    asked = {
        "create_volume": {"AvailabilityZone": "zone-a", "Size": 1},
        "create_route_table": {"VpcId": "vpc-00000000"},
        "create_network_interface": {"SubnetId": "subnet-00000000"},
    }[action]
    refused = code_of(getattr(ec2, action), **asked)
    assert refused.startswith("400 Bad Request")
    assert "ClientToken" in refused


def test_tables_and_interfaces_are_made_without_a_token(cloud, ec2):
    vpc, subnet = next(iter(ec2.describe_vpcs()["Vpcs"])), ec2.describe_subnets()["Subnets"][0]
    table = ask(cloud, "ec2", cloud.lab_key, "CreateRouteTable", VpcId=vpc["VpcId"]).one("routeTableId")
    interface = ask(cloud, "ec2", cloud.lab_key, "CreateNetworkInterface", SubnetId=subnet["SubnetId"])
    assert table in [t["RouteTableId"] for t in ec2.describe_route_tables()["RouteTables"]]
    ec2.delete_network_interface(NetworkInterfaceId=interface.one("networkInterfaceId"))
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []


def test_volumes_attach_to_running_instances_of_their_zone(cloud, ec2):
    here, there = volume(cloud), volume(cloud, "zone-b")
    one = launch(ec2, cloud, Placement={"AvailabilityZone": "zone-a"})
    ec2.describe_instances()
    cloud.outside.set_state(one, "pending")
    attach = {"InstanceId": one, "Device": "/dev/sdf"}
    assert code_of(ec2.attach_volume, VolumeId=here, **attach).startswith("IncorrectState")
    cloud.outside.set_state(one, "running")
    assert code_of(ec2.attach_volume, VolumeId=there, **attach).startswith("IncorrectState")
    assert ec2.attach_volume(VolumeId=here, **attach)["State"] == "attaching"
    assert ec2.describe_volumes(VolumeIds=[here])["Volumes"][0]["Attachments"][0]["State"] == "attached"
    assert code_of(ec2.attach_volume, VolumeId=here, **attach).startswith("VolumeInUse")
    assert code_of(ec2.delete_volume, VolumeId=here).startswith("VolumeInUse")


def test_volumes_detach_and_stay_listed_when_they_are_deleted(cloud, ec2):
    one, data = launch(ec2, cloud, root="ebs", Placement={"AvailabilityZone": "zone-a"}), volume(cloud)
    ec2.describe_instances()
    ec2.attach_volume(VolumeId=data, InstanceId=one, Device="/dev/sdf")
    root = next(v.id for v in cloud.volumes.values() if v.is_root)
    assert code_of(ec2.detach_volume, VolumeId=root).startswith("OperationNotPermitted")
    assert ec2.detach_volume(VolumeId=data)["State"] == "detaching"
    assert code_of(ec2.detach_volume, VolumeId=data).startswith("IncorrectState")
    ec2.delete_volume(VolumeId=data)
    assert ec2.describe_volumes(VolumeIds=[data])["Volumes"][0]["State"] == "deleted"
    cloud.clock.advance(3601)
    assert code_of(ec2.describe_volumes, VolumeIds=[data]).startswith("InvalidVolume.NotFound")


def test_volumes_have_quotas_of_their_own(cloud, ec2):
    cloud.outside.edit_quota("lab", volumetotalsize=10)
    volume(cloud, Size="6")
    over = ask(cloud, "ec2", cloud.lab_key, "CreateVolume", AvailabilityZone="zone-a", Size="5")
    assert (over.status, over.one("Code")) == (400, "VolumeLimitExceeded")
    assert over.one("Message").startswith("Quota exceeded")


def test_snapshots_take_their_time_and_make_volumes(cloud, ec2):
    cloud.delays_s["snapshot"] = 10
    source = volume(cloud, Size="3")
    made = ec2.create_snapshot(VolumeId=source, Description="nightly")
    assert made["State"] == "pending"
    cloud.clock.advance(11)
    found = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert [(s["State"], s["Progress"], s["Description"]) for s in found] == [("completed", "100%", "nightly")]
    copy = volume(cloud, Size="3", SnapshotId=made["SnapshotId"])
    assert ec2.describe_volumes(VolumeIds=[copy])["Volumes"][0]["SnapshotId"] == made["SnapshotId"]
    ec2.delete_snapshot(SnapshotId=made["SnapshotId"])
    assert code_of(ec2.describe_snapshots, SnapshotIds=[made["SnapshotId"]]).startswith("InvalidSnapshot.NotFound")


def ssh(key) -> bytes:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)


def test_only_ssh_rsa_is_imported(cloud, ec2):
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ec2.import_key_pair(KeyName="alice", PublicKeyMaterial=ssh(rsa_key))
    other = ssh(ed25519.Ed25519PrivateKey.generate())
    assert code_of(ec2.import_key_pair, KeyName="bob", PublicKeyMaterial=other).startswith("InvalidKey.Format")
    pair = ec2.describe_key_pairs()["KeyPairs"][0]
    assert (pair["KeyName"], pair["KeyFingerprint"].count(":")) == ("alice", 15)
    assert "KeyPairId" not in pair


def test_key_pairs_are_made_once_and_are_of_one_account(cloud, ec2, root):
    assert "PRIVATE KEY" in ec2.create_key_pair(KeyName="alice")["KeyMaterial"]
    assert code_of(ec2.create_key_pair, KeyName="alice").startswith("InvalidKeyPair.Duplicate")
    assert "400 Bad Request" in code_of(ec2.create_key_pair, KeyName="bob", KeyType="ed25519")
    assert root.describe_key_pairs()["KeyPairs"] == []
    ec2.delete_key_pair(KeyName="alice")
    ec2.delete_key_pair(KeyName="alice")
    assert code_of(ec2.describe_key_pairs, KeyNames=["alice"]).startswith("InvalidKeyPair.NotFound")


def test_rules_are_added_once_and_revoked_by_what_they_say(cloud, ec2):
    group = ec2.create_security_group(GroupName="web", Description="for the web")["GroupId"]
    named = dict(SSH_RULE, IpRanges=[{"CidrIp": "192.0.2.0/24", "Description": "office"}])
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[named])
    again = code_of(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[SSH_RULE])
    assert again.startswith("InvalidPermission.Duplicate")
    rule = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"][0]
    assert rule["IpRanges"] == [{"CidrIp": "192.0.2.0/24", "Description": "office"}]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[SSH_RULE])
    gone = code_of(ec2.revoke_security_group_ingress, GroupId=group, IpPermissions=[SSH_RULE])
    assert gone.startswith("InvalidPermission.NotFound")
    assert code_of(ec2.create_security_group, GroupName="web", Description="x").startswith("InvalidGroup.Duplicate")
    assert code_of(ec2.describe_security_group_rules).startswith("400 Bad Request")


def test_descriptions_of_rules_are_refused_by_4_4(edge, edge_ec2):
    named = dict(SSH_RULE, IpRanges=[{"CidrIp": "192.0.2.0/24", "Description": "office"}])
    refused = code_of(edge_ec2.authorize_security_group_ingress, GroupName="default", IpPermissions=[named])
    assert "IpPermissions.1.IpRanges.1.Description" in refused
    edge_ec2.authorize_security_group_ingress(GroupName="default", IpPermissions=[SSH_RULE])


def test_groups_that_are_used_stay(mode):
    with dialect(mode=mode) as cloud:
        ec2 = client(cloud, "ec2", cloud.lab_key)
        group = ec2.create_security_group(GroupName="web", Description="x")["GroupId"]
        one = launch(ec2, cloud, SecurityGroupIds=[group])
        in_use = "InvalidGroup.InUse" if mode == "edge" else "DependencyViolation"
        assert code_of(ec2.delete_security_group, GroupId=group).startswith(in_use)
        ec2.terminate_instances(InstanceIds=[one])
        ec2.describe_instances()
        ec2.delete_security_group(GroupId=group)
        assert [g["GroupName"] for g in ec2.describe_security_groups()["SecurityGroups"]] == ["default"]
        default = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
        assert code_of(ec2.delete_security_group, GroupId=default).startswith("CannotDelete")
        ec2.close()


def test_what_goes_out_is_only_ruled_in_a_vpc(mode):
    with dialect(mode=mode) as cloud:
        ec2 = client(cloud, "ec2", cloud.lab_key)
        group = ec2.describe_security_groups()["SecurityGroups"][0]
        assert bool(group["IpPermissionsEgress"] if mode == "vpc" else "VpcId" in group) == (mode == "vpc")
        refused = code_of(ec2.authorize_security_group_egress, GroupId=group["GroupId"], IpPermissions=[SSH_RULE])
        assert refused.startswith("not refused" if mode == "vpc" else "InvalidParameterValue")
        ec2.close()


def test_addresses_of_edge_are_named_by_themselves(edge, edge_ec2):
    made = edge_ec2.allocate_address()
    assert "AllocationId" not in made
    one = launch(edge_ec2, edge)
    edge_ec2.describe_instances()
    before = edge.instances[one].public_ip
    edge_ec2.associate_address(PublicIp=made["PublicIp"], InstanceId=one)
    assert edge_ec2.describe_addresses()["Addresses"][0]["InstanceId"] == one
    assert edge.instances[one].public_ip == made["PublicIp"] != before
    edge_ec2.disassociate_address(PublicIp=made["PublicIp"])
    assert edge.instances[one].public_ip not in ("", made["PublicIp"])
    edge_ec2.release_address(PublicIp=made["PublicIp"])
    assert edge_ec2.describe_addresses()["Addresses"] == []
    assert code_of(edge_ec2.release_address, AllocationId="eipalloc-00000000").startswith(
        "InvalidAllocationID.NotFound"
    )


def test_addresses_of_a_vpc_are_named_by_their_allocation(cloud, ec2):
    made, one = ec2.allocate_address(Domain="vpc"), launch(ec2, cloud)
    given = ec2.associate_address(AllocationId=made["AllocationId"], InstanceId=one)["AssociationId"]
    assert code_of(ec2.release_address, AllocationId=made["AllocationId"]).startswith("InvalidIPAddress.InUse")
    wrong = code_of(ec2.associate_address, PublicIp=made["PublicIp"], InstanceId=one)
    assert wrong.startswith("InvalidParameterCombination")
    ec2.disassociate_address(AssociationId=given)
    ec2.release_address(AllocationId=made["AllocationId"])
    assert ec2.describe_addresses()["Addresses"] == []


def test_no_address_is_free(edge, edge_ec2):
    edge.public_pool = 1
    edge_ec2.allocate_address()
    assert "InsufficientAddressCapacity" in code_of(edge_ec2.allocate_address)
    assert edge.requests[-1].status == 500
    edge.public_pool = 5
    edge.outside.edit_quota("lab", addressnumber=1)
    assert code_of(edge_ec2.allocate_address).startswith("InternalFailure: Quota exceeded")


def test_platforms_tell_the_mode(mode):
    with dialect(mode=mode) as cloud:
        ec2 = client(cloud, "ec2", cloud.lab_key)
        rows = ec2.describe_account_attributes()["AccountAttributes"]
        found = {row["AttributeName"]: row["AttributeValues"][0]["AttributeValue"] for row in rows}
        assert set(found) == {"supported-platforms", "default-vpc"}
        assert found["supported-platforms"] == ("VPC" if mode == "vpc" else "EC2")
        assert (found["default-vpc"] == "none") == (mode == "edge")
        ec2.close()


def test_edge_has_no_vpcs_at_all(edge, edge_ec2):
    for kind in ("vpcs", "subnets", "route_tables", "internet_gateways", "nat_gateways", "network_interfaces"):
        answer = getattr(edge_ec2, f"describe_{kind}")()
        assert [value for name, value in answer.items() if name != "ResponseMetadata"] in ([], [[]])
    assert code_of(edge_ec2.create_vpc, CidrBlock="10.0.0.0/16").startswith("UnsupportedOperation")
    assert code_of(launch, ec2=edge_ec2, cloud=edge, SubnetId="subnet-00000000").startswith("InvalidSubnetID.NotFound")


def test_an_instance_is_in_the_zone_of_its_subnets(cloud, ec2):
    one, other = sorted(ec2.describe_subnets()["Subnets"], key=lambda subnet: subnet["AvailabilityZone"])
    at = {"Placement": {"AvailabilityZone": "zone-b"}}
    assert code_of(launch, ec2=ec2, cloud=cloud, SubnetId=one["SubnetId"], **at) == (
        "InvalidParameterValue: The availability zone zone-b doesn't match subnet's availability zone zone-a"
    )
    assert launch(ec2, cloud, SubnetId=other["SubnetId"], **at)
    cards = [{"DeviceIndex": number, "SubnetId": s["SubnetId"]} for number, s in enumerate((one, other))]
    assert code_of(launch, ec2=ec2, cloud=cloud, NetworkInterfaces=cards) == (
        f"InvalidParameterValue: Network interface availability zone (zone-b) for {other['SubnetId']}"
        f" not valid for subnet {one['SubnetId']} zone zone-a"
    )


def test_a_vpc_is_built_and_taken_down(cloud, ec2):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="zone-b")["Subnet"]
    assert subnet["AvailableIpAddressCount"] == 251
    one = launch(ec2, cloud, SubnetId=subnet["SubnetId"])
    found = ec2.describe_instances(InstanceIds=[one])["Reservations"][0]["Instances"][0]
    assert (found["VpcId"], found["Placement"]["AvailabilityZone"]) == (vpc, "zone-b")
    assert code_of(ec2.delete_subnet, SubnetId=subnet["SubnetId"]).startswith("DependencyViolation")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = next(t for t in ec2.describe_route_tables()["RouteTables"] if t["VpcId"] == vpc)["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.terminate_instances(InstanceIds=[one])
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=vpc)
    assert vpc not in [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"]]
