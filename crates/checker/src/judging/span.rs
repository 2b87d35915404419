//! What was under way at the same time: spans from a beginning to an end, in seconds or in lines.

/// From where to where something was under way.
pub type Span<T> = (T, T);

/// Whether two spans have something in common.
pub fn overlap<T: PartialOrd>(one: &Span<T>, other: &Span<T>) -> bool {
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

/// Every two of these.
pub fn pairs<T>(spans: &[T]) -> impl Iterator<Item = (&T, &T)> {
    let following = |index: usize| &spans[index + 1..];
    spans
        .iter()
        .enumerate()
        .flat_map(move |(index, one)| following(index).iter().map(move |other| (one, other)))
}
