//! Every command that a text names can be typed.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory as _};

use crate::cli::Cli;

/// Where people are told what to type, and what of it.
const TEXTS: [(&str, &str); 6] =
    [("README.md", ""), ("docs", "md"), ("template.yaml", ""), ("functions", "rs"), ("shared", "rs"), ("tools", "rs")];

fn files(path: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let inside = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        inside.filter(|path| !path.ends_with("tests")).for_each(|path| files(&path, extension, found));
    } else if extension.is_empty() || path.extension().is_some_and(|found| found == extension) {
        found.push(path.to_owned());
    }
}

/// A sentence about it goes on like this, and is no command.
const SENTENCES: [&str; 4] = ["and", "does", "is", "knows"];

/// What follows `giftctl` where it begins a command, up to the end of it.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().flat_map(|line| line.match_indices("giftctl ").map(move |(at, _)| (line, at)));
    lines.filter_map(|(line, at)| {
        let begins = line[..at].ends_with(['`', '"', '(']) || line[..at].trim().is_empty();
        let command = &line[at + "giftctl ".len()..];
        begins.then(|| command.split(['`', '#', ';', '|', '>', '<', ')', '\\']).next()).flatten()
    })
}

/// What in it `giftctl` does not know.
fn unknown<'c>(root: &Command, command: &'c str) -> Option<&'c str> {
    let mut reached = root;
    for word in command.split([' ', '"', '\'']).filter(|word| !word.is_empty()) {
        if let Some(flag) = word.strip_prefix("--") {
            let flag = flag.split('=').next().unwrap_or(flag);
            let known = |command: &Command| command.get_arguments().any(|argument| argument.get_long() == Some(flag));
            if !known(reached) && !known(root) {
                return Some(word);
            }
        } else if let Some(next) = reached.find_subcommand(word) {
            reached = next;
        } else if reached.has_subcommands() && reached.get_arguments().all(|argument| !argument.is_positional()) {
            return Some(word);
        }
    }
    None
}

#[test]
fn every_command_that_a_text_names_can_be_typed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let mut found = Vec::new();
    for (path, extension) in TEXTS {
        files(&root.join(path), extension, &mut found);
    }
    let giftctl = Cli::command();
    let mut checked = 0;
    for file in found {
        let text = fs::read_to_string(&file).unwrap();
        let begins = |command: &&str| command.starts_with(|letter: char| letter.is_ascii_lowercase());
        let is_sentence = |command: &&str| SENTENCES.contains(&command.split(' ').next().unwrap_or_default());
        for command in commands(&text).filter(begins).filter(|command| !is_sentence(command)) {
            assert_eq!(unknown(&giftctl, command), None, "{}: giftctl {command}", file.display());
            checked += 1;
        }
    }
    assert!(checked > 80, "{checked}");
}
