"""Prints template.yaml as the CloudFormation that SAM makes of it.

The linters look at the SAM template alone and pass misspelt event and logging settings. In the transformed template
those are properties of ordinary resources, which cfn-lint checks by schema. Works without a network or credentials.
"""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "ap-northeast-2")

from samtranslator.model.exceptions import InvalidDocumentException  # noqa: E402
from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402


class NoManagedPolicies:
    """The template names no managed policy, so none has to be looked up."""

    def load(self):
        return {}


def main(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # What `sam deploy` puts here after uploading.
            resource["Properties"]["CodeUri"] = "s3://not-uploaded/function.zip"
    parameters = {name: str(value.get("Default", "")) for name, value in template["Parameters"].items()}
    try:
        json.dump(transform(template, parameters, NoManagedPolicies()), sys.stdout, indent=2, default=str)
    except InvalidDocumentException as error:
        sys.exit("\n".join(str(cause.message) for cause in error.causes))


if __name__ == "__main__":
    main(sys.argv[1])
