"""What the templates may never grant, leave open or keep in the clear. An exception is listed here with its reason.

tests/template holds the rules of how the stack works; these are the ones that an auditor asks for, over every statement
of every template, whatever kind of resource it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.template.templates import FUNCTIONS, TEMPLATES, meant, of_type

Statement = dict[str, Any]

WITHOUT_RESOURCE = dict.fromkeys(
    (
        "sns:CheckIfPhoneNumberIsOptedOut",
        "sns:GetSMSAttributes",
        "sns:GetSMSSandboxAccountStatus",
        "sns:ListSMSSandboxPhoneNumbers",
    ),
    "asks about the account or a phone number, for which IAM knows no resource: "
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html",
)
NAMED_BY_BEGINNING = {
    "${App}-person-*": "people's topics are made when a desk is published: only their beginning is known before",
    "schedule/${Timers}/*": "timers are made one for each check, in a group that holds nothing else",
    "${ApiId}/$default/*": "all routes of our own API, which call one function; it tells them apart itself",
}
NOT_ENCRYPTED = {
    "Alarms": "CloudWatch may not use the key aws/sns, and would lose alarms; they hold names of metrics, and no post",
}
OPEN_ROUTES = {
    "ApiRoute": "each call is authenticated by its bearer token, in the function",
    "MentionPageRoute": "the link of an alert: it tells nothing of the post or its author, and changes nothing",
    "HealthRoute": "tells that it is up, and the version",
    "OpenApiRoute": "the document is published with the product",
}
OPEN_ADDRESSES = {
    "WebhookAddress": "networks know no IAM: each delivery is authenticated by its signature, in the function",
}
AT_REST = {
    "AWS::DynamoDB::Table",
    "AWS::SQS::Queue",
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
    "AWS::Logs::LogGroup",
}
NOTHING_AT_REST = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudFormation::Stack",
    "AWS::CloudWatch::Alarm",
    "AWS::IAM::Role",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Url",
    "AWS::SNS::Subscription",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::Serverless::Function",
    "AWS::Serverless::LayerVersion",
}


def _inside(value: Any, is_it: Callable[[dict[str, Any]], bool]) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if is_it(value):
            yield value
        for child in value.values():
            yield from _inside(child, is_it)
    elif isinstance(value, list):
        for child in value:
            yield from _inside(child, is_it)


RESOURCES = {name: each for document in TEMPLATES.values() for name, each in document["Resources"].items()}
STATEMENTS = [
    (name, each) for name, resource in RESOURCES.items() for each in _inside(resource, lambda value: "Effect" in value)
]
EVENT_SOURCES = of_type("AWS::Lambda::EventSourceMapping")
PERMISSIONS = {name: each["Properties"] for name, each in of_type("AWS::Lambda::Permission").items()}
ADDRESSES = of_type("AWS::Lambda::Url")
QUEUES = of_type("AWS::SQS::Queue")

statements = pytest.mark.parametrize(
    "statement", [each for _, each in STATEMENTS], ids=[f"{name}-{n}" for n, (name, _) in enumerate(STATEMENTS)]
)
functions = pytest.mark.parametrize("name", FUNCTIONS)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_there_is_something_to_look_at() -> None:
    assert len(STATEMENTS) > 20
    assert {name for name, _ in STATEMENTS} >= FUNCTIONS.keys()


@statements
def test_a_statement_allows_named_verbs(statement: Statement) -> None:
    assert statement["Effect"] == "Allow"
    assert not statement.keys() & {"NotAction", "NotResource", "NotPrincipal"}
    assert all(re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z]+", verb) for verb in listed(statement["Action"]))


@statements
def test_a_statement_is_for_named_resources(statement: Statement) -> None:
    for resource in listed(statement.get("Resource", [])):
        if resource == "*":
            assert set(listed(statement["Action"])) <= WITHOUT_RESOURCE.keys()
        else:
            assert "*" not in without_exceptions(meant(resource))


@statements
def test_a_statement_trusts_named_services(statement: Statement) -> None:
    """And whoever lets a service act for it says for which account, or another customer's could."""
    if "Principal" in statement:
        assert set(statement["Principal"]) == {"Service"}
        assert "*" not in str(statement["Principal"])
        assert "aws:SourceAccount" in str(statement["Condition"])


def without_exceptions(arn: str) -> str:
    for known in NAMED_BY_BEGINNING:
        arn = arn.replace(known, "")
    return arn


@pytest.mark.parametrize("known", NAMED_BY_BEGINNING)
def test_an_exception_is_still_needed(known: str) -> None:
    outputs = TEMPLATES["infra/data.yaml"]["Outputs"].values()
    sources = [each["SourceArn"] for each in PERMISSIONS.values() if "SourceArn" in each]

    assert any(known in meant(value) for value in (*(output["Value"] for output in outputs), *sources))


@pytest.mark.parametrize("exceptions", [NOT_ENCRYPTED, OPEN_ROUTES, OPEN_ADDRESSES])
def test_an_exception_is_for_something_that_is_there(exceptions: dict[str, str]) -> None:
    assert exceptions.keys() <= RESOURCES.keys()


def test_nobody_gets_a_policy_that_is_written_elsewhere() -> None:
    for name, resource in RESOURCES.items():
        properties = resource.get("Properties", {})
        assert not properties.keys() & {"ManagedPolicyArns", "PermissionsBoundary"}, name
        if name in FUNCTIONS:
            assert all(isinstance(policy, dict) and policy.keys() == {"Statement"} for policy in properties["Policies"])


@pytest.mark.parametrize("name", PERMISSIONS)
def test_a_function_is_called_by_our_own_api_or_at_its_open_address(name: str) -> None:
    permission = dict(PERMISSIONS[name])
    function = permission.pop("FunctionName")
    if permission["Principal"] == "*":
        # https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
        assert permission in (
            {"Principal": "*", "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
            {"Principal": "*", "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
        )
        assert function in [each["Properties"]["TargetFunctionArn"] for each in ADDRESSES.values()]
    else:
        assert permission["Action"] == "lambda:InvokeFunction"
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert "${ApiId}" in meant(permission["SourceArn"])
        assert "*" not in without_exceptions(meant(permission["SourceArn"]))


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_function_has_an_open_address_for_a_reason(name: str) -> None:
    target = ADDRESSES[name]["Properties"]["TargetFunctionArn"]
    opened = {each["Action"] for each in PERMISSIONS.values() if each["FunctionName"] == target}

    assert ADDRESSES[name]["Properties"]["AuthType"] == "NONE"
    assert opened == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    assert name in OPEN_ADDRESSES


@pytest.mark.parametrize("name", ADDRESSES)
def test_whoever_floods_an_open_address_takes_only_the_processes_that_it_may(name: str) -> None:
    target = ADDRESSES[name]["Properties"]["TargetFunctionArn"]["GetAtt"].removesuffix(".Arn")
    given = FUNCTIONS[target]["Properties"]["ReservedConcurrentExecutions"]

    assert given == {"If": ["HasWebhookConcurrency", {"Ref": "WebhookConcurrency"}, {"Ref": "AWS::NoValue"}]}
    assert TEMPLATES["template.yaml"]["Parameters"]["WebhookConcurrency"]["Default"] > 0


@pytest.mark.parametrize("name", of_type("AWS::ApiGatewayV2::Route"))
def test_a_route_is_open_for_a_reason(name: str) -> None:
    assert RESOURCES[name]["Properties"]["AuthorizationType"] == "NONE"
    assert name in OPEN_ROUTES


def test_an_address_is_written_out() -> None:
    """What SAM makes of FunctionUrlConfig could not be looked at here."""
    assert not any("FunctionUrlConfig" in each["Properties"] for each in FUNCTIONS.values())


def test_of_each_kind_of_resource_it_is_known_whether_it_keeps_anything() -> None:
    assert {each["Type"] for each in RESOURCES.values()} <= AT_REST | NOTHING_AT_REST


@pytest.mark.parametrize("name", [name for name, each in RESOURCES.items() if each["Type"] in AT_REST])
def test_what_is_kept_is_encrypted(name: str) -> None:
    """Log groups and secrets always are, by keys of the service and the account."""
    properties = RESOURCES[name].get("Properties", {})
    match RESOURCES[name]["Type"]:
        case "AWS::DynamoDB::Table":
            assert properties["SSESpecification"]["SSEEnabled"] is True
        case "AWS::SQS::Queue":
            assert properties["SqsManagedSseEnabled"] is True
        case "AWS::SNS::Topic":
            assert "KmsMasterKeyId" in properties or name in NOT_ENCRYPTED
        case "AWS::SecretsManager::Secret":
            assert properties["SecretString"] == "{}", "a secret in a template is none"
        case _:
            assert "RetentionInDays" in properties


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_has_a_dead_letter_queue_or_is_one(name: str) -> None:
    redrive = QUEUES[name]["Properties"].get("RedrivePolicy")

    assert name.endswith("DeadLetters") == (redrive is None)
    if redrive:
        assert redrive["deadLetterTargetArn"]["GetAtt"].removesuffix(".Arn") in QUEUES
        assert 1 < redrive["maxReceiveCount"] <= 10


@functions
def test_a_function_logs_to_a_group_that_forgets(name: str) -> None:
    output = FUNCTIONS[name]["Properties"]["LoggingConfig"]["LogGroup"]["GetAtt"].rpartition(".")[2]
    group = TEMPLATES["infra/observability.yaml"]["Outputs"][output]["Value"]["Ref"]

    assert RESOURCES[group]["Type"] == "AWS::Logs::LogGroup"
    assert RESOURCES[group]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("name", EVENT_SOURCES)
def test_an_event_source_gives_up_into_a_dead_letter_queue(name: str) -> None:
    """A queue's messages by the queue's own redrive, a stream's records after bounded tries and age, halved before."""
    source = EVENT_SOURCES[name]["Properties"]

    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    arn = meant(source["EventSourceArn"])
    if "StreamArn" in arn:
        assert 0 < source["MaximumRetryAttempts"] <= 10
        assert 0 < source["MaximumRecordAgeInSeconds"] <= 3600
        assert source["BisectBatchOnFunctionError"] is True
        assert "DeadLetters.Arn" in meant(source["DestinationConfig"]["OnFailure"]["Destination"])
    else:
        queue = next(name for name in QUEUES if f'"{name}.Arn"' in arn)
        assert "RedrivePolicy" in QUEUES[queue]["Properties"]


@functions
def test_what_is_called_by_the_clock_gives_up_into_a_dead_letter_queue(name: str) -> None:
    """Both when it cannot be called, and when it was and failed."""
    properties = FUNCTIONS[name]["Properties"]
    for event in properties.get("Events", {}).values():
        assert event["Type"] == "ScheduleV2"
        assert "DeadLetters.Arn" in meant(event["Properties"]["DeadLetterConfig"]["Arn"])
        failed = properties["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"]
        assert "DeadLetters.Arn" in meant(failed)


@functions
def test_a_function_gets_no_secret_by_its_environment(name: str) -> None:
    """An ARN at most: whoever may look at a function sees its environment."""
    for variable, value in FUNCTIONS[name]["Properties"]["Environment"]["Variables"].items():
        assert not isinstance(value, str), f"{variable} is written in the template"
        if re.search("SECRET|TOKEN|PASSWORD|KEY", variable):
            assert str(value["GetAtt"]).endswith("Arn")


def test_no_parameter_asks_for_a_secret() -> None:
    """What CloudFormation is given it shows to whoever may look at the stack."""
    names = [name for document in TEMPLATES.values() for name in document.get("Parameters", {})]

    assert not [name for name in names if re.search("secret|token|password|key", name, re.IGNORECASE)]


def test_every_reason_is_a_sentence() -> None:
    reasons = [*WITHOUT_RESOURCE.values(), *NAMED_BY_BEGINNING.values(), *NOT_ENCRYPTED.values(), *OPEN_ROUTES.values()]
    reasons += OPEN_ADDRESSES.values()

    assert all(len(reason.split()) > 4 for reason in reasons)
