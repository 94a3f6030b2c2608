"""The ec2 kit's own steps by the real AWS command line, against moto, which plays AWS on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not shutil.which("aws"), reason="no AWS command line")
REGION = "eu-central-1"
BUCKET = "my-models"


@dataclass
class Cloud:
    """What plays AWS, and how programs find it."""

    environment: dict[str, str]

    def run(self, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in command]
        return subprocess.run(words, env=self.environment | variables, capture_output=True, text=True, timeout=120)

    def aws(self, *words: str) -> Any:
        done = self.run("aws", *words, "--region", REGION, "--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "null")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    home = tmp_path_factory.mktemp("aws")
    found = (shutil.which("moto_server", path=folder) for folder in os.environ["PATH"].split(os.pathsep))
    for program in filter(None, found):  # one may have been installed for S3 alone
        with playing(program, home) as played:
            if played is not None and played.run("aws", "cloudformation", "list-stacks").returncode == 0:
                yield played
                return
    pytest.skip("no moto_server here plays CloudFormation: pip install 'moto[server,cloudformation]'")


@contextlib.contextmanager
def playing(program: str, home: Path) -> Iterator[Cloud | None]:
    """The moto of a program, while it runs; None where it does not start."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    keys = {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_MAX_ATTEMPTS": "1",
        "HOME": str(home),
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    }
    environment = {**os.environ, **keys, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    environment.pop("PYTHONPATH", None)
    server = subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield Cloud(environment) if answers(server, port) else None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(10)


def answers(server: subprocess.Popen[bytes], port: int) -> bool:
    """Whether a server takes connections within half a minute."""
    for _ in range(300):
        if server.poll() is not None:
            return False
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def online(cloud: Cloud, ec2: Path) -> str:
    """What `online` printed."""
    cloud.aws("s3api", "create-bucket", "--bucket", BUCKET, "--create-bucket-configuration",
              f"LocationConstraint={REGION}")  # fmt: skip
    done = cloud.run(ec2 / "online", BUCKET=BUCKET, REGION=REGION)
    assert done.returncode == 0, done.stderr
    return done.stdout


def resource(cloud: Cloud, name: str) -> str:
    found = cloud.aws("cloudformation", "describe-stack-resource", "--stack-name", "whatsit",
                      "--logical-resource-id", name)  # fmt: skip
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def test_a_kit_goes_online_by_its_own_step(online: str, cloud: Cloud, ec2: Path) -> None:
    (archive,) = ec2.glob("*.tar.gz")
    objects = cloud.aws("s3api", "list-objects-v2", "--bucket", BUCKET)["Contents"]
    assert [(one["Key"], one["Size"]) for one in objects] == [(f"whatsit/{archive.name}", archive.stat().st_size)]
    assert "Successfully created/updated stack - whatsit" in online
    given = cloud.aws("cloudformation", "describe-stacks", "--stack-name", "whatsit")["Stacks"][0]["Parameters"]
    values = {one["ParameterKey"]: one["ParameterValue"] for one in given}
    assert archive.name == f"{values['Release']}.tar.gz"
    assert values["Sha256"] == sha256(archive.read_bytes()).hexdigest()


def test_the_stack_says_where_the_page_is(cloud: Cloud, ec2: Path) -> None:
    # moto gives the outputs of stacks made at once, not of those made by a change set, as `online` does
    places = [f"ParameterKey={name},ParameterValue={value}" for name, value in {
        "Bucket": BUCKET, "Release": "whatsit-0123456789ab", "Sha256": "0" * 64,
        "Vpc": cloud.aws("ec2", "describe-vpcs")["Vpcs"][0]["VpcId"],
        "Subnet": cloud.aws("ec2", "describe-subnets")["Subnets"][0]["SubnetId"],
        "Image": cloud.aws("ec2", "describe-images", "--owners", "amazon")["Images"][0]["ImageId"],
    }.items()]  # fmt: skip
    cloud.aws("cloudformation", "create-stack", "--stack-name", "at-once", "--template-body",
              (ec2 / "template.yaml").read_text(), "--parameters", *places)  # fmt: skip
    (stack,) = cloud.aws("cloudformation", "describe-stacks", "--stack-name", "at-once")["Stacks"]
    addresses = [f"http://{one['PublicIp']}/" for one in cloud.aws("ec2", "describe-addresses")["Addresses"]]
    assert stack["Outputs"][0]["OutputValue"] in addresses
    cloud.aws("cloudformation", "delete-stack", "--stack-name", "at-once")


@pytest.mark.usefixtures("online")
def test_the_server_can_be_reached_by_the_web_alone(cloud: Cloud) -> None:
    (group,) = [
        group
        for group in cloud.aws("ec2", "describe-security-groups")["SecurityGroups"]
        if group["Description"].startswith("The web")
    ]
    assert sorted(rule["FromPort"] for rule in group["IpPermissions"]) == [80, 443]


@pytest.mark.usefixtures("online")
@pytest.mark.slow
def test_online_again_keeps_the_server(cloud: Cloud, ec2: Path) -> None:
    server = resource(cloud, "Server")
    described = cloud.aws("ec2", "describe-instances", "--instance-ids", server)
    image = described["Reservations"][0]["Instances"][0]["ImageId"]
    assert image.startswith("ami-")
    done = cloud.run(ec2 / "online", BUCKET=BUCKET, REGION=REGION)
    # AWS makes a change set of nothing, which `deploy` takes for success; moto says so at once
    assert done.returncode == 0 or "No updates are to be performed" in done.stderr, done.stderr
    assert resource(cloud, "Server") == server
    given = cloud.aws("cloudformation", "describe-stacks", "--stack-name", "whatsit")["Stacks"][0]["Parameters"]
    assert {one["ParameterKey"]: one["ParameterValue"] for one in given}["Image"] == image


@pytest.mark.usefixtures("online")
def test_of_buckets_the_server_may_read_its_releases_and_nothing_else(cloud: Cloud) -> None:
    role = resource(cloud, "Role")
    found = cloud.aws("iam", "get-role-policy", "--role-name", role, "--policy-name", "read-releases")
    rules = str(found["PolicyDocument"])  # as moto has it, which is no JSON
    assert re.findall(r"'Action': '([^']+)', 'Resource': '([^']+)'", rules) == [
        ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/whatsit/*")
    ]
    assert rules.count("Action") == 1


@pytest.mark.usefixtures("online")
@pytest.mark.slow
def test_an_upgrade_and_the_way_back_are_sent_to_the_server(cloud: Cloud, ec2: Path) -> None:
    (archive,) = ec2.glob("*.tar.gz")
    for program, sent in (
        ("upgrade", f"/opt/whatsit/fetch {BUCKET} {archive.name[:20]}"),
        ("back", "release back"),
    ):
        done = cloud.run(ec2 / program, BUCKET=BUCKET, REGION=REGION)
        assert (done.returncode, done.stdout.split()[0]) == (0, "Success"), done.stderr
        commands = cloud.aws("ssm", "list-commands")["Commands"]
        assert any(sent in line for one in commands for line in one["Parameters"]["commands"])
        assert all(resource(cloud, "Server") in one["InstanceIds"] for one in commands)


@pytest.mark.usefixtures("online")
def test_a_bucket_that_is_not_there_is_said_before_anything_is_made(cloud: Cloud, ec2: Path) -> None:
    done = cloud.run(ec2 / "online", BUCKET="none-of-mine", REGION=REGION, STACK="other")
    assert done.returncode == 1
    assert "There is no bucket none-of-mine in eu-central-1" in done.stderr
    names = [one["StackName"] for one in cloud.aws("cloudformation", "list-stacks")["StackSummaries"]]
    assert "other" not in names
