//! What was in progress at the same time: spans from a start to an end, in seconds or in lines.

/// From where to where something was in progress.
pub type Span<T> = (T, T);

/// Whether two spans have something in common.
fn overlap<T: PartialOrd>(one: &Span<T>, other: &Span<T>) -> bool {
    one.0 < other.1 && other.0 < one.1
}

/// Whether any two of the spans overlap.
pub fn any_overlap<T: PartialOrd>(spans: &[Span<T>]) -> bool {
    pairs(spans).any(|(one, other)| overlap(one, other))
}

/// Whether every two of the spans overlap.
pub fn all_overlap<T: PartialOrd>(spans: &[Span<T>]) -> bool {
    pairs(spans).all(|(one, other)| overlap(one, other))
}

fn pairs<T>(spans: &[T]) -> impl Iterator<Item = (&T, &T)> {
    let following = |index: usize| &spans[index + 1..];
    spans
        .iter()
        .enumerate()
        .flat_map(move |(index, one)| following(index).iter().map(move |other| (one, other)))
}
