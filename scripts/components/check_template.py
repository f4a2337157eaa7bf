"""Asserts what no stand-in for AWS puts to the test: the text of deploy/aws/template.yaml and repository.yaml."""

import json
import sys

import yaml


class Tag:
    """A short form of an intrinsic function, such as `!Ref`."""

    def __init__(self, name, value):
        self.name, self.value = name, value

    def __eq__(self, other):
        return isinstance(other, Tag) and (self.name, self.value) == (other.name, other.value)

    def __repr__(self):
        return f"!{self.name} {self.value}"


def construct(loader, name, node):
    kinds = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: loader.construct_sequence}
    return Tag(name, kinds.get(type(node), loader.construct_mapping)(node))


yaml.SafeLoader.add_multi_constructor("!", construct)


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def check_table(resource):
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    table = resource["Properties"]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] == Tag("Ref", "DeletionProtection")
    assert [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] == [("pk", "HASH"), ("sk", "RANGE")]
    assert {key["AttributeType"] for key in table["AttributeDefinitions"]} == {"S"}


def check_role(resource, allowed):
    """Exactly these actions on exactly these resources, and none by a managed policy."""
    role = resource["Properties"]
    assert "ManagedPolicyArns" not in role
    found = {}
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            actions = statement["Action"]
            found[statement["Resource"].value] = {actions} if isinstance(actions, str) else set(actions)
    assert found == allowed, found


def check_function(resources):
    function = resources["Function"]["Properties"]
    assert function["LoggingConfig"]["LogGroup"] == Tag("Ref", "LogGroup")
    assert resources["LogGroup"]["Properties"]["RetentionInDays"] == Tag("Ref", "LogRetentionDays")
    assert resources["Url"]["Properties"]["AuthType"] == Tag("Ref", "UrlAuthType")
    open_url = [name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Permission"]
    assert {resources[name]["Condition"] for name in open_url} == {"OpenUrl"}
    assert {resources[name]["Properties"]["Action"] for name in open_url} == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}


def check_alarms(resources):
    alarms = [resource["Properties"] for resource in resources.values() if resource["Type"] == "AWS::CloudWatch::Alarm"]
    metrics = {alarm["MetricName"] for alarm in alarms}
    wanted = {"Errors", "Throttles", "Duration", "Url5xxCount", "ReadThrottleEvents", "WriteThrottleEvents"}
    assert metrics == wanted, metrics
    assert all("AlarmActions" in alarm for alarm in alarms)


def check_repository(resources):
    repository = resources["Repository"]["Properties"]
    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert repository["ImageTagMutability"] == "IMMUTABLE"
    policy = repository["LifecyclePolicy"]["LifecyclePolicyText"].value.replace("${KeptImages}", "10")
    assert json.loads(policy)["rules"][0]["action"] == {"type": "expire"}


def main(folder):
    template = load(f"{folder}/template.yaml")
    resources = template["Resources"]
    assert template["Parameters"]["ApiKeys"]["NoEcho"] is True
    assert template["Parameters"]["UrlAuthType"]["Default"] == "AWS_IAM"
    assert template["Parameters"]["DeletionProtection"]["Default"] == "true"
    assert set(template["Rules"]) == {"CodeIsGiven", "OpenUrlNeedsKeys"}
    check_table(resources["Table"])
    # The function prunes nothing, so it may not delete: no BatchWriteItem.
    table_actions = ["DescribeTable", "GetItem", "PutItem", "Query", "UpdateItem"]
    check_role(
        resources["FunctionRole"],
        {
            "Table.Arn": {f"dynamodb:{action}" for action in table_actions},
            "LogGroup.Arn": {"logs:CreateLogStream", "logs:PutLogEvents"},
        },
    )
    check_role(resources["ScheduleRole"], {"Function.Arn": {"lambda:InvokeFunction"}})
    json.loads(resources["Schedule"]["Properties"]["Target"]["Input"])
    check_function(resources)
    check_alarms(resources)
    check_repository(load(f"{folder}/repository.yaml")["Resources"])


main(sys.argv[1])
