//! What was meant by a mistyped name.

use strsim::jaro;

/// The name that is most like the typed one, whatever their case; none if none is more alike than
/// this, of 1.
pub fn closest<'a>(
    typed: &str,
    names: impl IntoIterator<Item = &'a str>,
    least: f64,
) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let alike = names.into_iter().map(|name| (name, jaro(&typed, &name.to_lowercase())));
    let close = alike.filter(|(_, closeness)| *closeness > least);
    close.max_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(name, _)| name)
}
