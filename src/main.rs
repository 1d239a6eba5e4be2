//! The `exoc` program: parses arguments, calls the library, gives the exit code.

fn main() -> std::process::ExitCode {
    exoc::cli::main()
}
