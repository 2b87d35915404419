//! Text in lines that fit into the terminal.

use checker::report::human::Look;
use textwrap::{Options, fill};

/// No paragraph is wider, as long lines are hard to read.
const WIDEST: usize = 80;

/// Text in lines that fit.
#[must_use]
pub fn paragraph(text: &str, look: Look) -> String {
    indented(text, "", look)
}

/// The same, with each line after this indent.
#[must_use]
pub fn indented(text: &str, indent: &str, look: Look) -> String {
    let width = look.width.clamp(20, WIDEST);
    let options = Options::new(width).initial_indent(indent).subsequent_indent(indent);
    fill(text.trim(), options) + "\n"
}
