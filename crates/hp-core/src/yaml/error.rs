//! What is wrong with a configuration file.

use std::fmt;

/// A configuration file that cannot be used, and every reason why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file as the user named it.
    pub file: String,
    /// What is wrong, in the order of the file; never empty.
    pub problems: Vec<Problem>,
}

/// One problem of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// 1-based line; 0 when the problem is not at a place.
    pub line: u64,
    /// 1-based column.
    pub column: u64,
    /// The text of that line.
    pub snippet: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => write!(f, "`{}` has a problem", self.file)?,
            n => write!(f, "`{}` has {n} problems", self.file)?,
        }
        for problem in &self.problems {
            write!(f, "\n  {}", self.file)?;
            if problem.line > 0 {
                write!(f, ":{}:{}", problem.line, problem.column)?;
            }
            write!(f, ": {}", problem.message)?;
            if !problem.snippet.trim().is_empty() {
                problem.fmt_snippet(f)?;
            }
        }
        Ok(())
    }
}

impl Problem {
    fn fmt_snippet(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WIDTH: usize = 100;
        let column = usize::try_from(self.column).unwrap_or(1).max(1);
        // A long line is shown around the place of the problem.
        let skipped = column.saturating_sub(WIDTH * 3 / 4);
        let shown: String = self.snippet.chars().skip(skipped).take(WIDTH).collect();
        let gutter = self.line.to_string();
        let blank = " ".repeat(gutter.len());
        let indent = " ".repeat(column - 1 - skipped);
        write!(
            f,
            "\n    {blank} |\n    {gutter} | {shown}\n    {blank} | {indent}^"
        )
    }
}

impl std::error::Error for ConfigError {}
