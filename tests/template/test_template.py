"""The rules that the templates keep, whatever is added to them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.template.templates import FUNCTIONS, ROOT, TEMPLATES, meant, of_type, statements

LINES_OF_A_FUNCTION = 30
LINES_OF_A_HANDLER = 40
CONSUMERS_OF_A_STREAM = 2

WITHOUT_RESOURCE = {
    "sns:CheckIfPhoneNumberIsOptedOut",
    "sns:GetSMSAttributes",
    "sns:GetSMSSandboxAccountStatus",
    "sns:ListSMSSandboxPhoneNumbers",
}
"""What is asked about the account: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html"""

QUEUES = of_type("AWS::SQS::Queue")
DEAD_LETTERS = {name for name in QUEUES if name.endswith("DeadLetters")}
TABLES = of_type("AWS::DynamoDB::Table")
SOURCES = {name: source["Properties"] for name, source in of_type("AWS::Lambda::EventSourceMapping").items()}
STREAM_CONSUMERS = [name for name, source in SOURCES.items() if "StreamArn" in meant(source["EventSourceArn"])]
ROLES = FUNCTIONS | of_type("AWS::IAM::Role")
GRANTS = [(name, statement) for name, role in ROLES.items() for statement in statements(role)]

functions = pytest.mark.parametrize("name", FUNCTIONS)
queues = pytest.mark.parametrize("name", QUEUES)
tables = pytest.mark.parametrize("name", TABLES)
stream_consumers = pytest.mark.parametrize("name", STREAM_CONSUMERS)
grants = pytest.mark.parametrize(
    ("role", "grant"), GRANTS, ids=[f"{name}-{index}" for index, (name, _) in enumerate(GRANTS)]
)


def actions(grant: dict[str, Any]) -> list[str]:
    return grant["Action"] if isinstance(grant["Action"], list) else [grant["Action"]]


def folder(function: str) -> str:
    """RouteMentionFunction is functions/route_mention."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", function.removesuffix("Function")).lower()


@functions
def test_a_function_is_named_like_its_folder(name: str) -> None:
    properties = FUNCTIONS[name]["Properties"]

    assert properties["CodeUri"] == f"functions/{folder(name)}"
    assert properties["FunctionName"] == {"Sub": f"${{AWS::StackName}}-{folder(name).replace('_', '-')}"}


def test_every_function_folder_is_deployed() -> None:
    folders = {path.parent.name for path in ROOT.glob("functions/*/app.py")}

    assert folders == {folder(name) for name in FUNCTIONS}


@functions
def test_a_handler_fits_on_a_screen(name: str) -> None:
    lines = (ROOT / "functions" / folder(name) / "app.py").read_text().splitlines()

    assert len(lines) <= LINES_OF_A_HANDLER


@functions
def test_a_function_takes_a_screen_of_the_template_at_most(name: str) -> None:
    text = (ROOT / "template.yaml").read_text()
    block = re.search(rf"^  {name}:\n(?:    .*\n|\n)*", text, re.MULTILINE)

    assert block is not None
    assert len(block[0].rstrip().splitlines()) <= LINES_OF_A_FUNCTION


@functions
def test_a_function_has_a_role_of_its_own(name: str) -> None:
    assert "Role" not in FUNCTIONS[name]["Properties"]
    assert list(statements(FUNCTIONS[name]))


@functions
def test_logs_expire(name: str) -> None:
    group = FUNCTIONS[name]["Properties"]["LoggingConfig"]["LogGroup"]["GetAtt"].removeprefix("Observability.Outputs.")
    output = TEMPLATES["infra/observability.yaml"]["Outputs"][group]["Value"]["Ref"]
    properties = of_type("AWS::Logs::LogGroup")[output]["Properties"]

    assert properties["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert properties["LogGroupName"]["Sub"] == f"/aws/lambda/${{App}}-{folder(name).replace('_', '-')}"


@grants
def test_a_grant_names_its_verbs(role: str, grant: dict[str, Any]) -> None:
    assert grant["Effect"] == "Allow"
    assert all(re.fullmatch(r"[a-z]+:[A-Z][A-Za-z]+", verb) for verb in actions(grant))


@grants
def test_a_grant_is_for_one_resource(role: str, grant: dict[str, Any]) -> None:
    """What has no name before it is made is granted by its beginning: people's topics, and the timers of the group."""
    if grant["Resource"] == "*":
        assert set(grant["Action"]) <= WITHOUT_RESOURCE
        return
    arn = meant(grant["Resource"])

    assert not isinstance(grant["Resource"], list)
    assert "*" not in arn.replace("${App}-person-*", "").replace("schedule/${Timers}/*", "")


def test_only_what_was_heard_may_be_written_beside_the_desk() -> None:
    """Whoever may write (desk, current) decides who is called: that is `answerby desk apply` alone."""
    desk = TEMPLATES["infra/data.yaml"]["Outputs"]["DeskTableArn"]["Value"]
    reading = {"dynamodb:GetItem", "dynamodb:Query"}
    writing = [
        (role, grant)
        for role, grant in GRANTS
        if meant(grant["Resource"]) == meant(desk) and not reading.issuperset(actions(grant))
    ]

    assert [(role, grant["Action"], grant["Condition"]) for role, grant in writing] == [
        (
            "RouteMentionFunction",
            "dynamodb:PutItem",
            {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["heard"]}},
        )
    ]


@queues
def test_a_queue_has_dead_letters_or_is_for_them(name: str) -> None:
    policy = QUEUES[name]["Properties"].get("RedrivePolicy")

    assert (name in DEAD_LETTERS) != (policy is not None)
    if policy:
        assert policy["deadLetterTargetArn"]["GetAtt"].removesuffix(".Arn") in DEAD_LETTERS


@queues
def test_a_queue_is_encrypted(name: str) -> None:
    assert QUEUES[name]["Properties"]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("name", sorted(DEAD_LETTERS))
def test_dead_letters_raise_an_alarm_and_stay_for_two_weeks(name: str) -> None:
    watched = [
        json.dumps(alarm["Properties"].get("Dimensions")) for alarm in of_type("AWS::CloudWatch::Alarm").values()
    ]

    assert any(f"{name}Name" in dimensions for dimensions in watched)
    assert QUEUES[name]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


@stream_consumers
def test_a_stream_consumer_neither_blocks_its_shard_nor_loses_records(name: str) -> None:
    source = SOURCES[name]

    assert source["StartingPosition"] == "TRIM_HORIZON"
    assert 0 < source["MaximumRetryAttempts"] <= 10
    assert 0 < source["MaximumRecordAgeInSeconds"] <= 3600
    assert source["BisectBatchOnFunctionError"] is True
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "DeadLetters.Arn" in meant(source["DestinationConfig"]["OnFailure"]["Destination"])


@stream_consumers
def test_a_stream_consumer_may_write_its_dead_letters(name: str) -> None:
    source = SOURCES[name]
    destination = source["DestinationConfig"]["OnFailure"]["Destination"]

    granted = [grant for role, grant in GRANTS if role == source["FunctionName"]["Ref"]]

    assert {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": destination} in granted


@stream_consumers
def test_a_stream_consumer_filters_for_what_it_needs(name: str) -> None:
    patterns = [json.loads(each["Pattern"]) for each in SOURCES[name]["FilterCriteria"]["Filters"]]

    assert all(pattern["eventName"] == ["INSERT", "MODIFY"] and pattern["dynamodb"]["NewImage"] for pattern in patterns)


def test_a_stream_has_two_consumers_at_most() -> None:
    """More are throttled: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"""
    assert 1 <= len(STREAM_CONSUMERS) <= CONSUMERS_OF_A_STREAM


def test_a_check_is_not_handed_out_again_while_it_runs() -> None:
    timeout = TEMPLATES["template.yaml"]["Globals"]["Function"]["Timeout"]

    assert SOURCES["FollowUps"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert QUEUES["FollowUps"]["Properties"]["VisibilityTimeout"] >= 6 * timeout


@tables
def test_a_table_is_kept_and_can_be_restored(name: str) -> None:
    table = TABLES[name]

    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert table["Properties"]["DeletionProtectionEnabled"] == {"If": ["IsProd", True, False]}
    assert table["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["Properties"]["SSESpecification"]["SSEEnabled"] is True
    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"


def test_mentions_are_deleted_when_their_time_is_over() -> None:
    ttl = TABLES["MentionsTable"]["Properties"]["TimeToLiveSpecification"]

    assert ttl == {"AttributeName": "expires_at", "Enabled": True}


def test_a_missing_sweep_is_an_alarm() -> None:
    alarm = of_type("AWS::CloudWatch::Alarm")["SweepHeartbeatAlarm"]["Properties"]

    assert alarm["TreatMissingData"] == "breaching"


def test_every_alarm_is_heard() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm").values()

    assert all(alarm["Properties"]["AlarmActions"] == [{"Ref": "Alarms"}] for alarm in alarms)


def test_networks_are_told_an_address_that_ends_before_the_source() -> None:
    """The function's own address ends with a slash."""
    told = TEMPLATES["template.yaml"]["Outputs"]["WebhookUrl"]["Value"]

    assert told == {"Sub": "${WebhookAddress.FunctionUrl}webhooks"}


def test_the_access_log_holds_no_personal_data() -> None:
    stage = of_type("AWS::ApiGatewayV2::Stage")["DefaultStage"]["Properties"]
    logged = set(re.findall(r"\$context\.([\w.]+)", stage["AccessLogSettings"]["Format"]))

    assert logged == {"requestId", "requestTime", "routeKey", "status", "responseLatency", "integrationLatency"}


def test_parameters_are_described_and_have_defaults() -> None:
    parameters = TEMPLATES["template.yaml"]["Parameters"].values()

    assert all("Description" in parameter and "Default" in parameter for parameter in parameters)


def test_nothing_is_logged_or_measured_that_nobody_asked_for() -> None:
    """The platform's lines of each invocation cost more than ours, and so do the metrics of each route."""
    logging = TEMPLATES["template.yaml"]["Globals"]["Function"]["LoggingConfig"]
    assert logging == {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN"}
    (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
    assert "DetailedMetricsEnabled" not in stage["Properties"]["DefaultRouteSettings"]
