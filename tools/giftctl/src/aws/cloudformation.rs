use std::collections::BTreeMap;

use super::Aws;
use super::xml::{anywhere, child, members, parse, query};
use crate::failure::Failure;

const SERVICE: &str = "cloudformation";
const VERSION: &str = "2010-05-15";

/// A stack, as CloudFormation describes it.
#[derive(Clone, Debug)]
pub(crate) struct StackDescription {
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) parameters: BTreeMap<String, String>,
}

/// A resource of a stack.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) logical_id: String,
    pub(crate) physical_id: String,
    pub(crate) kind: String,
}

/// One parameter that changes.
pub(crate) struct Change<'a> {
    pub(crate) parameter: &'a str,
    pub(crate) value: &'a str,
}

fn named(stack: &str) -> Vec<(String, String)> {
    vec![("StackName".to_owned(), stack.to_owned())]
}

impl Aws {
    /// Describes a stack.
    pub(crate) async fn describe_stack(&self, name: &str) -> Result<StackDescription, Failure> {
        let action = "DescribeStacks";
        let answer = query(self, SERVICE, VERSION, action, &named(name)).await.map_err(|failure| {
            let unknown = failure.message.contains("does not exist");
            if unknown { self.unknown_stack(name) } else { failure }
        })?;
        let document = parse(action, &answer)?;
        let stack =
            anywhere(&document, "Stacks").and_then(|stacks| stacks.children().find(roxmltree::Node::is_element));
        let stack = stack.ok_or_else(|| self.unknown_stack(name))?;
        let pairs = |list: &str, key: &str, value: &str| {
            members(stack, list)
                .filter_map(|member| {
                    Some((child(member, key)?.to_owned(), child(member, value).unwrap_or_default().to_owned()))
                })
                .collect()
        };
        Ok(StackDescription {
            status: child(stack, "StackStatus").unwrap_or_default().to_owned(),
            reason: child(stack, "StackStatusReason").map(str::to_owned),
            outputs: pairs("Outputs", "OutputKey", "OutputValue"),
            parameters: pairs("Parameters", "ParameterKey", "ParameterValue"),
        })
    }

    fn unknown_stack(&self, name: &str) -> Failure {
        let said = format!("there is no stack `{name}` in {}", self.region());
        Failure::configuration(said)
            .mend("--stack NAME and --region REGION; `aws cloudformation list-stacks` lists them.")
    }

    /// What a stack consists of: at most a hundred, says AWS.
    pub(crate) async fn stack_resources(&self, name: &str) -> Result<Vec<Resource>, Failure> {
        let action = "DescribeStackResources";
        let answer = query(self, SERVICE, VERSION, action, &named(name)).await?;
        let document = parse(action, &answer)?;
        let Some(result) = anywhere(&document, "StackResources").and_then(|list| list.parent()) else {
            return Ok(Vec::new());
        };
        let text = |node, name| child(node, name).unwrap_or_default().to_owned();
        Ok(members(result, "StackResources")
            .map(|member| Resource {
                logical_id: text(member, "LogicalResourceId"),
                physical_id: text(member, "PhysicalResourceId"),
                kind: text(member, "ResourceType"),
            })
            .collect())
    }

    /// Changes one parameter, and nothing else: the template stays, and so do all other parameters.
    pub(crate) async fn update_stack(
        &self,
        name: &str,
        stack: &StackDescription,
        change: &Change<'_>,
    ) -> Result<(), Failure> {
        let mut fields = named(name);
        let mut put = |key: String, value: &str| fields.push((key, value.to_owned()));
        put("UsePreviousTemplate".to_owned(), "true");
        put("Capabilities.member.1".to_owned(), "CAPABILITY_IAM");
        // The template's transform is a macro to CloudFormation.
        put("Capabilities.member.2".to_owned(), "CAPABILITY_AUTO_EXPAND");
        for (place, key) in stack.parameters.keys().enumerate() {
            let member = format!("Parameters.member.{}", place + 1);
            put(format!("{member}.ParameterKey"), key);
            if key == change.parameter {
                put(format!("{member}.ParameterValue"), change.value);
            } else {
                put(format!("{member}.UsePreviousValue"), "true");
            }
        }
        query(self, SERVICE, VERSION, "UpdateStack", &fields).await.map(drop)
    }
}
