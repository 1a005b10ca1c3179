//! The variables that a function is given are the variables that it reads.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};

use crate::{load, source};

/// What `main` hands its environment to: (name, file). The only other readers of variables.
const READERS: [(&str, &str); 16] = [
    ("base_url", "shared/line/src/lib.rs"),
    ("coupon_sealer", "shared/platform/src/coupons.rs"),
    ("from_env", "functions/callback/src/access.rs"),
    ("fuse", "shared/platform/src/rules.rs"),
    ("image_bucket", "functions/catalog-sync/src/manners.rs"),
    ("in_the_cloud", "functions/operate/src/cloud.rs"),
    ("lease_margin", "shared/platform/src/rules.rs"),
    ("manners", "functions/catalog-sync/src/manners.rs"),
    ("open", "functions/send/src/recipients.rs"),
    ("recipient_wait", "shared/platform/src/rules.rs"),
    ("redrive_after", "shared/platform/src/rules.rs"),
    ("rules", "shared/platform/src/rules.rs"),
    ("send_concurrency", "shared/platform/src/rules.rs"),
    ("send_hours", "shared/platform/src/rules.rs"),
    ("settings", "functions/operate/src/settings.rs"),
    ("tr_id_scheme", "shared/platform/src/rules.rs"),
];
const READS: [&str; 4] = ["env.number(", "env.optional(", "env.required(", "env.seconds("];
/// Who looks at the process's environment itself: the configuration, and the logs at the platform's own level.
const PAST_THE_CONFIGURATION: [&str; 2] = ["shared/platform/src/env.rs", "shared/platform/src/telemetry.rs"];

/// A function's source, and the file that it is in.
struct Body {
    code: String,
    file: String,
}

impl Body {
    /// A whole file.
    fn file(path: &str) -> Result<Self> {
        let file = source::read(Path::new(path))?;
        Ok(Self { code: file.clone(), file })
    }

    /// One function of a file, to the closing brace in its own column.
    fn function(name: &str, path: &str) -> Result<Self> {
        let Self { file, .. } = Self::file(path)?;
        let start = file.find(&format!("fn {name}(")).with_context(|| format!("{path} has no {name}"))?;
        let line = file[..start].rfind('\n').map_or(0, |end| end + 1);
        let indent: String = file[line..].chars().take_while(|letter| *letter == ' ').collect();
        let (code, _) = file[start..].split_once(&format!("\n{indent}}}\n")).context("a function without an end")?;
        Ok(Self { code: code.to_owned(), file })
    }

    /// The variables that it reads itself.
    fn reads(&self) -> Result<BTreeSet<String>> {
        let mut variables = BTreeSet::new();
        for read in READS {
            for rest in self.code.split(read).skip(1) {
                let argument = rest.split([',', ')']).next().unwrap_or_default();
                let name = argument.trim_matches('"');
                let constant = || {
                    let (_, value) = self.file.split_once(&format!("const {name}: &str = \""))?;
                    value.split('"').next()
                };
                let literal = (argument.len() > name.len()).then_some(name);
                let variable = literal.or_else(constant).with_context(|| format!("{read}{argument} is no constant"))?;
                variables.insert(variable.to_owned());
            }
        }
        Ok(variables)
    }

    /// The functions that it hands the environment to.
    fn readers(&self) -> impl Iterator<Item = &str> {
        let calls =
            ["(env)", "(&env)", "(env,", "(&env,"].into_iter().flat_map(|argument| self.code.match_indices(argument));
        calls.filter_map(|(end, _)| {
            self.code[..end].rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_').next()
        })
    }

    /// The variables that it reads, itself or through others.
    fn reads_in_all(&self) -> Result<BTreeSet<String>> {
        let mut variables = self.reads()?;
        for name in self.readers() {
            let (_, path) = READERS.iter().find(|(reader, _)| *reader == name).with_context(|| format!("{name}?"))?;
            variables.append(&mut Self::function(name, path)?.reads_in_all()?);
        }
        Ok(variables)
    }
}

#[test]
fn every_function_is_given_the_variables_that_it_reads_and_no_other() -> Result<()> {
    for function in load()?.functions()? {
        let read = Body::file(&format!("functions/{}/src/main.rs", function.name))?.reads_in_all()?;
        let given: BTreeSet<String> = function.env.into_keys().collect();
        assert_eq!(given, read, "{}", function.name);
    }
    Ok(())
}

#[test]
fn nothing_reads_a_variable_that_the_test_above_would_not_see() -> Result<()> {
    let mut known = 0;
    for (name, path) in READERS {
        known += count(&Body::function(name, path)?.code);
    }
    let mut all = 0;
    let mut past = BTreeSet::new();
    let root = local::workspace_root();
    let mut files = Vec::new();
    for parent in ["functions", "shared"] {
        for package in source::folders(parent)? {
            files.extend(source::files(&format!("{parent}/{package}/src"))?);
        }
    }
    for path in files {
        let code = source::read(&path)?;
        let name = path.strip_prefix(&root)?.to_string_lossy().into_owned();
        if path.ends_with("main.rs") {
            known += count(&code);
        }
        all += count(&code);
        // Another name for the environment would hide what is read from it.
        assert_eq!(code.matches("&Env").count(), code.matches("env: &Env").count(), "{name}");
        if ["env::var", "env::vars", "option_env!"].iter().any(|read| code.contains(read)) {
            past.insert(name);
        }
    }
    assert_eq!(all, known, "a variable is read elsewhere");
    assert!(past.iter().eq(&PAST_THE_CONFIGURATION), "{past:?}");
    Ok(())
}

fn count(code: &str) -> usize {
    READS.iter().map(|read| code.matches(read).count()).sum()
}
