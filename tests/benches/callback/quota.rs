//! The share of a CPU that Lambda gives a process, by the kernel's own means: a control group, of either version.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// 256 MB: 14.5 % of one CPU.
const QUOTA_US: u32 = 14_500;
const PERIOD_US: u32 = 100_000;

/// A control group with that share. It goes when it is dropped, its processes having ended before.
pub(crate) struct Quota(PathBuf);

impl Quota {
    /// Makes one, where this machine and this user may.
    pub(crate) fn new() -> Result<Self> {
        let mounts = fs::read_to_string("/proc/mounts").context("no /proc/mounts")?;
        for mount in mounts.lines() {
            let [_, folder, kind, options, ..] = mount.split(' ').collect::<Vec<_>>()[..] else { continue };
            let group = PathBuf::from(folder).join(format!("callback-bench-{}", std::process::id()));
            let settings = match kind {
                "cgroup2" if has_cpu(folder) => vec![("cpu.max", format!("{QUOTA_US} {PERIOD_US}"))],
                "cgroup" if options.split(',').any(|option| option == "cpu") => {
                    vec![("cpu.cfs_period_us", PERIOD_US.to_string()), ("cpu.cfs_quota_us", QUOTA_US.to_string())]
                }
                _ => continue,
            };
            fs::create_dir(&group).with_context(|| format!("{} cannot be made", group.display()))?;
            let quota = Self(group);
            for (name, value) in settings {
                fs::write(quota.0.join(name), value).with_context(|| format!("{name} cannot be set"))?;
            }
            return Ok(quota);
        }
        bail!("no control group for CPUs is mounted")
    }

    /// Gives a process no more than that from now on.
    pub(crate) fn holds(&self, process: u32) -> Result<()> {
        fs::write(self.0.join("cgroup.procs"), process.to_string()).context("the process cannot be moved")
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // Nothing depends on it.
        let _ = fs::remove_dir(&self.0);
    }
}

/// Whether groups below the root of version 2 can have a share of a CPU; asks for it where they do not yet.
fn has_cpu(root: &str) -> bool {
    let root = PathBuf::from(root);
    let has = || fs::read_to_string(root.join("cgroup.subtree_control")).is_ok_and(|all| all.contains("cpu"));
    has() || (fs::write(root.join("cgroup.subtree_control"), "+cpu").is_ok() && has())
}
