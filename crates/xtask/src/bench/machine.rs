//! The machine that figures were measured on, in one line, from what Linux and macOS say of themselves.

use std::process::Command;

/// Cores, memory, processor, system, compiler; what is unknown is left out.
pub fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let memory = memory_kb(&read("/proc/meminfo"))
        .or_else(|| Some(said("sysctl", &["-n", "hw.memsize"])?.parse::<u64>().ok()? / 1024));
    let processor = value(&read("/proc/cpuinfo"), "model name", ':')
        .or_else(|| said("sysctl", &["-n", "machdep.cpu.brand_string"]));
    let system = value(&read("/etc/os-release"), "PRETTY_NAME", '=').or_else(|| said("uname", &["-sr"]));
    let parts = [
        Some(format!("{cores} cores")),
        memory.map(|kb| format!("{} GB memory", kb.div_ceil(1024 * 1024))),
        processor,
        system,
        said("rustc", &["--version"]),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn memory_kb(meminfo: &str) -> Option<u64> {
    value(meminfo, "MemTotal", ':')?.split_whitespace().next()?.parse().ok()
}

/// The value of the first line that begins with this name, without quotes.
fn value(text: &str, name: &str, sign: char) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    let (_, value) = line.split_once(sign)?;
    Some(value.trim().trim_matches('"').to_owned()).filter(|it| !it.is_empty())
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|it| it.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_linux_says() {
        let cpu = "processor\t: 0\nmodel name\t: Some CPU @ 2.00GHz\n\nprocessor\t: 1\n";
        assert_eq!(value(cpu, "model name", ':').as_deref(), Some("Some CPU @ 2.00GHz"));
        assert_eq!(value("NAME=x\nPRETTY_NAME=\"Debian 12\"\n", "PRETTY_NAME", '=').as_deref(), Some("Debian 12"));
        assert_eq!(value("", "PRETTY_NAME", '='), None);
        assert_eq!(memory_kb("MemTotal:       24681240 kB\nMemFree: 1 kB\n"), Some(24_681_240));
    }

    #[test]
    fn knows_this_machine_s_cores() {
        assert!(describe().contains(" cores"), "{}", describe());
    }
}
