//! `doorstep completions`

use clap::ValueEnum;
use clap_complete::{Shell, generate};

use crate::cli;
use crate::failure::Failure;
use crate::hub::Program;

/// Completion of commands for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  doorstep completions bash > /etc/bash_completion.d/doorstep
  doorstep completions zsh > ~/.zfunc/_doorstep
  doorstep completions fish > ~/.config/fish/completions/doorstep.fish")]
pub struct Args {
    /// Which shell.
    shell: Kind,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Bash,
    Zsh,
    Fish,
}

pub fn run(args: &Args, program: &Program) -> Result<(), Failure> {
    let shell = match args.shell {
        Kind::Bash => Shell::Bash,
        Kind::Zsh => Shell::Zsh,
        Kind::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    generate(shell, &mut cli::tree(), "doorstep", &mut script);
    program.out.print(&String::from_utf8_lossy(&script))
}
