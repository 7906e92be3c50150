"""Statistics of instances, and a cloud without them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .clients import ask, launch


def statistics(cloud, instance: str, *, key=None, **more: str):
    now = datetime.now(UTC)
    asked = {
        "Namespace": "AWS/EC2",
        "MetricName": "CPUUtilization",
        "Period": "300",
        "Statistics__member__1": "Average",
    }
    asked |= {"Dimensions__member__1__Name": "InstanceId", "Dimensions__member__1__Value": instance}
    asked |= {"StartTime": (now - timedelta(hours=1)).isoformat(), "EndTime": now.isoformat()}
    return ask(cloud, "cloudwatch", key or cloud.lab_key, "GetMetricStatistics", **asked | more)


def test_a_running_instance_has_points_of_five_minutes(cloud, ec2):
    one = launch(ec2, cloud)
    ec2.describe_instances()
    got = statistics(cloud, one)
    assert len(got.all("Average")) == 12
    assert got.all("Unit") == ["Percent"] * 12
    assert statistics(cloud, one).all("Average") == got.all("Average")


def test_others_see_nothing_of_it(cloud, ec2):
    one = launch(ec2, cloud)
    ec2.describe_instances()
    assert statistics(cloud, one, key=cloud.root_key).all("Average") == []
    assert statistics(cloud, "i-00000000").status == 200


def test_a_cloud_without_metrics(cloud, ec2):
    cloud.has_metrics = False
    got = statistics(cloud, launch(ec2, cloud))
    assert (got.status, got.one("Message")) == (503, "Service Unavailable")


def test_there_is_no_newer_call(cloud):
    assert ask(cloud, "cloudwatch", cloud.lab_key, "GetMetricData").status == 400
