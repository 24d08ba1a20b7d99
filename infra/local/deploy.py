"""The real template, deployed to the local AWS."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError, WaiterError

from infra.local.layout import LocalError
from infra.local.package import package

STACK_NAME = "answerby"
_BUCKET = "answerby-artifacts"
# MiniStack gives an API the id that this tag names: then links in alerts are known before the API exists.
_API_ID_TAG, _API_ID = "ms-custom-id", "answerby"
# What MiniStack asks for that AWS does not, so that what AWS grants is granted here. On AWS the first covers
# SendMessageBatch, which is no action of its own there; here every schedule is asked for as one of the default group.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
_GRANTS = {r"\bsqs:SendMessage\b": '"sqs:SendMessage*"', r"\bschedule/\$\{Timers\}/": "schedule/default/"}


def api_address(endpoint_url: str) -> str:
    """The API by its path, because `*.localhost` is not resolved on every machine."""
    return f"{endpoint_url}/_aws/execute-api/{_API_ID}"


def webhook_address(endpoint_url: str, outputs: dict[str, str]) -> str:
    """The function's own address, which begins with an id that was made up for it, by its path as well."""
    address = urlsplit(outputs["WebhookUrl"])
    return f"{endpoint_url}/_aws/lambda-url/{address.netloc.partition('.')[0]}{address.path}"


def deploy(aws: boto3.Session, endpoint_url: str) -> dict[str, str]:
    """Create the stack; its outputs. Raises LocalError with what CloudFormation says."""
    cloudformation = aws.client("cloudformation")
    template = _packaged(aws, endpoint_url)
    try:
        cloudformation.create_stack(
            StackName=STACK_NAME,
            TemplateBody=template,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[{"ParameterKey": "LinkBaseUrl", "ParameterValue": api_address(endpoint_url)}],
            Tags=[{"Key": _API_ID_TAG, "Value": _API_ID}],
            OnFailure="DO_NOTHING",
        )
        waiter = cloudformation.get_waiter("stack_create_complete")
        waiter.wait(StackName=STACK_NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    except ClientError as error:
        raise LocalError(f"The template could not be deployed: {error}") from error
    except WaiterError as error:
        events = cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
        reasons = [
            f"{event.get('LogicalResourceId')}: {event.get('ResourceStatusReason')}"
            for event in events
            if event.get("ResourceStatus", "").endswith("FAILED")
        ]
        raise LocalError("\n".join(["The template could not be deployed:", *reasons])) from error
    stack = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def _packaged(aws: boto3.Session, endpoint_url: str) -> str:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=_BUCKET)

    def upload(file: Path) -> str:
        if file.suffix == ".yaml":
            s3.put_object(Bucket=_BUCKET, Key=file.name, Body=_granted(file.read_text()).encode())
            return f"{endpoint_url}/{_BUCKET}/{file.name}"
        s3.put_object(Bucket=_BUCKET, Key=file.name, Body=file.read_bytes())
        return f"s3://{_BUCKET}/{file.name}"

    return _granted(package(upload))


def _granted(template: str) -> str:
    for on_aws, here in _GRANTS.items():
        template = re.sub(on_aws, here, template)
    return template
