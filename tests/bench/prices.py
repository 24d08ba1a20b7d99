"""What AWS charges: list prices of us-east-1 in USD, without free tiers and discounts, as of mid-2026.

Prices change: compare them with the pages that are named here before quoting a figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MILLION = 1_000_000
HOURS_A_MONTH = 730
GB = 1024**3


@dataclass(frozen=True, slots=True)
class Price:
    """USD for one `unit`."""

    usd: float
    unit: str
    page: str


WRITES, READS, STREAMS = "DynamoDB writes", "DynamoDB reads", "DynamoDB streams"
INVOCATIONS, COMPUTE, API = "Lambda requests", "Lambda GB-s", "API Gateway"
SQS, SCHEDULER, SNS, SECRETS, LOGS = "SQS", "Scheduler", "SNS publishes", "Secrets Manager", "CloudWatch logs"

PRICES: Mapping[str, Price] = {
    WRITES: Price(0.625 / MILLION, "write unit", "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
    READS: Price(0.125 / MILLION, "read unit", "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
    # "You are not charged for GetRecords API calls invoked by AWS Lambda as part of DynamoDB triggers."
    STREAMS: Price(0.0, "read by Lambda", "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
    INVOCATIONS: Price(0.20 / MILLION, "request", "https://aws.amazon.com/lambda/pricing/"),
    COMPUTE: Price(0.0000133334, "GB-second on arm64", "https://aws.amazon.com/lambda/pricing/"),
    API: Price(1.00 / MILLION, "request of 512 KB", "https://aws.amazon.com/api-gateway/pricing/"),
    SQS: Price(0.40 / MILLION, "request of 64 KB", "https://aws.amazon.com/sqs/pricing/"),
    SCHEDULER: Price(1.00 / MILLION, "invocation", "https://aws.amazon.com/eventbridge/pricing/"),
    SNS: Price(0.50 / MILLION, "request of 64 KB", "https://aws.amazon.com/sns/pricing/"),
    SECRETS: Price(0.05 / 10_000, "call", "https://aws.amazon.com/secrets-manager/pricing/"),
    LOGS: Price(0.50 / GB, "byte taken in", "https://aws.amazon.com/cloudwatch/pricing/"),
}

# By the month, whatever the load.
ALARM = Price(0.10, "alarm", "https://aws.amazon.com/cloudwatch/pricing/")
METRIC = Price(0.30, "custom metric", "https://aws.amazon.com/cloudwatch/pricing/")
SECRET = Price(0.40, "secret", "https://aws.amazon.com/secrets-manager/pricing/")
KMS = Price(0.03 / 10_000, "request", "https://aws.amazon.com/kms/pricing/")

# A GB kept for a month; the backup is point-in-time recovery's.
STORAGE = Price(0.25, "GB-month", "https://aws.amazon.com/dynamodb/pricing/on-demand/")
BACKUP = Price(0.20, "GB-month", "https://aws.amazon.com/dynamodb/pricing/on-demand/")

# Provisioned capacity: an hour of one unit a second.
PROVISIONED_WRITE = Price(0.00065, "write unit hour", "https://aws.amazon.com/dynamodb/pricing/provisioned/")
PROVISIONED_READ = Price(0.00013, "read unit hour", "https://aws.amazon.com/dynamodb/pricing/provisioned/")
TARGET_UTILISATION = 0.70
"""Of provisioned capacity with auto scaling, its default:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html"""
