//! One terminal color per coroutine.

use anstyle::{AnsiColor, Style};

/// The color of each of three coroutines, by its index.
///
/// `{color}` in a format string writes the escape code that starts the color, `{color:#}` the one
/// that ends it.
///
/// ```
/// let color = common::colors::COLORS[1];
/// assert_eq!(format!("{color}red{color:#}"), "\x1b[91mred\x1b[0m");
/// ```
pub const COLORS: [Style; 3] = [
    AnsiColor::Cyan.on_default(),
    AnsiColor::BrightRed.on_default(),
    AnsiColor::Magenta.on_default(),
];
