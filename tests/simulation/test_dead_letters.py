"""The simulator abandons work where the templates do, after as many tries, and each such queue raises an alarm."""

from __future__ import annotations

from tests.simulation.dead_letters import QUEUES
from tests.simulation.engine import SECOND
from tests.simulation.services import BATCH, QUEUE_TRIES, STREAM_AGE, STREAM_TRIES, VISIBLE_AFTER
from tests.template.templates import FUNCTIONS, meant, of_type

ELSEWHERE = {"ReadinessDeadLetters"}
"""Of the daily check of the desk, which no post waits for."""
SOURCES = {name: source["Properties"] for name, source in of_type("AWS::Lambda::EventSourceMapping").items()}
CONSUMERS = {
    function: next(source for source in SOURCES.values() if source["FunctionName"]["Ref"] == logical_id)
    for function, logical_id in {
        "route_mention": "RouteMentionFunction",
        "send_alert": "SendAlertFunction",
        "follow_up": "FollowUpFunction",
    }.items()
}


def test_every_queue_for_dead_letters_is_one_of_the_simulators() -> None:
    queues = {name for name in of_type("AWS::SQS::Queue") if name.endswith("DeadLetters")}

    assert queues == {*QUEUES.values()} | ELSEWHERE


def test_what_is_left_in_a_queue_raises_an_alarm() -> None:
    alarms = [alarm["Properties"] for alarm in of_type("AWS::CloudWatch::Alarm").values()]
    watched = {
        alarm["Dimensions"][0]["Value"]["Ref"]
        for alarm in alarms
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible" and alarm["Threshold"] == 0
    }

    assert watched >= {f"{queue}Name" for queue in QUEUES.values()}


def test_each_consumer_of_the_stream_gives_up_after_as_many_tries_into_its_own_queue() -> None:
    for function, tries in STREAM_TRIES.items():
        source = CONSUMERS[function]

        assert source["MaximumRetryAttempts"] + 1 == tries
        assert source["MaximumRecordAgeInSeconds"] * SECOND == STREAM_AGE
        assert f"{QUEUES[function]}.Arn" in meant(source["DestinationConfig"]["OnFailure"]["Destination"])


def test_checks_are_given_up_after_as_many_tries_into_their_own_queue() -> None:
    follow_ups = of_type("AWS::SQS::Queue")["FollowUps"]["Properties"]

    assert CONSUMERS["follow_up"]["BatchSize"] == BATCH
    assert follow_ups["VisibilityTimeout"] * SECOND == VISIBLE_AFTER
    assert follow_ups["RedrivePolicy"]["maxReceiveCount"] == QUEUE_TRIES
    assert follow_ups["RedrivePolicy"]["deadLetterTargetArn"] == {"GetAtt": f"{QUEUES['follow_up']}.Arn"}


def test_sweeps_and_timers_are_given_up_into_their_own_queues() -> None:
    sweep = FUNCTIONS["SweepOverdueFunction"]["Properties"]
    failed = sweep["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"]
    not_started = sweep["Events"]["EveryMinute"]["Properties"]["DeadLetterConfig"]["Arn"]
    timers = FUNCTIONS["FollowUpFunction"]["Properties"]["Environment"]["Variables"]["TIMER_DEAD_LETTERS_ARN"]

    assert [f"{QUEUES['sweep_overdue']}.Arn" in meant(each) for each in (failed, not_started)] == [True, True]
    assert f"{QUEUES['scheduler']}.Arn" in meant(timers)
