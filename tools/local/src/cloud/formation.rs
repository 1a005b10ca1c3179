//! CloudFormation: the one stack, its resources, and changes of its parameters.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::query::{Query, Refusal};
use super::{Answer, tag};
use crate::stack::{Deployment, NAME};
use crate::template::Resource;

pub(super) fn answer(deployment: &Arc<Deployment>, query: &Query) -> Answer {
    let named = query.text("StackName");
    let known = named == NAME || named == deployment.id();
    match query.action() {
        "DescribeStacks" if named.is_empty() || known => describe(deployment),
        "DescribeStackResources" if known => {
            let (logical, physical) = (query.text("LogicalResourceId"), query.text("PhysicalResourceId"));
            let wanted = |resource: &Resource| {
                (logical.is_empty() || resource.logical_id == logical)
                    && (physical.is_empty() || resource.physical_id == physical)
            };
            resources(deployment, "StackResources", wanted)
        }
        "ListStackResources" if known => resources(deployment, "StackResourceSummaries", |_| true),
        "UpdateStack" if known => update(deployment, query),
        "UpdateStack" => Err(Refusal::validation(format!("Stack [{named}] does not exist"))),
        "DescribeStacks" | "DescribeStackResources" | "ListStackResources" => {
            Err(Refusal::validation(format!("Stack with id {named} does not exist")))
        }
        _ => Err(Refusal::unknown(query)),
    }
}

fn describe(deployment: &Deployment) -> Answer {
    let parameters: String = deployment
        .parameters()
        .iter()
        .map(|(name, value)| member(&[tag("ParameterKey", name), tag("ParameterValue", value)]))
        .collect();
    let outputs = deployment.outputs()?;
    let outputs: String = outputs
        .iter()
        .map(|output| {
            member(&[
                tag("OutputKey", &output.key),
                tag("OutputValue", &output.value),
                tag("Description", &output.description),
            ])
        })
        .collect();
    let stack = member(&[
        tag("StackId", deployment.id()),
        tag("StackName", NAME),
        tag("CreationTime", &deployment.created_at().to_string()),
        tag("LastUpdatedTime", &deployment.changed_at().to_string()),
        tag("StackStatus", deployment.status()),
        "<Capabilities><member>CAPABILITY_IAM</member></Capabilities>".to_owned(),
        format!("<Parameters>{parameters}</Parameters>"),
        format!("<Outputs>{outputs}</Outputs>"),
    ]);
    Ok(format!("<Stacks>{stack}</Stacks>"))
}

fn resources(deployment: &Deployment, list: &str, wanted: impl Fn(&Resource) -> bool) -> Answer {
    let resources = deployment.resources()?;
    let status = "UPDATE_COMPLETE";
    let members: String = resources
        .iter()
        .filter(|resource| wanted(resource))
        .map(|resource| {
            member(&[
                tag("StackId", deployment.id()),
                tag("StackName", NAME),
                tag("LogicalResourceId", &resource.logical_id),
                tag("PhysicalResourceId", &resource.physical_id),
                tag("ResourceType", &resource.kind),
                tag("ResourceStatus", status),
                tag("Timestamp", &deployment.created_at().to_string()),
                tag("LastUpdatedTimestamp", &deployment.changed_at().to_string()),
            ])
        })
        .collect();
    Ok(format!("<{list}>{members}</{list}>"))
}

fn update(deployment: &Arc<Deployment>, query: &Query) -> Answer {
    if query.text("UsePreviousTemplate") != "true" {
        return Err(Refusal::validation(
            "the local stack's template is that of the repository: say UsePreviousTemplate",
        ));
    }
    let before = deployment.parameters();
    let mut wanted = BTreeMap::new();
    let mut unknown = Vec::new();
    for parameter in query.members("Parameters") {
        let name = parameter.get("ParameterKey").copied().unwrap_or_default();
        let previous = parameter.get("UsePreviousValue") == Some(&"true");
        if !deployment.declares(name) {
            unknown.push(name);
            continue;
        }
        match (previous, parameter.get("ParameterValue"), before.get(name)) {
            (true, None, Some(value)) => wanted.insert(name.to_owned(), value.clone()),
            (false, Some(value), _) => wanted.insert(name.to_owned(), (*value).to_owned()),
            _ => {
                let message =
                    format!("Invalid input for parameter key {name}. Specify either a value or UsePreviousValue");
                return Err(Refusal::validation(message));
            }
        };
    }
    if !unknown.is_empty() {
        let message = format!("Parameters: [{}] do not exist in the template", unknown.join(", "));
        return Err(Refusal::validation(message));
    }
    let missing: Vec<String> = deployment.required().into_iter().filter(|name| !wanted.contains_key(name)).collect();
    if !missing.is_empty() {
        return Err(Refusal::validation(format!("Parameters: [{}] must have values", missing.join(", "))));
    }
    deployment.update(&wanted).map_err(Refusal::validation)?;
    Ok(tag("StackId", deployment.id()))
}

fn member(tags: &[String]) -> String {
    format!("<member>{}</member>", tags.concat())
}
