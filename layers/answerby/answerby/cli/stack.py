"""Where a deployed Answerby has its things: the outputs of its CloudFormation stack."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from botocore.exceptions import ClientError

from answerby.adapters import aws
from answerby.cli.errors import CommandError

DEFAULT = "answerby"
STACK_VARIABLE = "ANSWERBY_STACK"
WEBHOOK_URL_VARIABLE = "ANSWERBY_WEBHOOK_URL"
"""The address that senders use, where the stack knows another: a local AWS's, or CloudFront's."""

_RETENTION_DAYS = "400"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """`webhook_url` ends before the source's id, `person_topic_prefix` is an ARN that ends before the person's."""

    name: str
    api_url: str
    webhook_url: str
    mentions_table: str
    desk_table: str
    sources_secret: str
    follow_ups_url: str
    follow_ups_arn: str
    schedule_group: str
    scheduler_role: str
    person_topic_prefix: str
    retention: timedelta

    def url_of(self, source: str) -> str:
        return f"{self.webhook_url}/{source}"


def find(name: str) -> Stack:
    """Raises CommandError if there is no such stack in the account and region that the environment names."""
    client = aws.client("cloudformation")
    try:
        found = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if aws.code(error) != "ValidationError":
            raise
        where = client.meta.endpoint_url if os.environ.get("AWS_ENDPOINT_URL") else client.meta.region_name
        raise CommandError(
            f"There is no stack {name} in {where}: name it with --stack or {STACK_VARIABLE}, or deploy it first."
        ) from None
    parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in found.get("Parameters", ())}
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}
    return of_outputs(name, outputs, parameters)


def of_outputs(name: str, outputs: Mapping[str, str], parameters: Mapping[str, str] | None = None) -> Stack:
    """Raises CommandError if an output is missing."""
    try:
        return Stack(
            name=name,
            api_url=outputs["ApiUrl"],
            webhook_url=(os.environ.get(WEBHOOK_URL_VARIABLE) or outputs["WebhookUrl"]).rstrip("/"),
            mentions_table=outputs["MentionsTable"],
            desk_table=outputs["DeskTable"],
            sources_secret=outputs["SourcesSecretArn"],
            follow_ups_url=outputs["FollowUpsQueueUrl"],
            follow_ups_arn=outputs["FollowUpsQueueArn"],
            schedule_group=outputs["ScheduleGroup"],
            scheduler_role=outputs["SchedulerRoleArn"],
            person_topic_prefix=outputs["PersonTopicPrefix"],
            retention=timedelta(days=int((parameters or {}).get("RetentionDays") or _RETENTION_DAYS)),
        )
    except KeyError as missing:
        raise CommandError(
            f"Stack {name} has no output {missing.args[0]}: it is not Answerby, or its deployment has not finished."
        ) from None
